"""Posture: how well the tenant is set up, judged from its raw records by the manifest's rules.

Reading order: `rule` (one rule, one verdict), `score` (many verdicts, one number), `engine` (from the output folder to
posture.json and findings.jsonl).
"""
