"""A work as a registry describes it."""

from __future__ import annotations

from wikitools.sources.names import Name
from wikitools.sources.record import Record

ARTICLE = Record(
    service="crossref",
    kind="article-journal",
    title="Deep learning",
    names=(Name("LeCun", "Yann"), Name("Bengio", "Yoshua"), Name("Hinton", "Geoffrey")),
    date=(2015, 5, 28),
    years=("2015",),
    container="Nature",
    volume="521",
    issue="7553",
    pages="436-444",
    publisher="Springer",
    doi="10.1038/nature14539",
)
