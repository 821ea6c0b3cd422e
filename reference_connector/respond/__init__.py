"""Acting at the vendor: propose, guard, act, prove, and take back.

`plan` reads the target and says exactly what would be sent; `guard` decides whether that may be; `execute` sends it and
does not call it done until a read-back shows the effect; `journal` remembers every action in `actions.jsonl`, which is
also what undo works from. Nothing here knows a vendor: what can be done is `actions` of the manifest.
"""
