"""The endpoints, one file each; `routes.py` says under which address each is found."""
