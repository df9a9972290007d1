"""The trader's mail: over IMAP, or from .eml, mbox and Maildir on disk, to bets placed and settled.

The way of one mail: `message` (MIME to texts, tables and attachments) ▸ `sheets` and `lines` (which rows are bets, by
role) ▸ `bets` (rows to events, with `memory` of the bets announced) ▸ `reader` (all of it for one mail). `imap` and
`disk` fetch, `source` puts it together.
"""
