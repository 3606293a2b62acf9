"""The SQL of the history: what of it may be rolled up or forgotten, and how.

Every statement that deletes says itself what may go: what was found a moment ago may be needed again by now.
"""
# ruff: noqa: S608  (put together from constants; values are always bound)

# ---------------------------------------------------------------- checks

LINKS_AFTER = "SELECT id FROM links WHERE id > ? AND NOT paused ORDER BY id LIMIT ?"

# The checks of a link that stay as they are: the newest, and the one that its finding stands on (`statements.GROUNDS`).
# Undoing a pause brings a finding back: a paused link is left alone.
KEPT = """
SELECT newest.id,
    (SELECT max(id) FROM checks WHERE link_id = l.id AND verdict = l.finding AND reason IS l.finding_reason)
FROM links AS l CROSS JOIN checks AS newest ON newest.id = (SELECT max(id) FROM checks WHERE link_id = l.id)
WHERE l.id = ? AND NOT l.paused
"""

CHECKS = """
SELECT id, first_run_id, first_at, last_at, times, verdict, reason, http_status, title,
       timed, elapsed_sum, elapsed_min, elapsed_max
FROM checks WHERE link_id = :link_id AND id > :after AND id <= :kept ORDER BY id LIMIT :limit
"""

HAS_DAYS_BETWEEN = "SELECT 1 FROM days WHERE link_id = ? AND day BETWEEN ? AND ? LIMIT 1"

FOLD_INTO = """
UPDATE checks SET first_run_id = :first_run_id, first_at = :first_at, last_at = :last_at, times = :times,
    timed = :timed, elapsed_sum = :elapsed_sum, elapsed_min = :elapsed_min, elapsed_max = :elapsed_max
WHERE id = :id
"""

FORGET_CHECK = "DELETE FROM checks WHERE id = ?"

DAY = """
SELECT link_id, day, times, verdict, reason, http_status, kinds, timed, elapsed_sum, elapsed_min, elapsed_max
FROM days WHERE link_id = ? AND day = ?
"""

SAVE_DAY = """
INSERT OR REPLACE INTO days
    (link_id, day, times, verdict, reason, http_status, kinds, timed, elapsed_sum, elapsed_min, elapsed_max)
VALUES (:link_id, :day, :times, :verdict, :reason, :http_status, :kinds, :timed, :elapsed_sum, :elapsed_min,
    :elapsed_max)
"""

# ---------------------------------------------------------------- what is past its retention

_WANTED = "IN (SELECT value FROM json_each(:ids))"

DAYS_BEFORE = "SELECT DISTINCT day FROM days INDEXED BY days_by_day WHERE day < :before ORDER BY day"
SOME_DAYS = "SELECT link_id FROM days INDEXED BY days_by_day WHERE day = ? LIMIT ?"
FORGET_DAY = "DELETE FROM days WHERE link_id = ? AND day = ?"

# The newest of those tells how the link stood when the time began that is kept.
_OLD_TRANSITION = """
at < :before AND id < (SELECT id FROM transitions AS newer WHERE newer.link_id = transitions.link_id
    AND newer.at < :before ORDER BY id DESC LIMIT 1)
"""
OLD_TRANSITIONS = f"SELECT id FROM transitions WHERE {_OLD_TRANSITION}"
FORGET_TRANSITIONS = f"DELETE FROM transitions WHERE id {_WANTED} AND {_OLD_TRANSITION}"

# What is done at once and only waits to be taken back waits no longer than that.
_WAITS = "('accept', 'resume')"
# Neither what a line of the log takes back, nor what taking one back would bring back.
_OLD_REVIEW = f"""
(ended_at < :before OR ended_at IS NULL AND at < :before AND action IN {_WAITS})
AND id < (SELECT max(id) FROM reviews) AND NOT EXISTS (
    SELECT 1 FROM reviews AS other WHERE other.link_id = reviews.link_id AND other.id <> reviews.id AND (
        other.undoes = reviews.id
        OR other.ended_at IS NULL AND NOT (other.at < :before AND other.action IN {_WAITS}) AND reviews.id IN (
            SELECT replaced.value FROM json_each(other.details, '$.replaced') AS replaced)))
"""
OLD_REVIEWS = f"SELECT id FROM reviews WHERE {_OLD_REVIEW}"
FORGET_REVIEWS = f"DELETE FROM reviews WHERE id {_WANTED} AND {_OLD_REVIEW}"

_OLD_INCIDENT = "closed_at < :before"
OLD_INCIDENTS = f"SELECT id FROM incidents WHERE {_OLD_INCIDENT}"
FORGET_INCIDENT_LINKS = f"""
DELETE FROM incident_links WHERE incident_id IN (SELECT id FROM incidents WHERE id {_WANTED} AND {_OLD_INCIDENT})
"""
FORGET_INCIDENTS = f"DELETE FROM incidents WHERE id {_WANTED} AND {_OLD_INCIDENT}"

# One that an answer approved or replaced comes back when that answer is taken back.
_OLD_COPY = """
replaced_at < :before AND id < (SELECT max(id) FROM copies) AND NOT EXISTS (
    SELECT 1 FROM reviews WHERE reviews.link_id = copies.link_id
        AND copies.id IN (json_extract(details, '$.copy'), json_extract(details, '$.was')))
"""
OLD_COPIES = f"SELECT id FROM copies WHERE {_OLD_COPY}"
FORGET_COPIES = f"DELETE FROM copies WHERE id {_WANTED} AND {_OLD_COPY}"

_OLD_REQUEST = "done_at < :before"
OLD_REQUESTS = f"SELECT id FROM requests WHERE {_OLD_REQUEST}"
FORGET_REQUESTS = f"DELETE FROM requests WHERE id {_WANTED} AND {_OLD_REQUEST}"

_OLD_PROBES = "at < :before"
OLD_PROBES = f"SELECT folder FROM probes WHERE {_OLD_PROBES}"
FORGET_PROBES = f"DELETE FROM probes WHERE folder {_WANTED} AND {_OLD_PROBES}"

_OVER_SESSION = "ends_at <= :before"
OVER_SESSIONS = f"SELECT digest FROM sessions WHERE {_OVER_SESSION}"
FORGET_SESSIONS = f"DELETE FROM sessions WHERE digest {_WANTED} AND {_OVER_SESSION}"

# One that has been looked at since was not removed when it says: a clock was wrong.
_GONE_LINK = """
removed_at < :before AND coalesce(checked_at, '') < :before
AND NOT EXISTS (SELECT 1 FROM transitions WHERE link_id = links.id AND at >= :before)
"""
GONE_LINKS = f"SELECT id FROM links WHERE {_GONE_LINK}"
_OF_LINKS = {
    "checks": "link_id", "days": "link_id", "transitions": "link_id", "copies": "link_id", "seen": "link_id",
    "reviews": "link_id", "requests": "link_id", "link_tags": "link_id", "incident_links": "link_id",
    "readings": "listing", "links": "id",
}  # fmt: skip
FORGET_LINKS = tuple(
    f"DELETE FROM {table} WHERE {column} IN (SELECT id FROM links WHERE id {_WANTED} AND {_GONE_LINK})"
    for table, column in _OF_LINKS.items()
)

# Not the one that reports speak of, nor those since the last that was conclusive (`statements.DOUBTED_SINCE`). Nothing
# comes to name a run that has ended: what is found bears the number of the run that finds it.
OLD_RUNS = """
SELECT id FROM runs
WHERE finished_at < :before AND id < (SELECT max(id) FROM runs)
    AND id < coalesce((SELECT max(id) FROM runs WHERE NOT asked), 0)
    AND id < coalesce((SELECT max(id) FROM runs WHERE conclusive), 0)
    AND id NOT IN (SELECT first_run_id FROM checks UNION SELECT last_run_id FROM checks
        UNION SELECT run_id FROM transitions WHERE run_id IS NOT NULL
        UNION SELECT run_id FROM requests WHERE run_id IS NOT NULL)
"""
FORGET_RUNS = f"DELETE FROM runs WHERE id {_WANTED}"

# ---------------------------------------------------------------- how far it has come

# Before there was a mark, as far as the last job came.
MARKED = """
SELECT coalesce((SELECT value FROM marks WHERE name = ?), (SELECT max(done_at) FROM jobs WHERE name = 'prune'))
"""
DAYS_LIVED = "SELECT count(DISTINCT substr(started_at, 1, 10)) FROM runs WHERE started_at > :last"
MARK = "INSERT INTO marks (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
