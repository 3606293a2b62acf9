"""The memory: what is known of every link, in one SQLite file. The only room that speaks SQL.

`Store` takes and gives the records of `core.models`; `run_lock` keeps two runs apart.
"""

from linkwatch.store.lock import run_lock
from linkwatch.store.records import CheckRecord
from linkwatch.store.repository import Store

__all__ = ["CheckRecord", "Store", "run_lock"]
