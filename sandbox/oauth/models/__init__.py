"""What the authorization server keeps beside clients, families and tokens (those are `access/`'s)."""
