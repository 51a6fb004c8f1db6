"""The rule invalid-identifier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, quoted, rule
from wikitools.lint.usage import is_note, place_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.sources.source import Source


@rule(group="bibliography", severity=Severity.WARNING, since="0.1.0")
def invalid_identifier(source: Source, facts: Facts) -> Iterator[Finding]:
    """A DOI, arXiv id, ISBN or URL of a source is malformed.

    It points to nothing, and citations with the correct one are not recognised. The rule checks only the form, without
    the network: the prefix of a DOI, month and length of an arXiv id, the check digit of an ISBN, scheme and host of a
    URL. Usually a character was lost or doubled when it was copied.

    ```wiki
    -- references.bib --
    @book{turing1950,
      author = {Turing, Alan},
      title = {Computing Machinery},
      year = {1950},
      doi = {1093/mind/LIX.236.433},
             ^^^^^^^^^^^^^^^^^^^^^ "1093/mind/LIX.236.433" is not a DOI
      isbn = {978-0-19-853453-3},
              ^^^^^^^^^^^^^^^^^ "978-0-19-853453-3" is not an ISBN: its check digit is wrong
      url = {http:/example.org/mind},
             ^^^^^^^^^^^^^^^^^^^^^^ "http:/example.org/mind" is not a web address
      eprint = {1913.01820},
                ^^^^^^^^^^ "1913.01820" is not an arXiv id: there is no month 13
      archiveprefix = {arXiv},
    }
    ```

    Each identifier in its accepted forms:

    ```wiki
    -- references.bib --
    @book{turing1950,
      author = {Turing, Alan},
      title = {Computing Machinery},
      year = {1950},
      doi = {https://doi.org/10.1093/mind/LIX.236.433},
      isbn = {0-306-40615-2, 978-0-306-40615-7 (cloth)},
      url = {https://example.org/a_(b)?c=%20},
      eprint = {hep-th/9901001v2},
      archiveprefix = {arXiv},
    }
    @misc{hubinger2019, title = {Risks}, doi = {10.48550/arXiv.1906.01820}, url = {https://bücher.example/ä}}
    ```
    """
    from wikitools.sources.wellformed import wrong_identifiers

    for written, what, reason in wrong_identifiers(source):
        # What the front matter of a note calls a DOI or an arXiv id was judged when the note was read.
        if is_note(source, facts) and what in {"DOI", "arXiv id"}:
            continue
        yield Finding(
            span=place_of(source, facts, written),
            message=f"{quoted(written)} is not {'an' if what[0] in 'aI' else 'a'} {what}{f': {reason}' if reason else ''}",
            subject=written,
        )
