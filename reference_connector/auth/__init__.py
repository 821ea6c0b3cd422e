"""Ways of signing in. Each is a flow that yields requests and receives answers, so it never touches a socket itself."""
