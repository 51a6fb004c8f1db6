"""The last lines of `urls`: how many addresses work, and which hosts gave no clear answer, with what to do."""

from __future__ import annotations

import re
import time
from collections import Counter
from typing import TYPE_CHECKING

from wikitools.lint import url_status as status
from wikitools.lint.url_status import host_of
from wikitools.report.summary import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wikitools.lint.url_status import UrlStatus

_HOSTS = 10
"""How many hosts are named for each kind of missing answer."""
_KINDS: tuple[tuple[str, type[UrlStatus] | tuple[type[UrlStatus], ...]], ...] = (
    ("alive", (status.Ok, status.Moved, status.NoAnchor)),
    ("dead", status.Gone),
    ("refused", status.Refused),
    ("unreachable", status.Unreachable),
    ("without a clear answer", status.Unknown),
    ("not asked", status.Unasked),
)
_TO_DO: tuple[tuple[type[UrlStatus], str], ...] = (
    (status.Refused, "Refused: these hosts do not answer programs. Open the addresses in a browser"),
    (status.Unknown, "No clear answer: the next run asks again"),
    (status.Unreachable, "Unreachable: reported after three attempts over at least a week"),
    (status.Unasked, "Not asked"),
)


def summarise_addresses(statuses: Mapping[str, UrlStatus], *, oldest: float | None = None) -> Iterator[str]:
    """Yield the lines of the summary. `oldest` is when the oldest remembered answer was given, if nobody was asked."""
    hosts = len({host_of(url) for url in statuses})
    numbers = ((words, sum(isinstance(each, kinds) for each in statuses.values())) for words, kinds in _KINDS)
    told = ", ".join(f"{number:,} {words}" for words, number in numbers if number)
    yield f"{_count(len(statuses))} on {count(hosts, 'host')}: {told or 'none'}."
    if oldest is not None:
        yield f"Remembered answers, the oldest from {time.strftime('%Y-%m-%d', time.localtime(oldest))}."
    for kind, words in _TO_DO:
        found = {url: each for url, each in statuses.items() if isinstance(each, kind)}
        if found:
            yield f"{words}:"
            yield from _by_host(found)


def _by_host(found: Mapping[str, UrlStatus]) -> Iterator[str]:
    """Yield a line for each of the hosts with most of these addresses: how many, and why."""
    hosts: dict[str, Counter[str]] = {}
    for url, each in found.items():
        host = host_of(url)
        # The reason often begins with the host, and its port.
        reason = re.sub(rf"^{re.escape(host)}(:\d+)? ", "", getattr(each, "why", ""))
        hosts.setdefault(host, Counter())[reason] += 1
    for host, reasons in sorted(hosts.items(), key=lambda each: (-each[1].total(), each[0]))[:_HOSTS]:
        why = reasons.most_common(1)[0][0]
        more = f"; {count(len(reasons) - 1, 'other reason')}" if len(reasons) > 1 else ""
        yield f"  {host or 'no host'}: {_count(reasons.total())} ({why}{more})"
    if len(hosts) > _HOSTS:
        yield f"  and {count(len(hosts) - _HOSTS, 'more host')}"


def _count(number: int) -> str:
    return f"{number:,} {'address' if number == 1 else 'addresses'}"
