"""The rule duplicate-key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Related, Severity, quoted, rule
from wikitools.lint.usage import identity, is_note, place_of, scopes
from wikitools.markdown.page import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.sources.source import Source
    from wikitools.wiki.wiki import Wiki


@rule(group="bibliography", severity=Severity.WARNING, since="0.1.0", needs_sources=True)
def duplicate_key(thing: Wiki | Problem, facts: Facts) -> Iterator[Finding]:
    """Two entries of the bibliography have the same key.

    A citation by key means both, and most programs silently use one of them. Within a file this is always a mistake.
    Across two files, only different works are reported, because copies of an entry do no harm. A source note may have
    the key of the entry that it describes.

    ```wiki
    -- references.bib --
    @article{shah2023,
      author = {Shah, Rohin},
      title = {Goals},
      year = {2023},
    }
    @article{shah2023,
             ^^^^^^^^ duplicate key "shah2023": first used on line 1; both entries are kept
      author = {Shah, Ann},
      title = {Apples},
      year = {2023},
    }
    -- thesis.bib --
    @article{shah2023,
             ^^^^^^^^ the key "shah2023" belongs to another work in references.bib
      author = {Shah, Bob},
      title = {Pears},
      year = {2023},
    }
    ```

    A copy in another file, and a note about an entry:

    ```wiki
    -- sources/shah2023.md --
    ---
    title: Goals
    citekey: shah2023
    authors: [Rohin Shah]
    year: 2023
    ---
    -- references.bib --
    @article{shah2023,
      author = {Shah, Rohin},
      title = {Goals},
      year = {2023},
    }
    -- thesis.bib --
    @article{shah2023,
      author = {Shah, Rohin},
      title = {Goals},
      year = {2023},
    }
    ```
    """
    if isinstance(thing, Problem):
        if thing.kind == "duplicate-key":
            yield Finding(span=thing.span, message=thing.message, subject=thing.span.of(facts.text_of(thing.span.path)))
        return
    seen: set[tuple[object, str]] = set()
    for sources in scopes(facts):
        for first, source in _of_other_files(sources, facts):
            if identity(source) in seen:
                continue
            seen.add(identity(source))
            yield Finding(
                span=place_of(source, facts),
                message=f"the key {quoted(source.key)} belongs to another work in {first.span.path}",
                subject=source.key,
                related=(Related(place_of(first, facts), f"{first.key}: {first.title}"),),
            )


def _of_other_files(sources: tuple[Source, ...], facts: Facts) -> Iterator[tuple[Source, Source]]:
    """Yield the first entry with a key, and the first entry of each other file that gives it to another work."""
    from wikitools.sources.same_work import distinct_works

    first: dict[str, Source] = {}
    told: set[tuple[str, str]] = set()
    for source in sources:
        # Without a citation key a note's key is its name, which pages in two folders may well share.
        if not source.key or is_note(source, facts):
            continue
        earlier = first.setdefault(source.key, source)
        if earlier.span.path == source.span.path or (source.key, source.span.path) in told:
            continue
        if len(distinct_works((earlier, source))) > 1:
            told.add((source.key, source.span.path))
            yield earlier, source
