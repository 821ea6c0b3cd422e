"""What is added to grants and answers, one idea a file; `server.py` lists them."""
