"""Performance claims, one module each: `python -m benchmarks.NAME [--json]` starts what it needs and prints figures.

Ratios come from one run, ours and the other side in turn, because machines are noisy. `make bench` runs all of them and
writes `docs/benchmarks.md`.
"""
