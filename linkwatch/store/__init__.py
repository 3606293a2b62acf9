"""The memory: what is known of every link, in one SQLite file. The only room that speaks SQL.

`Store` takes and gives the records of `core.models`, `Desk` reads and `Ledger` writes for people, `Outbox` and
`Subscriptions` keep what is to be sent and to whom; `run_lock` keeps two runs apart.
"""

from linkwatch.store.desk import Desk
from linkwatch.store.desk_records import Counts, CountyCount, Found, OwnerCount, TitleSeen
from linkwatch.store.history import History
from linkwatch.store.jobs import Jobs
from linkwatch.store.ledger import Ledger
from linkwatch.store.lock import run_lock
from linkwatch.store.outbox import Outbox
from linkwatch.store.parcels import Notices
from linkwatch.store.records import CheckRecord
from linkwatch.store.repository import Store
from linkwatch.store.subscriptions import Subscriptions

__all__ = [
    "CheckRecord",
    "Counts",
    "CountyCount",
    "Desk",
    "Found",
    "History",
    "Jobs",
    "Ledger",
    "Notices",
    "Outbox",
    "OwnerCount",
    "Store",
    "Subscriptions",
    "TitleSeen",
    "run_lock",
]
