"""The benchmarks: what things cost, as ratios to a constant answer of the same server, in one run."""
