"""A labelled web in miniature: sites that behave as real ones do, and links whose verdict is known.

`build()` gives the same world every time: nothing in it depends on the clock, the machine or on linkwatch.
"""

from bench.accuracy.corpus.model import Item, World, half_of
from bench.accuracy.corpus.plan import build

__all__ = ["Item", "World", "build", "half_of"]
