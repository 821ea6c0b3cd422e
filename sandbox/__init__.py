"""Harbor: a simulated SaaS vendor, to practise and prove security integrations against.

`create_app` builds the whole application; `app.py` is its table of contents and the place to start reading.
"""
