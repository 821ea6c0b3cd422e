"""What the tenant decided about signing in, sessions, passwords, applications and tokens: settings turned into rules.

The only place of the authorization server that knows names of settings. `app.py` plugs in what lower layers ask.
"""
