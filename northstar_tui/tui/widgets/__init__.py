"""What screens are made of: pure painters (chart, bars, tiles) and the few Textual widgets that hold
lines."""
