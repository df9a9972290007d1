"""What DESIGN.md section 9 promises, measured by anyone: ``python -m benchmarks``.

Absolute times hold for one machine only, so every row is a ratio to a baseline measured in the same run.
"""
