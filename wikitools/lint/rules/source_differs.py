"""The rule source-differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, quoted, rule
from wikitools.lint.usage import identity, place_of
from wikitools.sources.verdict import Differs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.sources.source import Source


@rule(group="registries", severity=Severity.WARNING, since="0.1.0", needs_registries=True, default=False)
def source_differs(source: Source, facts: Facts) -> Iterator[Finding]:
    """The title, the authors or the year of an entry are not what the registry has.

    Readers search for a work by these, and citations of the right authors and year find no source. Usual causes are
    typing from memory, and authors that were left out without "and others". Years of preprint, online and print are all
    right, and one year more or less is no difference; nor are initials, accents, subtitles and transliterations.

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

    What is no difference:

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
    judged = (facts.verdicts or {}).get(identity(source))
    if judged is None or not isinstance(judged.verdict, Differs):
        return
    for each in judged.verdict.differences:
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
        yield Finding(span=place, message=message, subject=f"{source.key} {each.field}")
