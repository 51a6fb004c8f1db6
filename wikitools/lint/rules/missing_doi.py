"""The rule missing-doi."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, rule
from wikitools.lint.usage import is_note, judged, place_of
from wikitools.sources.writers import doi_insertion
from wikitools.sources.writers.note import Note
from wikitools.sources.writers.note import doi_insertion as insertion_into_note
from wikitools.sources.writers.write_error import CannotWriteError
from wikitools.text import Fix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.sources.source import Source
    from wikitools.text import Edit

_MODELS = 50
"""Notes that show how a DOI is written."""


@rule(group="registries", severity=Severity.INFO, since="0.1.0", needs_registries=True, default=False)
def missing_doi(source: Source, facts: Facts) -> Iterator[Finding]:
    """An entry lacks the DOI that a registry has for this very work.

    With a DOI readers reach the work wherever its publisher moves it, and `wikitools bib verify` learns when it is
    retracted. The DOI is known for certain if PubMed has it for the entry's PubMed id; or if the preprint with the
    entry's arXiv id was published and the entry agrees with that publication in title, all authors, year and journal.
    `--by-title` finds DOIs of entries without any identifier, with the same comparison.

    The fix adds the DOI in the form in which other entries have it. `bib verify --fix` makes it.

    ```wiki
    -- references.bib --
    @inproceedings{hadfield2017,
      author = {Hadfield-Menell, Dylan},
      title = {The Off-Switch Game},
               ^^^^^^^^^^^^^^^^^^^ the registry has a DOI for this work: 10.24963/ijcai.2017/32
      booktitle = {Proceedings of IJCAI},
      year = {2017},
      eprint = {1611.08219},
      archiveprefix = {arXiv},
    }
    -- registry.toml --
    ["arxiv:1611.08219"]
    title = "The Off-Switch Game"
    names = ["Hadfield-Menell, Dylan"]
    year = "2016"
    published = "10.24963/ijcai.2017/32"

    ["doi:10.24963/ijcai.2017/32"]
    title = "The Off-Switch Game"
    names = ["Hadfield-Menell, Dylan"]
    year = "2017"
    container = "Proceedings of IJCAI"
    -- references.bib, fixed --
    @inproceedings{hadfield2017,
      author = {Hadfield-Menell, Dylan},
      title = {The Off-Switch Game},
      booktitle = {Proceedings of IJCAI},
      year = {2017},
      doi = {10.24963/ijcai.2017/32},
      eprint = {1611.08219},
      archiveprefix = {arXiv},
    }
    ```

    An entry of the preprint itself ([published-since](published-since.md) reports it):

    ```wiki
    -- references.bib --
    @misc{hadfield2016,
      author = {Hadfield-Menell, Dylan},
      title = {The Off-Switch Game},
      year = {2016},
      eprint = {1611.08219},
      archiveprefix = {arXiv},
    }
    -- registry.toml --
    ["arxiv:1611.08219"]
    title = "The Off-Switch Game"
    names = ["Hadfield-Menell, Dylan"]
    year = "2016"
    published = "10.24963/ijcai.2017/32"

    ["doi:10.24963/ijcai.2017/32"]
    title = "The Off-Switch Game"
    names = ["Hadfield-Menell, Dylan"]
    year = "2017"
    container = "Proceedings of IJCAI"
    ```
    """
    said = judged(source, facts)
    if said is None or not said.doi or source.doi:
        return
    fix, why = None, ""
    try:
        fix = Fix(f"add the DOI {said.doi}", (_edit(source, said.doi, facts),))
    except CannotWriteError as error:
        why = f"add it yourself: {error}"
    yield Finding(
        span=place_of(source, facts, source.title),
        message=f"the registry has a DOI for this work: {said.doi}",
        subject=source.key,
        fix=fix,
        help=why,
    )


def _edit(source: Source, doi: str, facts: Facts) -> Edit:
    """Return the edit that adds a DOI to an entry or a source note; raises `CannotWriteError`."""
    path = source.span.path
    text = facts.text_of(path)
    if path not in facts.wiki.pages:
        own = (each for bibliography in facts.own.values() for each in bibliography.sources)
        sources = [each for each in facts.bibliography.sources if each.span.path == path]
        return doi_insertion(path, text, sources or [each for each in own if each.span.path == path], source, doi)
    if not is_note(source, facts):
        raise CannotWriteError("the entry is part of a page")
    others = (each for each in facts.bibliography.sources if each.note == each.span.path and each.note != path)
    return insertion_into_note(
        Note(path, text, source), [facts.text_of(each.note) for each in islice(others, _MODELS)], doi
    )
