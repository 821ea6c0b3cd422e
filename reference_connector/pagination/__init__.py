"""Ways of asking for the next page: plain data in, plain data out, so each is tested in microseconds without HTTP."""
