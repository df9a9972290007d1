"""The store's tables, as versioned additive migrations. The comments in them are the data dictionary."""

from __future__ import annotations

TOUCHED_KEPT = 1000
"""Appends whose touched days are remembered; a reader further behind reads everything again."""

MIGRATIONS: tuple[str, ...] = (
    """
CREATE TABLE meta ( -- facts about this store: the rules it was derived under, its kind
    name TEXT PRIMARY KEY, -- rules, kind, created_at, derived_at (when entries were last derived again)
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE dimension ( -- interned names: sources, books, categories, kinds, instruments
    id INTEGER PRIMARY KEY,
    axis TEXT NOT NULL, -- source, book, category, kind, event_kind, instrument, same, side or title
    name TEXT NOT NULL, -- as said by the source or the config
    UNIQUE (axis, name)
);

CREATE TABLE origin ( -- where bytes came from: one file, known by its content
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL, -- file name when first read
    sha256 TEXT NOT NULL UNIQUE, -- of all its bytes
    size INTEGER NOT NULL, -- bytes
    complete INTEGER NOT NULL DEFAULT 0 -- 1 once it was read to its end
);

CREATE TABLE subject ( -- what events are about: one key of one source; append-only
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES dimension,
    key TEXT NOT NULL, -- unique within the source
    UNIQUE (source_id, key)
);

CREATE TABLE event ( -- the log: immutable things that sources said; append-only
    id INTEGER PRIMARY KEY, -- order of recording
    subject_id INTEGER NOT NULL REFERENCES subject,
    revision INTEGER NOT NULL, -- 1 for the first thing said about the subject, then 2, 3, …
    kind_id INTEGER NOT NULL REFERENCES dimension, -- dotted, past tense: bet.settled
    occurred_at INTEGER NOT NULL, -- microseconds UTC, when it happened
    recorded_at INTEGER NOT NULL, -- microseconds UTC, when this store learned of it
    book_id INTEGER REFERENCES dimension, -- whose money, where the operator or source said so
    origin_id INTEGER REFERENCES origin, -- file it came from
    line INTEGER, -- line or record number in the origin
    body TEXT NOT NULL, -- JSON facts; amounts in micro-units of the body's currency, times in microseconds UTC
    raw TEXT NOT NULL, -- the source's own text of this record
    UNIQUE (subject_id, revision)
);

CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER subject_no_update BEFORE UPDATE ON subject BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER subject_no_delete BEFORE DELETE ON subject BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

CREATE TABLE entry ( -- lines that bear money, projected from the newest events about one subject; rebuildable
    id INTEGER PRIMARY KEY REFERENCES subject, -- the subject
    event_id INTEGER NOT NULL REFERENCES event, -- its newest event
    source_id INTEGER NOT NULL REFERENCES dimension,
    book_id INTEGER NOT NULL REFERENCES dimension,
    category_id INTEGER NOT NULL REFERENCES dimension,
    kind_id INTEGER NOT NULL REFERENCES dimension, -- trade, credit, cost or revenue
    instrument_id INTEGER NOT NULL REFERENCES dimension,
    opened_at INTEGER NOT NULL, -- microseconds UTC
    closed_at INTEGER, -- microseconds UTC; NULL while open
    stake INTEGER, -- micro-dollars at risk at entry, entry fees included; NULL where the source does not say
    gross INTEGER NOT NULL, -- micro-dollars before fees
    fees INTEGER NOT NULL, -- micro-dollars, positive = paid
    net INTEGER NOT NULL, -- micro-dollars = gross - fees; costs negative
    outcome INTEGER, -- of a closed trade, by the sign of its net: 1 win, -1 loss, 0 scratch; else NULL
    incomplete INTEGER NOT NULL, -- 1 where a foreign amount has no rate: its money is not in gross, fees and net
    currency TEXT, -- of the amounts as stated; NULL for USD
    stated_net INTEGER, -- micro-units of currency, where that is not USD
    rate TEXT, -- USD per unit used, decimal text
    CHECK (net = gross - fees),
    CHECK (outcome IS NULL OR (outcome BETWEEN -1 AND 1 AND closed_at IS NOT NULL)),
    CHECK (incomplete = 0 OR (gross = 0 AND fees = 0))
);
CREATE INDEX entry_closed ON entry (closed_at, id) WHERE closed_at IS NOT NULL;
CREATE INDEX entry_opened ON entry (opened_at, id);

CREATE TABLE cursor ( -- how far a source has been read; stored with the rows it covers
    source_id INTEGER PRIMARY KEY REFERENCES dimension,
    value TEXT NOT NULL,
    updated_at INTEGER NOT NULL -- microseconds UTC
);

CREATE TABLE run ( -- one execution of a source or an import
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES dimension,
    origin_id INTEGER REFERENCES origin,
    started_at INTEGER NOT NULL, -- microseconds UTC
    finished_at INTEGER, -- microseconds UTC; NULL while running, or where it was killed
    outcome TEXT NOT NULL, -- running, done, partial (some records in quarantine), failed or stopped
    read INTEGER NOT NULL DEFAULT 0, -- records read
    new INTEGER NOT NULL DEFAULT 0,
    unchanged INTEGER NOT NULL DEFAULT 0,
    revised INTEGER NOT NULL DEFAULT 0,
    quarantined INTEGER NOT NULL DEFAULT 0,
    error TEXT -- in a sentence
);

CREATE TABLE quarantine ( -- records that could not be read, with the reason; nothing is dropped in silence
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES dimension,
    origin_id INTEGER REFERENCES origin,
    line INTEGER, -- line or record number in the origin
    field TEXT NOT NULL,
    reason TEXT NOT NULL, -- what is wrong and how to mend it
    raw TEXT NOT NULL,
    recorded_at INTEGER NOT NULL -- microseconds UTC
);
CREATE UNIQUE INDEX quarantine_once ON quarantine (source_id, ifnull(origin_id, 0), ifnull(line, 0), field, raw);

CREATE TABLE batch ( -- one row per append that changed something; readers follow it to see what to read again
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES dimension,
    recorded_at INTEGER NOT NULL, -- microseconds UTC
    new INTEGER NOT NULL,
    revised INTEGER NOT NULL,
    quarantined INTEGER NOT NULL
);

CREATE TABLE touched ( -- the days an append changed, for readers that refresh only what is stale; recent appends only
    batch_id INTEGER NOT NULL REFERENCES batch,
    rollup TEXT NOT NULL, -- name of the rollup
    day INTEGER NOT NULL, -- microseconds UTC, start of the local day
    PRIMARY KEY (batch_id, rollup, day)
) WITHOUT ROWID;
""",
    """
CREATE TEMP TABLE kept AS SELECT * FROM run;
DROP TABLE run;
CREATE TABLE run ( -- one execution of a source or an import
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES dimension,
    origin_id INTEGER REFERENCES origin,
    started_at INTEGER NOT NULL, -- microseconds UTC
    finished_at INTEGER, -- microseconds UTC; NULL while running, or where it was killed
    outcome TEXT NOT NULL, -- running, done, partial (some records in quarantine), failed or stopped
    read INTEGER NOT NULL DEFAULT 0, -- records read
    new INTEGER NOT NULL DEFAULT 0,
    unchanged INTEGER NOT NULL DEFAULT 0,
    revised INTEGER NOT NULL DEFAULT 0,
    quarantined INTEGER NOT NULL DEFAULT 0,
    error TEXT, -- in a sentence
    pages INTEGER NOT NULL DEFAULT 0, -- answers taken from the network
    bytes INTEGER NOT NULL DEFAULT 0 -- taken from the network
);
INSERT INTO run (id, source_id, origin_id, started_at, finished_at, outcome, read, new, unchanged, revised, quarantined,
    error) SELECT * FROM temp.kept;
DROP TABLE temp.kept;

CREATE TABLE breaker ( -- a source that keeps failing is left alone for a while
    source_id INTEGER PRIMARY KEY REFERENCES dimension,
    failures INTEGER NOT NULL, -- failed runs in a row
    until INTEGER NOT NULL -- microseconds UTC; no run before that instant
);

DROP TABLE entry;
CREATE TABLE entry ( -- lines that bear money, projected from the newest events about one subject; rebuildable
    id INTEGER PRIMARY KEY REFERENCES subject, -- the subject
    event_id INTEGER NOT NULL REFERENCES event, -- its newest event
    source_id INTEGER NOT NULL REFERENCES dimension,
    book_id INTEGER NOT NULL REFERENCES dimension,
    category_id INTEGER NOT NULL REFERENCES dimension,
    kind_id INTEGER NOT NULL REFERENCES dimension, -- trade, credit, cost or revenue
    instrument_id INTEGER NOT NULL REFERENCES dimension,
    opened_at INTEGER NOT NULL, -- microseconds UTC
    closed_at INTEGER, -- microseconds UTC; NULL while open
    stake INTEGER, -- micro-dollars at risk at entry, entry fees included; NULL where the source does not say
    gross INTEGER NOT NULL, -- micro-dollars before fees
    fees INTEGER NOT NULL, -- micro-dollars, positive = paid
    net INTEGER NOT NULL, -- micro-dollars = gross - fees; costs negative
    outcome INTEGER, -- of a closed trade, by the sign of its net: 1 win, -1 loss, 0 scratch; else NULL
    incomplete INTEGER NOT NULL, -- 1 where a foreign amount has no rate: its money is not in gross, fees and net
    currency TEXT, -- of the amounts as stated; NULL for USD
    stated_net INTEGER, -- micro-units of currency, where that is not USD
    rate TEXT, -- USD per unit used, decimal text
    same_id INTEGER REFERENCES dimension, -- what money this is, where it can come through another door; else NULL
    unreconciled INTEGER NOT NULL, -- micro-dollars, net less what the source states of it by another road; else 0
    mirror INTEGER NOT NULL DEFAULT 0, -- 1 where a better door of its book bears the same money: it is in no sum
    disagreement INTEGER, -- micro-dollars, on the last entry that bears a money stated twice: its net less theirs
    CHECK (net = gross - fees),
    CHECK (outcome IS NULL OR (outcome BETWEEN -1 AND 1 AND closed_at IS NOT NULL)),
    CHECK (incomplete = 0 OR (gross = 0 AND fees = 0))
);
CREATE INDEX entry_closed ON entry (closed_at, id, mirror) WHERE closed_at IS NOT NULL;
CREATE INDEX entry_opened ON entry (opened_at, id, mirror);
CREATE INDEX entry_same ON entry (same_id, book_id) WHERE same_id IS NOT NULL;
CREATE INDEX entry_mirror ON entry (closed_at, opened_at, source_id, net, mirror) WHERE mirror = 1;
CREATE INDEX entry_twice ON entry (closed_at, opened_at, source_id, disagreement) WHERE disagreement IS NOT NULL;
CREATE INDEX entry_unreconciled ON entry (closed_at, id) WHERE unreconciled <> 0 OR disagreement <> 0;
""",
    """
CREATE INDEX batch_newest ON batch (source_id, recorded_at);
CREATE INDEX run_newest ON run (source_id, coalesce(finished_at, started_at));
""",
    """
DROP TABLE entry;
CREATE TABLE entry ( -- lines that bear money, projected from the newest events about one subject; rebuildable
    id INTEGER PRIMARY KEY REFERENCES subject, -- the subject
    event_id INTEGER NOT NULL REFERENCES event, -- its newest event
    source_id INTEGER NOT NULL REFERENCES dimension,
    book_id INTEGER NOT NULL REFERENCES dimension,
    category_id INTEGER NOT NULL REFERENCES dimension,
    kind_id INTEGER NOT NULL REFERENCES dimension, -- trade, credit, cost or revenue
    instrument_id INTEGER NOT NULL REFERENCES dimension,
    opened_at INTEGER NOT NULL, -- microseconds UTC
    closed_at INTEGER, -- microseconds UTC; NULL while open
    stake INTEGER, -- micro-dollars at risk at entry, entry fees included; NULL where the source does not say
    gross INTEGER NOT NULL, -- micro-dollars before fees
    fees INTEGER NOT NULL, -- micro-dollars, positive = paid
    net INTEGER NOT NULL, -- micro-dollars = gross - fees; costs negative
    outcome INTEGER, -- of a closed trade, by the sign of its net: 1 win, -1 loss, 0 scratch; else NULL
    incomplete INTEGER NOT NULL, -- 1 where a foreign amount has no rate: its money is not in gross, fees and net
    currency TEXT, -- of the amounts as stated; NULL for USD
    stated_net INTEGER, -- micro-units of currency, where that is not USD
    rate TEXT, -- USD per unit used, decimal text
    same_id INTEGER REFERENCES dimension, -- what money this is, where it can come through another door; else NULL
    unreconciled INTEGER NOT NULL, -- micro-dollars, net less what the source states of it by another road; else 0
    mirror INTEGER NOT NULL DEFAULT 0, -- 1 where a better door of its book bears the same money: it is in no sum
    disagreement INTEGER, -- micro-dollars, on the last entry that bears a money stated twice: its net less theirs
    side_id INTEGER REFERENCES dimension, -- what was taken, as stated: yes, no, long, a team; else NULL
    title_id INTEGER REFERENCES dimension, -- what it is about in words, as stated; else NULL
    CHECK (net = gross - fees),
    CHECK (outcome IS NULL OR (outcome BETWEEN -1 AND 1 AND closed_at IS NOT NULL)),
    CHECK (incomplete = 0 OR (gross = 0 AND fees = 0))
);
CREATE INDEX entry_closed ON entry (closed_at, id, mirror) WHERE closed_at IS NOT NULL;
CREATE INDEX entry_opened ON entry (opened_at, id, mirror);
CREATE INDEX entry_same ON entry (same_id, book_id) WHERE same_id IS NOT NULL;
CREATE INDEX entry_mirror ON entry (closed_at, opened_at, source_id, net, mirror) WHERE mirror = 1;
CREATE INDEX entry_twice ON entry (closed_at, opened_at, source_id, disagreement) WHERE disagreement IS NOT NULL;
CREATE INDEX entry_unreconciled ON entry (closed_at, id) WHERE unreconciled <> 0 OR disagreement <> 0;
""",
    """
CREATE TABLE fill ( -- fills, the newest statement of each: what moves positions; rebuildable
    id INTEGER PRIMARY KEY REFERENCES subject, -- the subject
    event_id INTEGER NOT NULL REFERENCES event, -- its newest event
    source_id INTEGER NOT NULL REFERENCES dimension,
    subaccount INTEGER NOT NULL, -- of the source's account; 0 is the main one
    instrument_id INTEGER NOT NULL REFERENCES dimension,
    at INTEGER NOT NULL, -- microseconds UTC
    quantity TEXT NOT NULL, -- decimal; negative where it sold, or bought NO
    price TEXT NOT NULL, -- decimal, of one contract; of YES where there is NO
    fees INTEGER NOT NULL, -- micro-units of currency, positive = paid
    currency TEXT, -- of price and fees; NULL for USD
    start TEXT, -- decimal: the position before it, where the venue says so
    booked INTEGER NOT NULL, -- 1 where it bears an entry: its money is in P&L
    pays INTEGER NOT NULL, -- 1 where a contract pays a dollar or nothing: a negative position is NO
    book_id INTEGER NOT NULL REFERENCES dimension,
    category_id INTEGER NOT NULL REFERENCES dimension,
    problem TEXT -- why it cannot be read: it moves nothing; else NULL
);
CREATE INDEX fill_moves ON fill (source_id, instrument_id, subaccount, at);
CREATE INDEX fill_problem ON fill (source_id) WHERE problem IS NOT NULL;

CREATE TABLE settlement ( -- how markets ended, the newest statement of each: closes what is held; rebuildable
    id INTEGER PRIMARY KEY REFERENCES subject, -- the subject
    event_id INTEGER NOT NULL REFERENCES event, -- its newest event
    source_id INTEGER NOT NULL REFERENCES dimension,
    subaccount INTEGER, -- whose position ended; NULL for all of the source's account
    instrument_id INTEGER NOT NULL REFERENCES dimension,
    at INTEGER NOT NULL, -- microseconds UTC
    value TEXT, -- decimal, paid for one contract; NULL where it is not known
    void INTEGER NOT NULL, -- 1 where all was returned at cost
    rank INTEGER NOT NULL -- 0 where the market itself says so, 1 where an account's own result does
);
CREATE INDEX settlement_of ON settlement (source_id, instrument_id);

CREATE TABLE position ( -- cycles of positions, from flat to flat, by average cost; rebuildable
    source_id INTEGER NOT NULL REFERENCES dimension,
    subaccount INTEGER NOT NULL, -- of the source's account; 0 is the main one
    instrument_id INTEGER NOT NULL REFERENCES dimension,
    cycle INTEGER NOT NULL, -- 1 for the first time that it was held, then 2, 3, …
    opened_at INTEGER NOT NULL, -- microseconds UTC, of its first fill
    closed_at INTEGER, -- microseconds UTC; NULL while open
    over_at INTEGER, -- microseconds UTC, from when it is closed and its result in P&L; NULL while it is not
    booked INTEGER NOT NULL, -- 1 where its fills bear entries: P&L has them at once; else it waits for settlement
    pays INTEGER NOT NULL, -- 1 where a contract pays a dollar or nothing: a negative quantity is NO
    broken TEXT NOT NULL, -- why its cost is not known; empty where it is
    currency TEXT, -- NULL for USD
    book_id INTEGER NOT NULL REFERENCES dimension, -- of its first fill
    category_id INTEGER NOT NULL REFERENCES dimension, -- of its first fill
    PRIMARY KEY (source_id, instrument_id, subaccount, cycle)
) WITHOUT ROWID;
CREATE INDEX position_over ON position (over_at, opened_at);

CREATE TABLE position_version ( -- every position as it stood from one fill to the next; rebuildable
    source_id INTEGER NOT NULL REFERENCES dimension,
    subaccount INTEGER NOT NULL, -- of the source's account; 0 is the main one
    instrument_id INTEGER NOT NULL REFERENCES dimension,
    valid_from INTEGER NOT NULL, -- microseconds UTC
    cycle INTEGER NOT NULL,
    valid_to INTEGER, -- microseconds UTC, exclusive; NULL for the newest
    event_id INTEGER NOT NULL REFERENCES event, -- that stated the last fill in it
    quantity TEXT NOT NULL, -- decimal; negative is short, or NO; 0 where the cycle ended
    cost TEXT, -- decimal, exact, of what is held: paid, or received for what is short; NULL where it is not known
    gross TEXT, -- decimal, exact: realised in this cycle so far, before fees; NULL where it is not known
    fees INTEGER NOT NULL, -- micro-units, in this cycle so far
    fills INTEGER NOT NULL, -- in this cycle so far
    booked INTEGER NOT NULL, -- 1 where fills so far bear entries
    PRIMARY KEY (source_id, instrument_id, subaccount, valid_from, cycle)
) WITHOUT ROWID;

CREATE TABLE quote ( -- where quotes of an instrument are in the log: its marks; rebuildable
    source_id INTEGER NOT NULL REFERENCES dimension,
    instrument_id INTEGER NOT NULL REFERENCES dimension,
    at INTEGER NOT NULL, -- microseconds UTC
    event_id INTEGER NOT NULL REFERENCES event, -- the newest of that instant
    PRIMARY KEY (source_id, instrument_id, at)
) WITHOUT ROWID;

CREATE TABLE position_report ( -- positions as the venue reports them, to reconcile with; rebuildable
    source_id INTEGER NOT NULL REFERENCES dimension,
    subaccount INTEGER NOT NULL, -- of the source's account; 0 is the main one
    instrument_id INTEGER NOT NULL REFERENCES dimension,
    at INTEGER NOT NULL, -- microseconds UTC
    event_id INTEGER NOT NULL REFERENCES event, -- the newest of that instant
    quantity TEXT NOT NULL, -- decimal; negative is short, or NO
    until INTEGER, -- microseconds UTC, when the next report begins; NULL for the newest
    PRIMARY KEY (source_id, instrument_id, subaccount, at)
) WITHOUT ROWID;
CREATE INDEX position_report_held ON position_report (until, at) WHERE quantity <> '0';

CREATE INDEX entry_open ON entry (opened_at, id) WHERE closed_at IS NULL;
""",
    """
CREATE INDEX entry_untraded ON entry -- what is booked and no trade: few beside the trades, and read without them
    (kind_id, closed_at, id, category_id, source_id, book_id, instrument_id, net, event_id, outcome, mirror)
    WHERE outcome IS NULL AND closed_at IS NOT NULL AND mirror = 0;
""",
    """
CREATE TEMP TABLE kept AS SELECT * FROM quarantine;
DROP TABLE quarantine;
CREATE TABLE quarantine ( -- records that could not be read, with the reason; no row is ever deleted
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES dimension,
    origin_id INTEGER REFERENCES origin, -- the file it was last met in
    line INTEGER, -- line or record number in the origin
    written_at INTEGER, -- microseconds UTC, when the newest file that it was met in was written; NULL where unknown
    field TEXT NOT NULL,
    reason TEXT NOT NULL, -- what is wrong and how to mend it
    raw TEXT NOT NULL,
    recorded_at INTEGER NOT NULL, -- microseconds UTC, since when it has been there
    key TEXT, -- what the record is about, where the source can tell: the key that its event will have
    place TEXT, -- JSON: key of the record before it that reads, of the next one, its number between, how many there are
    settled_at INTEGER, -- microseconds UTC, when it was mended or dismissed; NULL while it is to be seen to
    settled_by TEXT, -- how: import of FILE, sync, dismissed: WORDS; re-opened where the operator took that back
    CHECK (settled_at IS NULL OR settled_by IS NOT NULL)
);
INSERT INTO quarantine (id, source_id, origin_id, line, field, reason, raw, recorded_at) SELECT * FROM temp.kept;
DROP TABLE temp.kept;
CREATE INDEX quarantine_record ON quarantine (source_id, raw, origin_id, line);
CREATE INDEX quarantine_open ON quarantine (source_id, key) WHERE settled_at IS NULL;
CREATE INDEX quarantine_settled ON quarantine (settled_at) WHERE settled_at IS NOT NULL;

CREATE TEMP TABLE kept AS SELECT * FROM run;
DROP TABLE run;
CREATE TABLE run ( -- one execution of a source or an import
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES dimension,
    origin_id INTEGER REFERENCES origin,
    started_at INTEGER NOT NULL, -- microseconds UTC
    finished_at INTEGER, -- microseconds UTC; NULL while running, or where it was killed
    outcome TEXT NOT NULL, -- running, done, partial (some records in quarantine), failed or stopped
    read INTEGER NOT NULL DEFAULT 0, -- records read
    new INTEGER NOT NULL DEFAULT 0,
    unchanged INTEGER NOT NULL DEFAULT 0,
    revised INTEGER NOT NULL DEFAULT 0,
    quarantined INTEGER NOT NULL DEFAULT 0,
    error TEXT, -- in a sentence
    pages INTEGER NOT NULL DEFAULT 0, -- answers taken from the network
    bytes INTEGER NOT NULL DEFAULT 0, -- taken from the network
    path TEXT, -- of an import: where the file lay; NULL for what was piped
    format TEXT, -- of an import: the format that the operator named; NULL where it was recognised
    book TEXT -- of an import: the book that the operator named
);
INSERT INTO run (id, source_id, origin_id, started_at, finished_at, outcome, read, new, unchanged, revised, quarantined,
    error, pages, bytes) SELECT * FROM temp.kept;
DROP TABLE temp.kept;
CREATE INDEX run_newest ON run (source_id, coalesce(finished_at, started_at));
CREATE INDEX run_origin ON run (origin_id) WHERE origin_id IS NOT NULL;
""",
    """
CREATE TABLE note ( -- what the operator noted about entries; rebuildable
    event_id INTEGER PRIMARY KEY REFERENCES event, -- that said it
    subject_id INTEGER NOT NULL REFERENCES subject, -- the entry
    text TEXT NOT NULL
);
CREATE INDEX note_about ON note (subject_id);

CREATE TABLE tag ( -- the tags that entries bear now; rebuildable
    subject_id INTEGER NOT NULL REFERENCES subject, -- the entry
    name TEXT NOT NULL, -- in lower case
    event_id INTEGER NOT NULL REFERENCES event, -- that said it last
    PRIMARY KEY (subject_id, name)
) WITHOUT ROWID;
CREATE INDEX tag_borne ON tag (name, subject_id);
""",
    """
CREATE INDEX event_kind ON event (kind_id); -- the newest events of a kind, however many of others came since
""",
    """
DROP INDEX entry_closed;
CREATE INDEX entry_closed ON entry (closed_at, id, mirror, net) WHERE closed_at IS NOT NULL; -- the worst from it alone
""",
)

_ANEW = ("DROP TABLE entry;", "CREATE TABLE position (")
"""What a migration says that leaves something to be derived."""
DERIVED_ANEW = max(number for number, script in enumerate(MIGRATIONS, 1) if any(said in script for said in _ANEW))
"""Newest such migration: a store older than it has its entries, rollups and positions derived again."""
