"""Figures: pure functions from sums to what people read. No database handle, no clock, nothing of ours imported."""
