"""Attacks and confusers, played by real services in virtual time, so that whatever a defender does really stops them.

`plot` says what a scenario is, `stage` what its steps work with; each story is a file in `attacks/` or `confusers/` and a
line in `catalog`. `run` plays them and writes down the truth.
"""
