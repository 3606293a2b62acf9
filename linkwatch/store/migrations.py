"""The schema, one step after another. A step that has shipped is never edited: add the next one to `STEPS`.

Times are ISO 8601 text in UTC, so that they sort as they are read; JSON is compact with sorted keys, so that equal
values are equal text.
"""

from sqlite_utils import Database, Migrations

from linkwatch.store import rows, search

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


_REVIEWS = """
ALTER TABLE runs ADD COLUMN asked INTEGER NOT NULL DEFAULT 0 CHECK (asked IN (0, 1));
ALTER TABLE links ADD COLUMN fingerprint TEXT;
ALTER TABLE links ADD COLUMN beats BLOB;

CREATE TABLE seen (
    link_id TEXT NOT NULL PRIMARY KEY REFERENCES links (id),
    url TEXT NOT NULL,
    learnt_at TEXT NOT NULL,
    title TEXT,
    h1 TEXT,
    text BLOB NOT NULL,
    shingles BLOB NOT NULL,
    shingle_count INTEGER NOT NULL,
    links TEXT NOT NULL
) STRICT;

CREATE TABLE reviews (
    id INTEGER PRIMARY KEY,
    link_id TEXT NOT NULL REFERENCES links (id),
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    note TEXT,
    until TEXT,
    fingerprint TEXT,
    details TEXT NOT NULL DEFAULT '{}',
    ended_at TEXT,
    ended_as TEXT,
    undoes INTEGER REFERENCES reviews (id)
) STRICT;
CREATE INDEX reviews_of_link ON reviews (link_id);
CREATE INDEX reviews_that_hold ON reviews (link_id, action) WHERE ended_at IS NULL;

CREATE TABLE requests (
    id INTEGER PRIMARY KEY,
    link_id TEXT NOT NULL REFERENCES links (id),
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    done_at TEXT,
    run_id INTEGER REFERENCES runs (id),
    outcome TEXT
) STRICT;
CREATE UNIQUE INDEX requests_waiting ON requests (link_id) WHERE done_at IS NULL;
CREATE INDEX requests_of_link ON requests (link_id);

CREATE TABLE tokens (
    name TEXT NOT NULL PRIMARY KEY,
    role TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    made_at TEXT NOT NULL
) STRICT;

CREATE TABLE sessions (
    digest TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    token TEXT REFERENCES tokens (name) ON DELETE CASCADE,
    "groups" TEXT NOT NULL,
    made_at TEXT NOT NULL,
    ends_at TEXT NOT NULL
) STRICT;

CREATE INDEX transitions_by_time ON transitions (at);
"""

# The indexes of links hold all that the desk chooses and orders by, so that it reads them and not the wide rows;
# `removed_at` is in them since SQLite does not see that their condition says what it is.
_LOOKED_FOR = """
ALTER TABLE links ADD COLUMN sort_name TEXT NOT NULL DEFAULT '';
ALTER TABLE links ADD COLUMN searched TEXT NOT NULL DEFAULT '';
ALTER TABLE links ADD COLUMN searched_title TEXT NOT NULL DEFAULT '';

CREATE INDEX links_by_state ON links (state, finding, verdict, finding_reason, since, position, id, removed_at)
    WHERE removed_at IS NULL;
CREATE INDEX links_by_owner ON links (owner, state, finding, verdict, since, position, id, removed_at)
    WHERE removed_at IS NULL;
CREATE INDEX links_by_county ON links (county, state, finding, verdict, since, position, id, removed_at)
    WHERE removed_at IS NULL;
CREATE INDEX links_by_position ON links
    (position, id, state, finding, verdict, since, sort_name, searched, searched_title, removed_at)
    WHERE removed_at IS NULL;
CREATE INDEX links_by_check ON links (checked_at, position, id, state, removed_at) WHERE removed_at IS NULL;

CREATE INDEX reviews_by_action ON reviews (action, link_id, until) WHERE ended_at IS NULL;
CREATE INDEX reviews_by_assignee ON reviews (json_extract(details, '$.assignee')) WHERE action = 'assign';

CREATE TABLE link_tags (
    tag TEXT NOT NULL,
    link_id TEXT NOT NULL REFERENCES links (id),
    PRIMARY KEY (tag, link_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX tags_of_link ON link_tags (link_id);

CREATE TABLE incident_links (
    link_id TEXT NOT NULL,
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    PRIMARY KEY (link_id, incident_id)
) STRICT, WITHOUT ROWID;

INSERT INTO incident_links (link_id, incident_id)
    SELECT DISTINCT listed.value, incidents.id FROM incidents, json_each(incidents.links) AS listed;
INSERT INTO link_tags (tag, link_id)
    SELECT DISTINCT listed.value, links.id FROM links, json_each(links.tags) AS listed WHERE removed_at IS NULL;
"""

_SOURCES_AND_TITLES = "SELECT id, name, url, owner, contact, county, listing, tags, paused, title FROM links"
_FILL_LOOKED_FOR = "UPDATE links SET sort_name = ?, searched = ?, searched_title = ? WHERE id = ?"


def m0004_reviews(db: Database) -> None:
    db.executescript(_REVIEWS)
    db.executescript(_LOOKED_FOR)
    for *source, title in db.execute(_SOURCES_AND_TITLES).fetchall():
        of = rows.to_source(source)
        filled = (search.sort_key(of.name), search.searched(of), search.fold(title or ""), of.id)
        db.execute(_FILL_LOOKED_FOR, filled)


# Contents and tellings are kept once however many are sent the same, by the SHA-256 of what they hold.
_OUTBOX = """
CREATE TABLE contents (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    packed BLOB NOT NULL
) STRICT;

CREATE TABLE tellings (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    packed BLOB NOT NULL
) STRICT;

CREATE TABLE subscriptions (
    id TEXT NOT NULL PRIMARY KEY,
    address TEXT NOT NULL,
    zone TEXT NOT NULL,
    due_on TEXT NOT NULL,
    rhythm TEXT NOT NULL,
    choice TEXT NOT NULL,
    telling_id INTEGER REFERENCES tellings (id),
    told_at TEXT,
    removed_at TEXT
) STRICT;
CREATE INDEX subscriptions_by_due ON subscriptions (due_on) WHERE removed_at IS NULL;
CREATE INDEX subscriptions_of_telling ON subscriptions (telling_id);

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    recipient TEXT NOT NULL,
    message_id TEXT NOT NULL,
    content_id INTEGER NOT NULL REFERENCES contents (id),
    subscription_id TEXT REFERENCES subscriptions (id),
    telling_id INTEGER REFERENCES tellings (id),
    addressed TEXT NOT NULL,
    reply_to TEXT NOT NULL,
    once TEXT UNIQUE,
    made_at TEXT NOT NULL,
    first_at TEXT NOT NULL,
    not_before TEXT NOT NULL,
    lease TEXT,
    leased_until TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    bare INTEGER NOT NULL DEFAULT 0 CHECK (bare IN (0, 1)),
    doubtful INTEGER NOT NULL DEFAULT 0 CHECK (doubtful IN (0, 1)),
    fate TEXT NOT NULL DEFAULT 'pending' CHECK (fate IN ('pending', 'sent', 'dead', 'merged')),
    ended_at TEXT,
    detail TEXT,
    acknowledged INTEGER NOT NULL DEFAULT 0 CHECK (acknowledged IN (0, 1))
) STRICT;
CREATE INDEX outbox_new ON outbox (channel, not_before, id) WHERE fate = 'pending' AND attempts = 0;
CREATE INDEX outbox_again ON outbox (channel, not_before, id) WHERE fate = 'pending' AND attempts > 0;
CREATE INDEX outbox_of_subscription ON outbox (subscription_id) WHERE fate = 'pending';
CREATE INDEX outbox_dead ON outbox (id) WHERE fate = 'dead';
CREATE INDEX outbox_ended ON outbox (ended_at) WHERE fate <> 'pending';
CREATE INDEX outbox_of_message ON outbox (message_id);
CREATE INDEX outbox_of_content ON outbox (content_id);
CREATE INDEX outbox_of_telling ON outbox (telling_id);

CREATE TABLE problems (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    since TEXT NOT NULL,
    told_at TEXT,
    details TEXT NOT NULL,
    PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE keys (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;
"""


def m0005_outbox(db: Database) -> None:
    db.executescript(_OUTBOX)


# `wants` is a hash of what a subscriber hears of, and in which language, in the configuration.
# `days` holds what is left of checks that are older than [history] raw_days: a row for each link and day in UTC.
_OPERATIONS = """
CREATE TABLE jobs (
    name TEXT NOT NULL PRIMARY KEY,
    zone TEXT NOT NULL,
    hour INTEGER NOT NULL,
    due_on TEXT NOT NULL,
    token TEXT,
    started_at TEXT,
    ended_at TEXT,
    done_at TEXT,
    outcome TEXT,
    detail TEXT
) STRICT;

CREATE TABLE days (
    link_id TEXT NOT NULL REFERENCES links (id),
    day TEXT NOT NULL,
    times INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT,
    http_status INTEGER,
    kinds INTEGER NOT NULL DEFAULT 1,
    timed INTEGER NOT NULL,
    elapsed_sum INTEGER NOT NULL,
    elapsed_min INTEGER,
    elapsed_max INTEGER,
    PRIMARY KEY (link_id, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX days_by_day ON days (day);

ALTER TABLE subscriptions ADD COLUMN wants TEXT;

DROP INDEX links_by_check;
CREATE INDEX links_by_check ON links (checked_at, position, id, state, removed_at, elapsed_ms) WHERE removed_at IS NULL;
CREATE INDEX reviews_undoing ON reviews (undoes) WHERE undoes IS NOT NULL;
CREATE INDEX incident_links_of_incident ON incident_links (incident_id);
CREATE INDEX reviews_judged ON reviews (link_id, fingerprint, id, action, ended_as)
    WHERE action IN ('approve', 'confirm');
"""


def m0006_operations(db: Database) -> None:
    db.executescript(_OPERATIONS)


# `withdrawn_tokens` are those that were revoked, so that a copy of before does not bring them back; `changed_at` tells
# when a subscriber last chose for themselves. `marks` holds what the database knows of itself.
_WITHDRAWN = """
CREATE TABLE withdrawn_tokens (
    digest TEXT NOT NULL PRIMARY KEY,
    at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE subscriptions ADD COLUMN changed_at TEXT;

CREATE TABLE marks (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""


def m0007_withdrawn(db: Database) -> None:
    db.executescript(_WITHDRAWN)


STEPS = (
    m0001_first,
    m0002_incidents_and_probes,
    m0003_listings,
    m0004_reviews,
    m0005_outbox,
    m0006_operations,
    m0007_withdrawn,
)
STEP_NAMES = tuple(step.__name__ for step in STEPS)

migrations = Migrations("linkwatch")
for step in STEPS:
    migrations(name=step.__name__)(step)
