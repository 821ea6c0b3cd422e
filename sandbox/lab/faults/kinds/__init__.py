"""The kinds of faults, one idea a file; `catalog.py` lists them. Siblings are strangers."""
