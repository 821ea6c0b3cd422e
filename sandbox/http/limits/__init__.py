"""Limits as vendors have them: what a rule is, how it is measured, where its state lies, and how headers tell of it."""
