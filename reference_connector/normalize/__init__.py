"""From a vendor's record to an OCSF 1.8.0 event, by the manifest's mapping and nothing else.

A mapping is resolved against OCSF once (`plan`, over the facts in `ocsf`), written out as plain Python once (`writer`)
and then costs a few microseconds a record (`mapper`). `validate` judges a finished event on its own.
"""
