"""wikitools: citations, links and the "Sources cited" block of Markdown wikis."""

__version__ = "0.2.0"
