"""Faults: what a real vendor does wrong now and then, on demand, so that a client can be seen to cope.

`fault.py` says what a kind of fault is, `catalog.py` lists them, `kinds/` has one file an idea. `store.py` keeps the faults
that are set and counts them, `engine.py` lets them act. A new kind is a new file and a line in the catalog, nothing else.
"""
