"""The rule moved-url."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urlsplit

from wikitools.lint.fix.rewritten_links import change_address
from wikitools.lint.rule import Finding, Severity, quoted, rule
from wikitools.lint.url_status import Moved, asked_of, is_front_name
from wikitools.text import Safety

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import WebLink
    from wikitools.sources.source import Source


@rule(group="web", severity=Severity.INFO, since="0.2.0", needs_web=True, default=False, told_once=2)
def moved_url(thing: WebLink | Source, facts: Facts) -> Iterator[Finding]:
    """A web page has moved permanently.

    The old address works only until its host cleans up. A move is reported only if every redirect on the way is
    permanent (301 or 308), and not for addresses that redirect by design, such as DOIs. A short link (bit.ly
    and the like) is reported with its target, because it works only as long as the shortener does. Redirects to a
    login, to a consent form or to a page without encryption are not reported.

    The fix is safe if the page is certainly the same. The address may differ only in `www.` and in http becoming https;
    it must not lead to another query or language, to a front page, to a page above the old one or to an error page. The
    host must have answered with the page itself (200, not a challenge for browsers), after the same redirects, on two
    days. Otherwise look at the new page before you change the link.

    ```wiki
    -- index.md --
    See [a](http://www.example.org/a#b) and [b](https://example.org/b).
            ^^^^^^^^^^^^^^^^^^^^^^^^^^ "http://www.example.org/a#b" has moved to "https://example.org/a"
                                                ^^^^^^^^^^^^^^^^^^^^^ "https://example.org/b" has moved to "https://example.com/b"
    -- wikitools.toml --
    [web]
    "http://www.example.org/a#b" = "moved permanently settled: https://example.org/a"
    "https://example.org/b" = "moved permanently settled: https://example.com/b"
    -- index.md, fixed --
    See [a](https://example.org/a#b) and [b](https://example.org/b).
    -- index.md, fixed unsafely --
    See [a](https://example.org/a#b) and [b](https://example.com/b).
    ```

    A server that chooses a language may choose another one for the next reader, so that repair is not safe:

    ```wiki
    -- index.md --
    See [a](https://example.org/a).
            ^^^^^^^^^^^^^^^^^^^^^ "https://example.org/a" has moved to "https://example.org/de/a"
    -- wikitools.toml --
    [web]
    "https://example.org/a" = "moved permanently settled: https://example.org/de/a"
    -- index.md, fixed unsafely --
    See [a](https://example.org/de/a).
    ```

    A short link:

    ```wiki
    -- index.md --
    See [a](https://bit.ly/a).
            ^^^^^^^^^^^^^^^^ "https://bit.ly/a" is a short link to "https://example.org/a"
    -- wikitools.toml --
    [web]
    "https://bit.ly/a" = "moved short: https://example.org/a"
    -- index.md, fixed unsafely --
    See [a](https://example.org/a).
    ```

    A temporary redirect is not a move:

    ```wiki
    -- index.md --
    See [a](https://example.org/a).
    -- wikitools.toml --
    [web]
    "https://example.org/a" = "moved: https://example.org/today/a"
    ```
    """
    for url, span, status in asked_of(thing, facts.web):
        if not isinstance(status, Moved) or not (status.permanent or status.short):
            continue
        fragment = urldefrag(url).fragment
        to = status.to if urldefrag(status.to).fragment or not fragment else f"{status.to}#{fragment}"
        safety = Safety.SAFE if status.settled and _is_one(url, to) else Safety.UNSAFE
        fix = change_address(thing, url, to, facts, safety)
        what = "is a short link" if status.short else "has moved"
        yield Finding(span, f"{quoted(url)} {what} to {quoted(status.to)}", subject=url, fix=fix)


_LANGUAGE = re.compile(r"(?<=/)[a-z]{2,3}(?:[-_][a-z]{2,4})?(?=/|\Z)|(?<=[/._-])[a-z]{2}(?=[/._-]|\Z)", re.IGNORECASE)
"""A part of a path, or a word in it, that may name a language, and maybe a country."""
_NO_PAGE = re.compile(
    r"40[134]|error|not-?(?:found|available)|missing|gone|unavailable|sorry|removed|deleted|expired|maintenance|denied"
    r"|forbidden|blocked",
    re.IGNORECASE,
)


def _is_one(url: str, to: str) -> bool:
    """Say whether two addresses are surely one page: the same but for http, https, `www.` and a new path."""
    one, other = urlsplit(url), urlsplit(to)
    hosts = [(each.hostname or "").removeprefix("www.") for each in (one, other)]
    if hosts[0] != hosts[1] or one.port != other.port or one.query != other.query:
        return False
    if other.scheme == "http" and one.scheme != "http":
        return False
    if one.path.rstrip("/") == other.path.rstrip("/"):
        return True
    # The front page, and the page above, are where servers send readers of pages that are no more.
    is_above = f"{one.path}/".startswith(f"{other.path.rstrip('/')}/")
    is_front = all(map(is_front_name, filter(None, other.path.split("/"))))
    new_language = Counter(_LANGUAGE.findall(other.path.lower())) - Counter(_LANGUAGE.findall(one.path.lower()))
    return not (is_above or is_front or new_language or _NO_PAGE.search(other.path))
