"""What the configuration can say about the web: not which hosts a machine contacts, nor with which keys."""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING

from wikitools.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LONGEST_INTERVAL, LONGEST_TIMEOUT, MOST_AT_ONCE = 60, 60, 4
_NAME = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
"""A header's name (RFC 9110, "token")."""
_OURS = frozenset(
    (
        "host",
        "connection",
        "content-length",
        "transfer-encoding",
        "te",
        "trailer",
        "upgrade",
        "expect",
        "accept-encoding",
    )
)
"""Headers that say how a request is sent, and to whom."""
VARIABLE = re.compile(r"\$\{(\w+)\}", re.ASCII)


@dataclass(frozen=True, slots=True)
class HostSettings:
    """A table `[web.host."docs.example.org"]` of the configuration."""

    interval: int = 0
    """Seconds between two requests, where that is longer than the host's own pace."""
    concurrency: int = 1
    """How many requests the host gets at once, 4 at most."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """A table of headers for this host alone. `${NAME}` becomes the value of the environment variable NAME, which
    `WIKITOOLS_WEB_TOKENS` must allow for this host."""
    skip: bool = False
    """Never request an address of this host."""
    insecure: bool = False
    """Accept any certificate; then no header with a variable is sent."""
    anchors: bool = True
    """Check that pages have the anchors in their addresses."""

    def __post_init__(self) -> None:
        """Check for values that no request can have."""
        if not 1 <= self.concurrency <= MOST_AT_ONCE:
            raise ValueError(f'"concurrency" must be 1 to {MOST_AT_ONCE}, not {self.concurrency}')
        _check_seconds("interval", self.interval, LONGEST_INTERVAL, least=0)
        for name, value in self.headers.items():
            if not _NAME.fullmatch(name) or name.lower() in _OURS or name.lower().startswith("proxy-"):
                raise ValueError(f'"headers" cannot set "{name}"')
            if not value.isascii() or not value.isprintable():
                raise ValueError(f'"headers" must be ASCII without line breaks, and "{name}" is not')


def _check_seconds(name: str, value: int, most: int, *, least: int) -> None:
    if not least <= value <= most:
        raise ValueError(f'"{name}" must be {least} to {most} seconds, not {value}')


@dataclass(frozen=True, slots=True)
class WebSettings:
    """The table `[web]` of the configuration."""

    contact: str = ""
    """A mail address for the services, which then let you ask more. `WIKITOOLS_CONTACT` takes precedence."""
    sources: tuple[str, ...] = ()
    """The services that may be asked, such as `["crossref", "arxiv"]`; none named: all."""
    exclude: tuple[str, ...] = ()
    """Globs of addresses that `urls` never requests, such as `https://example.org/**`."""
    max_time: str = ""
    """How long `urls`, `bib verify` and `cite --lookup` may take, like `90s`, `10m` or `1h`; the option takes
    precedence."""
    timeout: int = 15
    """Seconds that one request of `urls` may take, from the look-up of the name to the last byte."""
    interval: int = 0
    """Seconds between two requests to one host, where that is longer than the host's own pace."""
    days: int = 14
    """Days after which an address that answered is requested again."""
    host: Mapping[str, HostSettings] = field(default_factory=dict)
    """A table for each host that differs, such as `[web.host."docs.example.org"]`, see below."""

    def __post_init__(self) -> None:
        """Check for values that make no sense."""
        _check_seconds("timeout", self.timeout, LONGEST_TIMEOUT, least=1)

    def hosts(self, name: str, *values: object) -> Iterator[str]:
        """Yield the hosts whose setting of this name has one of these values."""
        yield from (host for host, each in self.host.items() if getattr(each, name) in values)
