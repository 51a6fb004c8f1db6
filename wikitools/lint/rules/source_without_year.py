"""The rule source-without-year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, quoted, rule
from wikitools.lint.usage import identity, place_of, scopes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.wiki.wiki import Wiki


@rule(group="bibliography", severity=Severity.INFO, since="0.1.0", needs_sources=True, default=False)
def source_without_year(wiki: Wiki, facts: Facts) -> Iterator[Finding]:
    """A source has authors but no year.

    No citation by author and year can ever mean such a source. Usually nobody filled in the year, or it is in a field
    that wikitools does not read. Off by default: a wiki may keep undated web pages. Select the rule (or run `wikitools
    bib check`) while you work on the bibliography. `in press`, `forthcoming` and `n.d.` count as years. A source
    without authors is cited by its title or a link and needs no year, nor does a source whose note or other entry has
    one.

    ```wiki
    -- references.bib --
    @article{shah,
             ^^^^ "shah" has authors but no year
      author = {Shah, Rohin},
      title = {Goals},
    }
    ```

    All kinds of years, and a source that is cited by its title:

    ```wiki
    -- references.bib --
    @article{shah2023, author = {Shah, Rohin}, title = {Goals}, date = {2023-05}}
    @article{shah-soon, author = {Shah, Rohin}, title = {More Goals}, year = {in press}}
    @misc{shah-arxiv, author = {Shah, Rohin}, title = {Most Goals}, eprint = {2210.01790}, archiveprefix = {arXiv}}
    @online{atlas, title = {AI Safety Atlas}, url = {https://example.org}}
    ```
    """
    from wikitools.sources.same_work import group_works

    seen: set[tuple[object, str]] = set()
    for sources in scopes(facts):
        for group in group_works(sources):
            if any(source.years for source in group):
                continue
            # One entry speaks for the work.
            source = next((source for source in group if source.names), None)
            if source is None or identity(source) in seen:
                continue
            seen.add(identity(source))
            name = source.key or source.title
            yield Finding(span=place_of(source, facts), message=f"{quoted(name)} has authors but no year", subject=name)
