"""The rule unreachable-url."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, quoted, rule
from wikitools.lint.url_status import Unreachable, asked_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import WebLink
    from wikitools.sources.source import Source

_LOOKS, _DAYS = 3, 7.0
"""How often, and over how long, a host must be out of reach before that is reported."""


@rule(group="web", severity=Severity.WARNING, since="0.2.0", needs_web=True, default=False, told_once=2)
def unreachable_url(thing: WebLink | Source, facts: Facts) -> Iterator[Finding]:
    """The host of a web address has been unreachable for a week.

    There is no such host, it refuses connections, or its certificate has expired or belongs to another host. That
    may be a temporary problem of the host or of your network, so it is reported only after three attempts over at
    least a week.

    ```wiki
    -- index.md --
    See [the group's page](https://example.org/lab).
                           ^^^^^^^^^^^^^^^^^^^^^^^ "https://example.org/lab" has been unreachable for 9 days: no host
    -- wikitools.toml --
    [web]
    "https://example.org/lab" = "unreachable 9 days: no host"
    ```

    Two days are too short to be sure:

    ```wiki
    -- index.md --
    See [the group's page](https://example.org/lab).
    -- wikitools.toml --
    [web]
    "https://example.org/lab" = "unreachable 2 days: no host"
    ```
    """
    for url, span, status in asked_of(thing, facts.web):
        if isinstance(status, Unreachable) and status.looks >= _LOOKS and status.days >= _DAYS:
            message = f"{quoted(url)} has been unreachable for {status.days:.0f} days: {status.why}"
            yield Finding(span, message, subject=url)
