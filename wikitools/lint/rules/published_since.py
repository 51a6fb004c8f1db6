"""The rule published-since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, rule
from wikitools.lint.usage import judged, place_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.sources.source import Source


@rule(group="registries", severity=Severity.INFO, since="0.1.0", needs_registries=True, default=False)
def published_since(source: Source, facts: Facts) -> Iterator[Finding]:
    """A preprint was published, but the entry only has the preprint.

    The published version was reviewed and may say something else; readers should find both. `wikitools bib add` with
    the DOI of the published version makes the preprint's entry that of the published work (in BibTeX files): it keeps
    its key and its arXiv id, so citations by either year resolve.

    ```wiki
    -- references.bib --
    @misc{hadfield2016,
      author = {Hadfield-Menell, Dylan},
      title = {The Off-Switch Game},
      year = {2016},
      eprint = {1611.08219},
                ^^^^^^^^^^ this preprint was published as 10.24963/ijcai.2017/32
      archiveprefix = {arXiv},
    }
    -- registry.toml --
    ["arxiv:1611.08219"]
    title = "The Off-Switch Game"
    names = ["Hadfield-Menell, Dylan"]
    year = "2016"
    published = "10.24963/ijcai.2017/32"
    ```

    An entry that already has the DOI:

    ```wiki
    -- references.bib --
    @misc{hadfield2016,
      author = {Hadfield-Menell, Dylan},
      title = {The Off-Switch Game},
      year = {2016},
      eprint = {1611.08219},
      doi = {10.24963/ijcai.2017/32},
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
    ```
    """
    said = judged(source, facts)
    if said is not None and said.published:
        identifier = source.doi or source.arxiv
        yield Finding(
            span=place_of(source, facts, identifier),
            message=f"this preprint was published as {said.published}",
            subject=identifier,
        )
