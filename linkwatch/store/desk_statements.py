"""The SQL of the desk, but for what it chooses links by (`desk_selection`). Ids that are wanted come as a JSON array.

No statement reads a table that grows from end to end, and links only by an index.
"""
# ruff: noqa: S608  (put together from constants; what people give is always bound)

from linkwatch.core.models import ALARMS, LISTING_PREFIX
from linkwatch.core.reviews import QUIETING

IS_LINK = f"l.removed_at IS NULL AND l.id NOT GLOB '{LISTING_PREFIX}*'"

WORKS = "(l.state = 'ok' OR l.state = 'attention' AND coalesce(l.finding, l.verdict) IS 'redirected')"

_IS_ALARM = f"""l.state IN ({", ".join(f"'{state}'" for state in ALARMS)})"""

_KEEPS_QUIET = f"""r.ended_at IS NULL AND r.action IN ({", ".join(f"'{action}'" for action in sorted(QUIETING))})
    AND (r.until IS NULL OR r.until > :now)"""

IS_QUIET = f"EXISTS (SELECT 1 FROM reviews AS r WHERE r.link_id = l.id AND {_KEEPS_QUIET})"

IS_OPEN = f"{_IS_ALARM} AND NOT {WORKS} AND NOT {IS_QUIET}"

# ---------------------------------------------------------------- counts

COUNT_STATES = f"""
SELECT l.state, count(*), sum({WORKS}) FROM links AS l INDEXED BY links_by_state WHERE {IS_LINK} GROUP BY l.state
"""

COUNT_OPEN = f"SELECT count(*) FROM links AS l WHERE {IS_LINK} AND {IS_OPEN}"

COUNT_ANSWERS = f"""
SELECT r.action, count(DISTINCT l.id) FROM reviews AS r CROSS JOIN links AS l ON l.id = r.link_id
WHERE {_KEEPS_QUIET} AND {IS_LINK} GROUP BY r.action
"""

COUNT_COUNTIES = f"""
SELECT l.county, CASE WHEN {WORKS} THEN 'ok' ELSE l.state END, count(*), min(l.id)
FROM links AS l INDEXED BY links_by_county WHERE {IS_LINK} AND l.county IS NOT NULL GROUP BY 1, 2
"""

COUNT_OWNERS = f"""
SELECT l.owner, count(*), sum(l.state = 'broken') FROM links AS l INDEXED BY links_by_owner WHERE {IS_LINK} GROUP BY 1
"""

COUNT_OPEN_OF_OWNERS = f"SELECT l.owner, count(*) FROM links AS l WHERE {IS_LINK} AND {IS_OPEN} GROUP BY 1"

# ---------------------------------------------------------------- what there is to do

WAITING = f"""
SELECT l.id, l.state, coalesce(l.finding, l.verdict), l.finding, l.finding_reason, l.since
FROM links AS l
WHERE {IS_LINK} AND l.state IN ('broken', 'moved', 'attention', 'failing') AND NOT {WORKS} AND NOT {IS_QUIET}
ORDER BY l.position
"""

# ';' follows ':' in ASCII.
OUR_PAGES = f"""
SELECT l.id, l.state, l.finding FROM links AS l
WHERE l.id >= '{LISTING_PREFIX}' AND l.id < '{LISTING_PREFIX[:-1]};' AND l.removed_at IS NULL AND NOT {IS_QUIET}
ORDER BY l.position
"""

OPEN_INCIDENTS = "SELECT id, open_links FROM incidents WHERE closed_at IS NULL ORDER BY opened_at, id"

# ---------------------------------------------------------------- one link

BEATS = "SELECT beats FROM links WHERE id = ?"

TITLES = """
SELECT first_at, last_at, title, last_modified FROM checks
WHERE link_id = ? AND (title IS NOT NULL OR last_modified IS NOT NULL) ORDER BY id DESC
"""

DAYS_OF_TITLES = "SELECT day FROM days WHERE link_id = ? ORDER BY day"

SEEN = "SELECT url, learnt_at, title, h1, text, shingles, shingle_count, links FROM seen WHERE link_id = ?"

TRANSITIONS = """
SELECT link_id, at, old, new, verdict, reason FROM transitions WHERE link_id = ? ORDER BY id DESC LIMIT ?
"""

# From the last one before on; the subquery steps back over those since.
TRANSITIONS_SINCE = """
SELECT t.link_id, t.at, t.old, t.new, t.verdict, t.reason
FROM json_each(:ids) AS wanted CROSS JOIN transitions AS t ON t.link_id = wanted.value
WHERE t.id >= coalesce(
    (SELECT id FROM transitions WHERE link_id = wanted.value AND at < :since ORDER BY id DESC LIMIT 1), 0)
ORDER BY t.id
"""

REQUESTS = """
SELECT id, link_id, at, who, done_at, run_id, outcome FROM requests
WHERE id IN (SELECT (SELECT max(id) FROM requests WHERE link_id = wanted.value) FROM json_each(?) AS wanted)
"""

# ---------------------------------------------------------------- incidents

INCIDENT = """
SELECT id, owner, host, code, reason, opened_at, last_at, closed_at, links, open_links, closed_as FROM incidents
WHERE id = ?
"""

INCIDENTS_OF_LINK = """
SELECT i.id, i.owner, i.host, i.code, i.reason, i.opened_at, i.last_at, i.closed_at, i.links, i.open_links, i.closed_as
FROM incident_links AS m CROSS JOIN incidents AS i ON i.id = m.incident_id
WHERE m.link_id = ? ORDER BY i.opened_at DESC, i.id DESC
"""

# ---------------------------------------------------------------- answers

REVIEW = """
SELECT id, link_id, at, who, action, note, until, fingerprint, details, ended_at, ended_as, undoes FROM reviews
WHERE id = ?
"""

REVIEWS = """
SELECT id, link_id, at, who, action, note, until, fingerprint, details, ended_at, ended_as, undoes FROM reviews
WHERE id < :before ORDER BY id DESC LIMIT :limit
"""

REVIEWS_OF_LINK = """
SELECT id, link_id, at, who, action, note, until, fingerprint, details, ended_at, ended_as, undoes FROM reviews
WHERE link_id = :link_id AND id < :before ORDER BY id DESC LIMIT :limit
"""

# From one name to the next by the index, however many answers name each.
ASSIGNEES = """
WITH RECURSIVE named (who) AS (
    SELECT min(json_extract(details, '$.assignee')) FROM reviews WHERE action = 'assign'
    UNION ALL
    SELECT (SELECT min(json_extract(details, '$.assignee')) FROM reviews
            WHERE action = 'assign' AND json_extract(details, '$.assignee') > named.who)
    FROM named WHERE named.who IS NOT NULL
)
SELECT who FROM named WHERE who IS NOT NULL
"""

TAGS = "SELECT DISTINCT tag FROM link_tags"
