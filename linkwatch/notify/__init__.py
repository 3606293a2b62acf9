"""How what is said reaches those it is said to: each channel one module that makes an `Outcome` of a `Waiting`.

message      a mail's bytes from what is to be said      headers, mailboxes   its parts
smtp         one mail to one recipient
webhook      signatures (Standard Webhooks), and what an answer means; the request itself is made by `fetch.post`
apprise      whatever the library of that name knows
"""
