"""The journal: what was asked and answered lately, why it was refused, and which fault had a hand in it.

`recorder.py` captures a request and `ring.py` keeps the last ones, in memory that all workers share. Only when somebody
reads does `entry.py` make sense of what was captured, `rules.py` find the rule behind a refusal, and `redaction.py` remove
the secrets: a request costs next to nothing, and what it carried never reaches the database, the disk or a reader.
"""
