"""The rule source-differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, quoted, rule
from wikitools.lint.usage import judged, place_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.sources.source import Source


@rule(group="registries", severity=Severity.WARNING, since="0.1.0", needs_registries=True, default=False)
def source_differs(source: Source, facts: Facts) -> Iterator[Finding]:
    """Title, authors or year of an entry differ from the registry.

    Readers search for a work by these, and citations with the correct authors and year find no source. Usually somebody
    typed the entry from memory, or left out authors without "and others". The years of preprint, online and print
    version are all correct, and a difference of one year is ignored; so are initials, accents, subtitles and
    transliterations.

    ```wiki
    -- references.bib --
    @article{lecun2005,
      author = {LeCun, Yann},
                ^^^^^ the authors differ: 1 author here, 3 at the registry
      title = {Deep teaching},
               ^^^^^^^^^^^^^ the title differs: "Deep learning" at the registry
      year = {2005},
              ^^^^ the year differs: 2015 at the registry
      doi = {10.1038/nature14539},
    }
    -- registry.toml --
    ["doi:10.1038/nature14539"]
    title = "Deep learning"
    names = ["LeCun, Yann", "Bengio, Yoshua", "Hinton, Geoffrey"]
    year = "2015"
    ```

    Differences that do not count:

    ```wiki
    -- references.bib --
    @article{müller2016,
      author = {Y. Mueller and others},
      title = {{Deep} Learning},
      year = {2016},
      doi = {10.5555/1},
    }
    -- registry.toml --
    ["doi:10.5555/1"]
    title = "Deep learning: a review"
    names = ["Müller, Yann", "Bengio, Yoshua", "Hinton, Geoffrey"]
    year = "2015"
    ```
    """
    from wikitools.sources.verdict import Differs

    said = judged(source, facts)
    if said is None or not isinstance(said.verdict, Differs):
        return
    for each in said.verdict.differences:
        match each.field:
            case "authors":
                count = "1 author" if each.here == "1" else f"{each.here} authors"
                message = f"the authors differ: {count} here, {each.there} at the registry"
                place = place_of(source, facts, source.names[0].family)
            case "year":
                message = f"the year differs: {each.there} at the registry"
                place = place_of(source, facts, each.here)
            case field:
                message = f"the {field} differs: {quoted(each.there)} at the registry"
                place = place_of(source, facts, each.here)
        yield Finding(
            span=place,
            message=message,
            subject=f"{source.key} {each.field}",
            # Lists are often cut on purpose, by a style.
            severity=Severity.INFO if each.field == "authors" else None,
        )
