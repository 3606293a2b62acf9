"""The SQL of the outbox and of subscriptions."""

# ---------------------------------------------------------------- what is to be sent

POST = """
INSERT INTO outbox (kind, channel, recipient, message_id, content_id, subscription_id, telling_id, addressed, reply_to,
    once, made_at, first_at, not_before)
VALUES (:kind, :channel, :recipient, :message_id, :content_id, :subscription_id, :telling_id, :addressed, :reply_to,
    :once, :made_at, :first_at, :not_before)
ON CONFLICT (once) DO NOTHING
"""

IS_POSTED = "SELECT 1 FROM outbox WHERE once = ?"

SHARED = {
    "contents": "SELECT id FROM contents WHERE digest = ?",
    "tellings": "SELECT id FROM tellings WHERE digest = ?",
}

SHARE = {
    "contents": "INSERT INTO contents (digest, packed) VALUES (?, ?)",
    "tellings": "INSERT INTO tellings (digest, packed) VALUES (?, ?)",
}

_READY = """
SELECT o.id, o.kind, o.channel, o.recipient, o.message_id, contents.packed, o.subscription_id, tellings.packed,
       o.addressed, o.reply_to, o.made_at, o.first_at, o.attempts, o.bare, o.doubtful
FROM outbox AS o JOIN contents ON contents.id = o.content_id LEFT JOIN tellings ON tellings.id = o.telling_id
WHERE o.fate = 'pending' AND o.channel = :channel
    AND o.recipient NOT IN (SELECT value FROM json_each(:without))
"""

# A date or a lease that lies farther ahead than any that is given was given by a clock that has been set right.
_IS_DUE = "AND (o.not_before <= :now OR o.not_before > :too_late) "

_IS_FREE_NOW = "AND (o.leased_until IS NULL OR o.leased_until <= :now OR o.leased_until > :too_long) "

# What was never tried goes first: those that keep failing must not keep the others waiting.
READY_FIRST = _READY + "AND o.attempts = 0 " + _IS_DUE + "ORDER BY o.not_before, o.id LIMIT :limit"

READY_AGAIN = _READY + "AND o.attempts > 0 " + _IS_DUE + _IS_FREE_NOW + "ORDER BY o.not_before, o.id LIMIT :limit"

LEASE = """
UPDATE outbox SET lease = :lease, leased_until = :until, attempts = attempts + 1, doubtful = 1 WHERE id = :id
"""

# That it has arrived counts, also from an attempt whose lease has run out, and of what was taken out meanwhile.
SETTLE = """
UPDATE outbox SET fate = :fate, ended_at = :ended_at, not_before = coalesce(:not_before, not_before), bare = :bare,
    doubtful = :doubtful, detail = :detail, lease = NULL, leased_until = NULL
WHERE id = :id AND (fate = 'pending' AND lease = :lease OR fate IN ('pending', 'merged') AND :fate = 'sent')
"""

# What a clock that has been set right since has told in the future counts as before all others.
HAS_HEARD = """
UPDATE subscriptions SET telling_id = (SELECT telling_id FROM outbox WHERE id = :id), told_at = :told_at
WHERE id = :subscription_id AND (told_at IS NULL OR told_at < :told_at OR told_at > :now)
"""

# What was given up and has come, or been given up, in a later one.
MERGE_DEAD = """
UPDATE outbox SET fate = 'merged' WHERE subscription_id = ? AND fate = 'dead' AND acknowledged = 0 AND id < ?
"""

# A letter that reached none of its mailboxes: the owner was not told.
UNDELIVERED = """
UPDATE reviews SET ended_at = :now, ended_as = 'undelivered', details = json_set(details, '$.detail', :detail)
WHERE action = 'report' AND ended_at IS NULL AND json_extract(details, '$.letter') = :message_id AND NOT EXISTS (
    SELECT 1 FROM outbox WHERE message_id = :message_id AND fate IN ('pending', 'sent')
)
"""

STILL_HEARD = "UPDATE subscriptions SET telling_id = :telling_id WHERE id = :id AND told_at IS NOT NULL"

DEAD = """
SELECT kind, recipient, detail, ended_at FROM outbox
WHERE fate = 'dead' AND acknowledged = 0 AND kind <> 'notice' ORDER BY id DESC
"""

COUNTS = """
SELECT fate, kind, count(*) FROM outbox WHERE fate IN ('pending', 'dead') AND acknowledged = 0 GROUP BY fate, kind
"""

LISTED = """
SELECT id, kind, channel, recipient, message_id, subscription_id, made_at, fate, attempts, not_before, ended_at, detail,
       leased_until
FROM outbox WHERE fate IN ('pending', 'dead') AND acknowledged = 0 ORDER BY id
"""

RETRY = """
UPDATE outbox SET fate = 'pending', ended_at = NULL, not_before = :now, first_at = :now, attempts = 0, bare = 0,
    lease = NULL, leased_until = NULL
WHERE id = :id AND fate IN ('dead', 'pending') AND acknowledged = 0
    AND (leased_until IS NULL OR leased_until <= :now)
    AND NOT EXISTS (
        SELECT 1 FROM subscriptions AS s
        WHERE s.id = outbox.subscription_id AND (
            s.removed_at IS NOT NULL OR json_extract(s.choice, '$.has_left')
            OR json_extract(s.choice, '$.paused_until') > substr(:now, 1, 10)
        )
    )
    AND NOT EXISTS (
        SELECT 1 FROM outbox AS later
        WHERE later.subscription_id = outbox.subscription_id AND later.fate = 'pending' AND later.id > outbox.id
    )
"""

DROP = """
UPDATE outbox SET acknowledged = 1, fate = 'dead', ended_at = coalesce(ended_at, :now), lease = NULL,
    leased_until = NULL
WHERE id = :id AND fate IN ('dead', 'pending') AND acknowledged = 0
    AND (leased_until IS NULL OR leased_until <= :now)
"""

FORGET_ENDED = "DELETE FROM outbox WHERE fate <> 'pending' AND ended_at < ?"

FORGET_CONTENTS = "DELETE FROM contents WHERE id NOT IN (SELECT content_id FROM outbox)"

FORGET_TELLINGS = """
DELETE FROM tellings WHERE id NOT IN (SELECT telling_id FROM outbox WHERE telling_id IS NOT NULL)
    AND id NOT IN (SELECT telling_id FROM subscriptions WHERE telling_id IS NOT NULL)
"""

# ---------------------------------------------------------------- who is told

_SUBSCRIPTION = "SELECT id, address, zone, due_on, rhythm, choice, removed_at IS NULL FROM subscriptions AS s "

SUBSCRIPTION = _SUBSCRIPTION + "WHERE id = ?"

SUBSCRIPTIONS = _SUBSCRIPTION + "ORDER BY id"

# One whose last digest may have arrived, or is under way, has to wait until that is known.
_IS_FREE = """NOT EXISTS (
    SELECT 1 FROM outbox AS o WHERE o.subscription_id = s.id AND o.fate = 'pending' AND o.doubtful
)"""

MAY_BE_DUE = _SUBSCRIPTION + "WHERE removed_at IS NULL AND due_on <= ? AND " + _IS_FREE + " ORDER BY due_on, id"

HEARD = """
SELECT s.id, s.telling_id, tellings.packed, s.told_at
FROM subscriptions AS s LEFT JOIN tellings ON tellings.id = s.telling_id
WHERE s.id IN (SELECT value FROM json_each(?))
"""

SUBSCRIBE = """
INSERT INTO subscriptions (id, address, zone, due_on, rhythm, choice, wants)
VALUES (:id, :address, :zone, :due_on, :rhythm, :choice, :wants)
ON CONFLICT (id) DO UPDATE SET address = excluded.address, zone = excluded.zone, due_on = excluded.due_on,
    rhythm = excluded.rhythm, choice = excluded.choice, wants = excluded.wants, removed_at = NULL
"""

WANTS = "SELECT id, wants FROM subscriptions"

READDRESS = "UPDATE outbox SET recipient = ? WHERE subscription_id = ? AND fate = 'pending'"

UNSUBSCRIBE = "UPDATE subscriptions SET removed_at = ? WHERE id = ?"

CHOOSE = "UPDATE subscriptions SET choice = :choice, rhythm = :rhythm, due_on = :due_on WHERE id = :id"

# Nobody is served who has chosen something else meanwhile, or for whom the configuration has.
_MOVE_ON = """
UPDATE subscriptions AS s SET due_on = :next_on
WHERE id = :id AND due_on = :due_on AND rhythm = :rhythm AND choice = :choice AND removed_at IS NULL
    AND (:wants IS NULL OR wants = :wants)
"""

MOVE_ON = _MOVE_ON + " AND " + _IS_FREE

FIRST_OF_PENDING = "SELECT min(first_at) FROM outbox WHERE subscription_id = ? AND fate = 'pending'"

MERGE_PENDING = "UPDATE outbox SET fate = 'merged', ended_at = ? WHERE subscription_id = ? AND fate = 'pending'"

# ---------------------------------------------------------------- what the operators have to see to

PROBLEMS = "SELECT kind, subject, since, told_at, details FROM problems ORDER BY since, kind, subject"

NOTE_PROBLEM = """
INSERT INTO problems (kind, subject, since, told_at, details) VALUES (:kind, :subject, :now, :told_at, :details)
ON CONFLICT (kind, subject) DO UPDATE SET details = excluded.details, told_at = coalesce(excluded.told_at, told_at)
"""

FORGET_PROBLEM = "DELETE FROM problems WHERE kind = ? AND subject = ?"

# ---------------------------------------------------------------- keys

KEY = "SELECT value FROM keys WHERE name = ?"

MAKE_KEY = "INSERT INTO keys (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING"
