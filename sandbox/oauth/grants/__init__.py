"""The grants: what a client may exchange for tokens. Siblings are strangers; `server.py` lists them."""
