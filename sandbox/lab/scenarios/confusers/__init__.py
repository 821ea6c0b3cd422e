"""Harmless stories that look like attacks: one a file, strangers to one another."""
