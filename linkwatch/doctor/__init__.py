"""Looks at everything that linkwatch needs, names what is wrong, and what to do about it. It mends nothing.

records      what is found: a stable code, how grave, and the values for its words
examination  every check, in order: what there is to measure is measured here, and judged in the other modules
patience     each look within its time; one that fails keeps no other from being made
configuration, network, post, database, machine, routine    judge what was measured, each one part of it
"""
