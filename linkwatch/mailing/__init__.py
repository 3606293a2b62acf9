"""Who is told what: composed, put into the outbox, and sent.

telling     one pass: compose what is due, send what waits
digests     who is due ─▶ core.digest ─▶ report.digest ─▶ outbox         previews   the same, and nothing is changed
delivery    outbox ─▶ claim ─▶ a carrier's attempt ─▶ settle
carriers    mail, webhooks, apprise: each with what the configuration says of it, and its secrets
heralds     what a run tells at once                                     notices    to the operators
"""
