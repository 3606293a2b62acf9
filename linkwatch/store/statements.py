"""The SQL of the repository. Where a statement's columns come out in an order, `rows` takes them in that order."""

# ---------------------------------------------------------------- configuration

KEPT = """
SELECT id, name, url, owner, contact, county, listing, tags, paused,
       state, since, verdict, reason, finding, finding_reason,
       failures, failing_since, missing, missing_since, checked_at, seen_at,
       position, removed_at
FROM links
"""

UPDATE_SOURCE = """
UPDATE links SET position = :position, removed_at = NULL, name = :name, url = :url, owner = :owner,
    contact = :contact, county = :county, listing = :listing, tags = :tags, paused = :paused,
    sort_name = :sort_name, searched = :searched
WHERE id = :id
"""

# The validators go: a 304 would say "as before" of a link of which nothing from before is believed any more.
START_ANEW = """
INSERT INTO links (id, position, name, url, owner, contact, county, listing, tags, paused, sort_name, searched,
    state, since, verdict, reason, finding, finding_reason,
    failures, failing_since, missing, missing_since, checked_at, seen_at)
VALUES (:id, :position, :name, :url, :owner, :contact, :county, :listing, :tags, :paused, :sort_name, :searched,
    :state, :since, :verdict, :reason, :finding, :finding_reason,
    :failures, :failing_since, :missing, :missing_since, :checked_at, :seen_at)
ON CONFLICT (id) DO UPDATE SET position = excluded.position, removed_at = NULL, name = excluded.name,
    url = excluded.url, owner = excluded.owner, contact = excluded.contact, county = excluded.county,
    listing = excluded.listing, tags = excluded.tags, paused = excluded.paused,
    sort_name = excluded.sort_name, searched = excluded.searched,
    state = excluded.state, since = excluded.since, verdict = excluded.verdict, reason = excluded.reason,
    finding = excluded.finding, finding_reason = excluded.finding_reason, failures = excluded.failures,
    failing_since = excluded.failing_since, missing = excluded.missing, missing_since = excluded.missing_since,
    checked_at = excluded.checked_at, seen_at = excluded.seen_at, validators = NULL, body_hash = NULL,
    fingerprint = NULL
"""

FORGET_ADDRESS = """
UPDATE links SET http_status = NULL, final_url = NULL, redirects = '[]', title = NULL, h1 = NULL,
    last_modified = NULL, content_type = NULL, charset = NULL, elapsed_ms = NULL, tls_expires_at = NULL,
    wire_bytes = 0, evidence = '{}', suggestion = NULL, searched_title = ''
WHERE id = ?
"""

REMOVE = "UPDATE links SET removed_at = ? WHERE id = ?"

FORGET_TAGS = "DELETE FROM link_tags WHERE link_id = ?"

ADD_TAG = "INSERT OR IGNORE INTO link_tags (link_id, tag) VALUES (?, ?)"

# ---------------------------------------------------------------- runs

BEGIN_RUN = "INSERT INTO runs (started_at, due, asked) VALUES (?, ?, ?)"

FINISH_RUN = "UPDATE runs SET finished_at = ?, conclusive = ?, note = ?, visited = ? WHERE id = ?"

CLOSE_INTERRUPTED = """
UPDATE runs SET finished_at = coalesce(last_commit_at, started_at), conclusive = 0, note = 'interrupted'
WHERE finished_at IS NULL
"""

DOUBTED_SINCE = """
SELECT min(started_at) FROM runs
WHERE note IN ('own_network', 'most_changed') AND id > coalesce((SELECT max(id) FROM runs WHERE conclusive), 0)
"""

COUNT_VISITED = "UPDATE runs SET visited = visited + ?, last_commit_at = ? WHERE id = ?"

# The latest that visited all that was due; where there is none yet, the latest of any kind.
LAST_RUN = """
SELECT id, started_at, finished_at, conclusive, note, visited, asked FROM runs
WHERE id = coalesce((SELECT max(id) FROM runs WHERE NOT asked), (SELECT max(id) FROM runs))
"""

# ---------------------------------------------------------------- what a check changes

# Scalar min and max are NULL when either side is: hence both ways round.
FOLD_CHECK = """
UPDATE checks SET times = times + 1, last_at = max(last_at, :at), last_run_id = :run_id,
    timed = timed + (:elapsed_ms IS NOT NULL), elapsed_sum = elapsed_sum + coalesce(:elapsed_ms, 0),
    elapsed_min = min(coalesce(elapsed_min, :elapsed_ms), coalesce(:elapsed_ms, elapsed_min)),
    elapsed_max = max(coalesce(elapsed_max, :elapsed_ms), coalesce(:elapsed_ms, elapsed_max))
WHERE id = (SELECT max(id) FROM checks WHERE link_id = :link_id)
    AND verdict = :verdict AND reason IS :reason AND http_status IS :http_status AND final_url IS :final_url
    AND redirects = :redirects AND title IS :title AND last_modified IS :last_modified
    AND content_type IS :content_type
"""

ADD_CHECK = """
INSERT INTO checks (link_id, first_run_id, last_run_id, first_at, last_at, verdict, reason, evidence,
    http_status, final_url, redirects, title, last_modified, content_type,
    timed, elapsed_sum, elapsed_min, elapsed_max)
VALUES (:link_id, :run_id, :run_id, :at, :at, :verdict, :reason, :evidence,
    :http_status, :final_url, :redirects, :title, :last_modified, :content_type,
    :elapsed_ms IS NOT NULL, coalesce(:elapsed_ms, 0), :elapsed_ms, :elapsed_ms)
"""

# What would let the next visit take the page for unchanged is not kept while somebody waits for the link: their answer
# may have changed what the page is compared with since this visit read it.
_UNLESS_ASKED = "CASE WHEN NOT EXISTS (SELECT 1 FROM requests WHERE link_id = :id AND done_at IS NULL) THEN {} END"

UPDATE_LINK = f"""
UPDATE links SET state = :state, since = :since, verdict = :verdict, reason = :reason,
    finding = :finding, finding_reason = :finding_reason, failures = :failures, failing_since = :failing_since,
    missing = :missing, missing_since = :missing_since, checked_at = :checked_at, seen_at = :seen_at,
    http_status = :http_status, final_url = :final_url, redirects = :redirects, title = :title, h1 = :h1,
    last_modified = :last_modified, content_type = :content_type, charset = :charset, elapsed_ms = :elapsed_ms,
    tls_expires_at = :tls_expires_at, wire_bytes = :wire_bytes,
    evidence = :evidence, suggestion = :suggestion, searched_title = :searched_title,
    validators = {_UNLESS_ASKED.format(":validators")}, body_hash = {_UNLESS_ASKED.format(":body_hash")},
    fingerprint = coalesce(:fingerprint, fingerprint),
    beats = substr(CAST(coalesce(beats, x'') || :beat AS BLOB), -720)
WHERE id = :id AND url = :url AND NOT paused
"""  # noqa: S608  (put together from constants)

ADD_TRANSITION = """
INSERT INTO transitions (link_id, run_id, at, old, new, verdict, reason)
VALUES (:link_id, :run_id, :at, :old, :new, :verdict, :reason)
"""

REPLACE_COPY = "UPDATE copies SET replaced_at = ? WHERE link_id = ? AND replaced_at IS NULL"

ADD_COPY = """
INSERT INTO copies (link_id, url, learnt_at, title, h1, text, shingles, shingle_count, links)
VALUES (:link_id, :url, :learnt_at, :title, :h1, :text, :shingles, :shingle_count, :links)
"""

# ---------------------------------------------------------------- what is remembered

KNOWN = """
SELECT id,
       state, since, verdict, reason, finding, finding_reason,
       failures, failing_since, missing, missing_since, checked_at, seen_at,
       http_status, final_url, redirects, title, h1, last_modified,
       content_type, charset, elapsed_ms, tls_expires_at, wire_bytes,
       evidence, validators, body_hash
FROM links WHERE removed_at IS NULL
"""

CURRENT_COPY = """
SELECT url, learnt_at, title, h1, text, shingles, shingle_count, links
FROM copies WHERE link_id = ? AND replaced_at IS NULL
"""

HOSTS = "SELECT host, robots_status, robots_body, robots_at, not_before FROM hosts"

SAVE_HOST = """
INSERT OR REPLACE INTO hosts (host, robots_status, robots_body, robots_at, not_before)
VALUES (:host, :robots_status, :robots_body, :robots_at, :not_before)
"""

# ---------------------------------------------------------------- what is shown

IN_ORDER = "SELECT id FROM links WHERE removed_at IS NULL ORDER BY position"

# The ids of the links that are wanted come as one JSON array.
VIEWS = """
SELECT links.id, name, url, owner, contact, county, listing, tags, paused,
       state, since, verdict, reason, finding, finding_reason,
       failures, failing_since, missing, missing_since, checked_at, seen_at,
       http_status, final_url, redirects, title, h1, last_modified,
       content_type, charset, elapsed_ms, tls_expires_at, wire_bytes,
       evidence, suggestion, fingerprint
FROM json_each(?) AS wanted CROSS JOIN links ON links.id = wanted.value
WHERE removed_at IS NULL
"""

# The subquery steps over 50 entries of the index, however long the history is; a window function would read it all.
NEWEST_TRANSITIONS = """
SELECT t.link_id, t.at, t.old, t.new, t.verdict, t.reason
FROM json_each(?) AS wanted CROSS JOIN transitions AS t ON t.link_id = wanted.value
WHERE t.id >= coalesce(
    (SELECT id FROM transitions WHERE link_id = wanted.value ORDER BY id DESC LIMIT 1 OFFSET 49), 0)
ORDER BY t.id DESC
"""

HISTORY = """
SELECT link_id, first_run_id, last_run_id, first_at, last_at, times, verdict, reason, evidence, http_status, final_url,
       redirects, title, last_modified, content_type, timed, elapsed_sum, elapsed_min, elapsed_max
FROM checks WHERE link_id = ? ORDER BY id DESC LIMIT ?
"""

DAYS_OF_LINK = """
SELECT link_id, day, times, verdict, reason, http_status, kinds, timed, elapsed_sum, elapsed_min, elapsed_max
FROM days WHERE link_id = ? ORDER BY day DESC LIMIT ?
"""

# What a link's state stands on: its newest check that found the verdict and reason of the finding.
GROUNDS = """
SELECT l.id, c.first_at, c.last_at, c.times, c.evidence, c.http_status, c.final_url, c.redirects, c.title,
       c.last_modified, c.content_type
FROM json_each(?) AS wanted CROSS JOIN links AS l ON l.id = wanted.value CROSS JOIN checks AS c ON c.id = (
    SELECT max(id) FROM checks WHERE link_id = l.id AND verdict = l.finding AND reason IS l.finding_reason)
WHERE l.finding IS NOT NULL AND l.state NOT IN ('ok', 'unknown', 'no_link', 'paused')
"""

# ---------------------------------------------------------------- incidents and probes

INCIDENTS = """
SELECT id, owner, host, code, reason, opened_at, last_at, closed_at, links, open_links, closed_as FROM incidents
WHERE closed_at IS NULL OR closed_at >= ? ORDER BY opened_at, id
"""

# The plus keeps it from the index of those that closed: there are more of them than of the links' own.
INCIDENTS_OF_LINKS = """
SELECT id, owner, host, code, reason, opened_at, last_at, closed_at, links, open_links, closed_as FROM incidents
WHERE id IN (
        SELECT m.incident_id FROM json_each(?) AS wanted CROSS JOIN incident_links AS m ON m.link_id = wanted.value)
    AND (+closed_at IS NULL OR +closed_at >= ?)
ORDER BY opened_at, id
"""

ADD_INCIDENT_LINKS = """
INSERT OR IGNORE INTO incident_links (link_id, incident_id) SELECT listed.value, :id FROM json_each(:links) AS listed
"""

SAVE_INCIDENT = """
INSERT INTO incidents (id, owner, host, code, reason, opened_at, last_at, closed_at, links, open_links, closed_as)
VALUES (:id, :owner, :host, :code, :reason, :opened_at, :last_at, :closed_at, :links, :open_links, :closed_as)
ON CONFLICT (id) DO UPDATE SET last_at = excluded.last_at, closed_at = excluded.closed_at, links = excluded.links,
    open_links = excluded.open_links, closed_as = excluded.closed_as
"""

PROBES = "SELECT answers FROM probes WHERE folder = ? AND at >= ?"

SAVE_PROBES = """
INSERT INTO probes (folder, at, answers) VALUES (?, ?, ?)
ON CONFLICT (folder) DO UPDATE SET at = excluded.at, answers = excluded.answers
"""

FORGET_PROBES = "DELETE FROM probes WHERE at < ?"

# ---------------------------------------------------------------- listings

READINGS = "SELECT listing, at, found_by, links, unlinked FROM readings"

SAVE_READING = """
INSERT OR REPLACE INTO readings (listing, at, found_by, links, unlinked)
VALUES (:listing, :at, :found_by, :links, :unlinked)
"""

# ---------------------------------------------------------------- what people answered

PAUSED = "SELECT link_id FROM reviews WHERE ended_at IS NULL AND action = 'pause'"

REVIEWS_THAT_HOLD = """
SELECT r.id, r.link_id, r.at, r.who, r.action, r.note, r.until, r.fingerprint, r.details, r.ended_at, r.ended_as,
       r.undoes
FROM json_each(?) AS wanted CROSS JOIN reviews AS r ON r.link_id = wanted.value
WHERE r.ended_at IS NULL AND r.action NOT IN ('accept', 'check', 'resume', 'undo') ORDER BY r.id
"""

# What is bound to a finding ends with it; who has a link, when it is well again.
END_CHANGED = """
UPDATE reviews SET ended_at = :at, ended_as = 'changed'
WHERE link_id = :link_id AND ended_at IS NULL
    AND (fingerprint <> :fingerprint OR action = 'assign' AND :is_well)
"""

END_BOUND = """
UPDATE reviews SET ended_at = ?, ended_as = 'changed'
WHERE link_id = ? AND ended_at IS NULL AND fingerprint IS NOT NULL
"""

SAVE_SEEN = """
INSERT OR REPLACE INTO seen (link_id, url, learnt_at, title, h1, text, shingles, shingle_count, links)
VALUES (:link_id, :url, :learnt_at, :title, :h1, :text, :shingles, :shingle_count, :links)
"""

FORGET_SEEN = "DELETE FROM seen WHERE link_id = ?"
