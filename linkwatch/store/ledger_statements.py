"""The SQL of the ledger. Where a statement's columns come out in an order, `rows` takes them in that order."""

# ---------------------------------------------------------------- the links that are answered

# The ids of the links that are wanted come as one JSON array.
STANDING = """
SELECT l.id, l.name, l.url, l.owner, l.contact, l.county, l.listing, l.tags, l.paused,
       l.state, l.since, l.verdict, l.reason, l.finding, l.finding_reason,
       l.failures, l.failing_since, l.missing, l.missing_since, l.checked_at, l.seen_at,
       l.http_status, l.final_url, l.redirects, l.title, l.h1, l.last_modified,
       l.content_type, l.charset, l.elapsed_ms, l.tls_expires_at, l.wire_bytes,
       l.evidence, l.suggestion, l.fingerprint, c.id
FROM json_each(?) AS wanted CROSS JOIN links AS l ON l.id = wanted.value
    LEFT JOIN copies AS c ON c.link_id = l.id AND c.replaced_at IS NULL
WHERE l.removed_at IS NULL
"""

KEPT_OF = """
SELECT id, name, url, owner, contact, county, listing, tags, paused,
       state, since, verdict, reason, finding, finding_reason,
       failures, failing_since, missing, missing_since, checked_at, seen_at,
       position, removed_at
FROM links WHERE id = ?
"""

# A 304 would say "as before" of a page that is judged by another copy now.
FORGET_VALIDATORS = "UPDATE links SET validators = NULL, body_hash = NULL WHERE id = ?"

RESTORE_FINGERPRINT = "UPDATE links SET fingerprint = ? WHERE id = ?"

# ---------------------------------------------------------------- the audit log

REVIEW = """
SELECT id, link_id, at, who, action, note, until, fingerprint, details, ended_at, ended_as, undoes
FROM reviews WHERE id = ?
"""

ADD_REVIEW = """
INSERT INTO reviews (link_id, at, who, action, note, until, fingerprint, details, ended_at, ended_as, undoes)
VALUES (:link_id, :at, :who, :action, :note, :until, :fingerprint, :details, :ended_at, :ended_as, :undoes)
"""

HOLDING = "SELECT id, action FROM reviews WHERE link_id = ? AND ended_at IS NULL ORDER BY id"

END = "UPDATE reviews SET ended_at = ?, ended_as = ? WHERE id = ?"

# What another answer replaced holds again, unless what it was an answer to has changed meanwhile.
REVIVE = """
UPDATE reviews SET ended_at = NULL, ended_as = NULL
WHERE id = :id AND ended_as = 'replaced' AND (fingerprint IS NULL OR fingerprint = :fingerprint)
"""

# ---------------------------------------------------------------- approved copies

HAS_SEEN = "SELECT 1 FROM seen WHERE link_id = ?"

APPROVE_SEEN = """
INSERT INTO copies (link_id, url, learnt_at, title, h1, text, shingles, shingle_count, links)
SELECT link_id, url, learnt_at, title, h1, text, shingles, shingle_count, links FROM seen WHERE link_id = ?
"""

WITHDRAW_COPY = "UPDATE copies SET replaced_at = ? WHERE id = ? AND replaced_at IS NULL"

REVIVE_COPY = "UPDATE copies SET replaced_at = NULL WHERE id = ? AND link_id = ?"

SEE_AGAIN = """
INSERT OR IGNORE INTO seen (link_id, url, learnt_at, title, h1, text, shingles, shingle_count, links)
SELECT link_id, url, learnt_at, title, h1, text, shingles, shingle_count, links FROM copies WHERE id = ?
"""

# ---------------------------------------------------------------- links to be looked at now

ASK = """
INSERT INTO requests (link_id, at, who) VALUES (?, ?, ?)
ON CONFLICT (link_id) WHERE done_at IS NULL DO NOTHING
"""

OVERTAKE = "UPDATE requests SET done_at = ?, outcome = 'overtaken' WHERE link_id = ? AND done_at IS NULL"

# Asked every second: not all that was ever asked for is to be read for it.
WAITING = """
SELECT id, link_id, at, who, done_at, run_id, outcome FROM requests INDEXED BY requests_waiting
WHERE done_at IS NULL ORDER BY id LIMIT ?
"""

WAITING_OF = """
SELECT r.id, r.link_id, r.at, r.who, r.done_at, r.run_id, r.outcome
FROM json_each(?) AS wanted CROSS JOIN requests AS r ON r.link_id = wanted.value
WHERE r.done_at IS NULL
"""

FINISH = "UPDATE requests SET done_at = ?, run_id = ?, outcome = ? WHERE id = ? AND done_at IS NULL"
