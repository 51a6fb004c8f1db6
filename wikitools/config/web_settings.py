"""What the configuration says about the web; whom a machine contacts, and with which keys, it cannot say."""

from __future__ import annotations

from wikitools.records import dataclass


@dataclass(frozen=True, slots=True)
class WebSettings:
    """The table `[web]` of the configuration."""

    contact: str = ""
    """A mail address for the services, which then let you ask more. `WIKITOOLS_CONTACT` takes precedence."""
    exclude: tuple[str, ...] = ()
    """Globs of addresses that `urls` never requests, such as `https://example.org/**`."""
    max_time: str = ""
    """How long `urls`, `bib verify` and `cite --lookup` may take, like `90s`, `10m` or `1h`; the option takes
    precedence."""
    interval: int = 0
    """Seconds between two requests to one host, where that is longer than the host's own pace."""
    days: int = 14
    """Days after which an address that answered is requested again."""
