"""Sources know the outside world and nothing of the store: each turns bytes into events, and none of them writes."""
