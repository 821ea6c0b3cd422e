"""The ledger: what was served to whom, written down beside the requests, so that any connector can be scored from outside.

Pages tell what is on them (`http.pagination.paginates.PageTurned`); `observer.py` notes it once the answer is final, faults
included; `spool.py` takes notes from all workers; `store.py` adds them up in the database; `score.py` reads the sum.
"""
