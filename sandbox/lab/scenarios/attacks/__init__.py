"""The attacks: one story a file, strangers to one another."""
