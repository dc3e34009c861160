"""Benches: what the operator costs and how fast it is, on the real control plane and the simulator. Not run by pytest.

`make bench` prints the figures, `make bench ARGS=--write` writes them into docs/performance.md too.
"""
