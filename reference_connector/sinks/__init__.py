"""Where records go. A sink makes its writes durable together with the checkpoint, so a crash repeats, never doubles."""
