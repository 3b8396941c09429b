"""Measures the client beside others, in one interleaved run: `python -m benchmarks --help`."""
