"""The ledger: one SQLite file that turns events into entries and keeps every rollup current as it does.

It knows events and nothing of who sent them. Import from its modules; `store.Store` is the door.
"""
