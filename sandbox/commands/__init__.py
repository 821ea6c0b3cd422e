"""The commands of `sandbox`, a group or a subject a file, and what all of them begin and end with."""
