"""NorthStar: a terminal P&L cockpit over one local, exact, append-only store."""

__version__ = "0.1.0"
