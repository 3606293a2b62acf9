"""For whom a report is written, and when."""

from dataclasses import dataclass
from datetime import datetime

from linkwatch.locale import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The language and zone of the reader, and the moment of writing."""

    words: Words
    timezone: str
    now: datetime
    names: bool = False  # whether the reader may see who answered what
    letters: bool = True  # whether a contact is a letter that is begun; the desk has a page for it

    def date(self, moment: datetime) -> str:
        return self.words.date(moment, self.timezone)

    def when(self, moment: datetime) -> str:
        return self.words.datetime(moment, self.timezone)

    def when_and_ago(self, moment: datetime) -> str:
        ago = self.words.before(moment, self.now)
        return self.words.text("report.when", when=self.when(moment), ago=ago)

    def ago_and_date(self, moment: datetime) -> str:
        return self.words.text("report.since", ago=self.words.ago(moment, self.now), date=self.date(moment))
