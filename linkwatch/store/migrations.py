"""The schema, one step after another. A step that has shipped is never edited: add the next one to `STEPS`.

Times are ISO 8601 text in UTC, so that they sort as they are read; JSON is compact with sorted keys, so that equal
values are equal text.
"""

from sqlite_utils import Database, Migrations

APPLICATION_ID = 0x4C4E4B57  # "LNKW": how `file` and we know our own databases

_FIRST = """
PRAGMA application_id = 1280199511;

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    started_at TEXT NOT NULL,
    due INTEGER NOT NULL,
    visited INTEGER NOT NULL DEFAULT 0,
    last_commit_at TEXT,
    finished_at TEXT,
    conclusive INTEGER CHECK (conclusive IN (0, 1)),
    note TEXT
) STRICT;

CREATE TABLE links (
    id TEXT NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL,
    removed_at TEXT,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    owner TEXT NOT NULL,
    contact TEXT,
    county TEXT,
    listing TEXT,
    tags TEXT NOT NULL,
    paused INTEGER NOT NULL CHECK (paused IN (0, 1)),
    state TEXT NOT NULL,
    since TEXT,
    verdict TEXT,
    reason TEXT,
    finding TEXT,
    finding_reason TEXT,
    failures INTEGER NOT NULL DEFAULT 0,
    failing_since TEXT,
    missing INTEGER NOT NULL DEFAULT 0,
    missing_since TEXT,
    checked_at TEXT,
    seen_at TEXT,
    http_status INTEGER,
    final_url TEXT,
    redirects TEXT NOT NULL DEFAULT '[]',
    title TEXT,
    h1 TEXT,
    last_modified TEXT,
    content_type TEXT,
    charset TEXT,
    elapsed_ms INTEGER,
    tls_expires_at TEXT,
    wire_bytes INTEGER NOT NULL DEFAULT 0,
    evidence TEXT NOT NULL DEFAULT '{}',
    suggestion TEXT,
    validators TEXT,
    body_hash BLOB
) STRICT;

CREATE TABLE checks (
    id INTEGER PRIMARY KEY,
    link_id TEXT NOT NULL REFERENCES links (id),
    first_run_id INTEGER NOT NULL REFERENCES runs (id),
    last_run_id INTEGER NOT NULL REFERENCES runs (id),
    first_at TEXT NOT NULL,
    last_at TEXT NOT NULL,
    times INTEGER NOT NULL DEFAULT 1,
    verdict TEXT NOT NULL,
    reason TEXT,
    evidence TEXT NOT NULL,
    http_status INTEGER,
    final_url TEXT,
    redirects TEXT NOT NULL,
    title TEXT,
    last_modified TEXT,
    content_type TEXT,
    timed INTEGER NOT NULL,
    elapsed_sum INTEGER NOT NULL,
    elapsed_min INTEGER,
    elapsed_max INTEGER
) STRICT;
CREATE INDEX checks_of_link ON checks (link_id);

CREATE TABLE transitions (
    id INTEGER PRIMARY KEY,
    link_id TEXT NOT NULL REFERENCES links (id),
    run_id INTEGER REFERENCES runs (id),
    at TEXT NOT NULL,
    old TEXT NOT NULL,
    new TEXT NOT NULL,
    verdict TEXT,
    reason TEXT
) STRICT;
CREATE INDEX transitions_of_link ON transitions (link_id);

CREATE TABLE copies (
    id INTEGER PRIMARY KEY,
    link_id TEXT NOT NULL REFERENCES links (id),
    url TEXT NOT NULL,
    learnt_at TEXT NOT NULL,
    replaced_at TEXT,
    title TEXT,
    h1 TEXT,
    text BLOB NOT NULL,
    shingles BLOB NOT NULL,
    shingle_count INTEGER NOT NULL,
    links TEXT NOT NULL
) STRICT;
CREATE INDEX copies_of_link ON copies (link_id);
CREATE UNIQUE INDEX current_copy_of_link ON copies (link_id) WHERE replaced_at IS NULL;

CREATE TABLE hosts (
    host TEXT NOT NULL PRIMARY KEY,
    robots_status INTEGER,
    robots_body BLOB NOT NULL,
    robots_at TEXT,
    not_before TEXT
) STRICT;
"""


def m0001_first(db: Database) -> None:
    # No index leads to the checks of a run: `last_run_id` changes with each re-check and would make it churn.
    db.executescript(_FIRST)


_INCIDENTS_AND_PROBES = """
CREATE TABLE incidents (
    id TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    host TEXT NOT NULL,
    code TEXT NOT NULL,
    reason TEXT,
    opened_at TEXT NOT NULL,
    last_at TEXT NOT NULL,
    closed_at TEXT,
    links TEXT NOT NULL,
    open_links TEXT NOT NULL
) STRICT;
CREATE INDEX incidents_closed ON incidents (closed_at);

CREATE TABLE probes (
    folder TEXT NOT NULL PRIMARY KEY,
    at TEXT NOT NULL,
    answers BLOB NOT NULL
) STRICT;
"""


def m0002_incidents_and_probes(db: Database) -> None:
    db.executescript(_INCIDENTS_AND_PROBES)


_LISTINGS = """
ALTER TABLE incidents ADD COLUMN closed_as TEXT;

CREATE TABLE readings (
    listing TEXT NOT NULL PRIMARY KEY,
    at TEXT NOT NULL,
    found_by TEXT NOT NULL,
    links TEXT NOT NULL,
    unlinked TEXT NOT NULL
) STRICT;
"""


def m0003_listings(db: Database) -> None:
    db.executescript(_LISTINGS)


STEPS = (m0001_first, m0002_incidents_and_probes, m0003_listings)
STEP_NAMES = tuple(step.__name__ for step in STEPS)

migrations = Migrations("linkwatch")
for step in STEPS:
    migrations(name=step.__name__)(step)
