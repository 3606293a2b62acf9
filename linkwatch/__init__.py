"""linkwatch: watches the links that you publish to other people's pages."""

__version__ = "0.1.0"
