"""How clients prove who they are: one file a method, exactly one method a request (RFC 6749 §2.3)."""
