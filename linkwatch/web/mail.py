"""The pages that mails lead to. Their readers need no login, only the ticket in the address (`core.tickets`).

Nothing but POST changes anything: what looks through mail for viruses follows every link in it.
"""

from starlette.routing import BaseRoute, Route

from linkwatch.web.mail_answers import answer, answer_page
from linkwatch.web.mail_settings import leave, leave_page, settings, settings_page

routes: list[BaseRoute] = [
    Route("/mail/answer/{ticket}", answer_page),
    Route("/mail/answer/{ticket}", answer, methods=["POST"]),
    Route("/mail/settings/{ticket}", settings_page),
    Route("/mail/settings/{ticket}", settings, methods=["POST"]),
    Route("/mail/unsubscribe/{ticket}", leave_page),
    Route("/mail/unsubscribe/{ticket}", leave, methods=["POST"]),
]
