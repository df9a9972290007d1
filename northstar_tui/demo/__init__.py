"""A simulated company, told in the ledger's own events: for the first look, for screenshots, for load."""
