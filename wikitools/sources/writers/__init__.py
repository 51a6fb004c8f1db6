"""New entries for bibliographies of all formats, each written in the hand of the entries that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wikitools.sources.record import Record
    from wikitools.sources.source import Source
    from wikitools.text import Edit


class CannotWriteError(ValueError):
    """Nothing can be added to a file of this form; the message says why."""


def insertion(path: str, text: str, sources: Sequence[Source], record: Record, key: str) -> Edit:
    """Return the edit that adds a work to a bibliography with this text and these sources, in its own hand.

    Raises `CannotWriteError`.
    """
    name = path.lower()
    if name.endswith((".bib", ".bibtex", ".biblatex")):
        from wikitools.sources.writers import bibtex

        return bibtex.insertion(path, text, sources, record, key)
    if name.endswith((".json", ".csljson")):
        from wikitools.sources.writers import csl_json

        return csl_json.insertion(path, text, sources, record, key)
    if name.endswith(".ris"):
        from wikitools.sources.writers import ris

        return ris.insertion(path, text, sources, record, key)
    raise CannotWriteError("wikitools adds to BibTeX, CSL-JSON and RIS files so far")
