"""The vendor's resources: one folder each, always the same five files. `roles` is the one to read and copy first."""
