"""Logging in with the organisation's own login: OpenID Connect, the authorization code flow with PKCE.

    browser                      desk                                    organisation's login
    GET /login/oidc      ──▶  a ticket, in a cookie of this browser
                         ◀──  to its page, with state, nonce, challenge  ──▶  the person logs in there
    GET …/callback?code  ──▶  the ticket is redeemed, once
                              code, secret, verifier  ─────────────────────▶  tokens
                              is the ID token its, ours, this login's, of now?
                         ◀──  a session, as web.sessions begins it

OpenID Connect Core 1.0, RFC 6749, RFC 7636, RFC 9207; what can go wrong: RFC 9700, RFC 8725.
"""

from linkwatch.web.oidc.login import routes

__all__ = ["routes"]
