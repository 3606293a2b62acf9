"""Why nobody was logged in. `str(error)` is a sentence for the log; the person is told less.

Fault            a page with the words of desk.error.<why>
├── Unreachable    the organisation's login does not answer, or not as it should
├── Misconfigured  it and linkwatch do not agree: what the one who runs the desk has to mend
├── Stale          its code was too old, or used already
└── Untrusted      what it says of the person cannot be believed
"""


class Fault(Exception):
    status = 500
    why = "fault"


class Unreachable(Fault):
    status = 503
    why = "oidc_unreachable"


class Misconfigured(Fault):
    status = 502
    why = "oidc_misconfigured"


class Stale(Fault):
    status = 400
    why = "oidc_stale"


class Untrusted(Fault):
    status = 403
    why = "oidc_untrusted"
