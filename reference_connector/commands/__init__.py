"""One command a file, each exported as `command`; what they share stands in `options`, `console` and `signals`."""
