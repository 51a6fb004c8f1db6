"""Link targets that are placeholders, in templates or on pages about links, and point nowhere on purpose."""

from __future__ import annotations

from wikitools.globs import text_test

PLACEHOLDERS = ("...", "…", "*/...", "*/…", "*<?*>*", "*{?*}*", "$[0-9]*", "wikilink", "wikilinks")
"""The default globs: `[[...]]`, `[[<slug>]]`, `[[{{title}}]]`, `[[$1]]`, and the name of the syntax itself."""


def is_placeholder(target: str, globs: tuple[str, ...] = PLACEHOLDERS) -> bool:
    """Say whether one of the globs matches the whole target, ignoring case.

    >>> is_placeholder("<slug>"), is_placeholder("unknown"), is_placeholder("unknown", ("unknown",))
    (True, False, True)
    """
    return text_test(globs)(target)
