"""The API under a fuzzer that nobody here wrote."""
