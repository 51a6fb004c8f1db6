"""Cache keys: a result is reused while code, file list, settings and rules are unchanged."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wikitools.config import Settings
    from wikitools.files import Inventory
    from wikitools.lint.policy import Policy
    from wikitools.markdown.dialects import Dialect
    from wikitools.project.bibliographies import Shared
    from wikitools.project.seen import Packed, Seen
    from wikitools.wiki.engines import Engine

NOTHING = b"-", b""
"""What stands for a result that is not kept: the hash of no page, and no data."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is looked at in a check, by which rules, and what is known before any page is read."""

    settings: Settings
    inventory: Inventory
    link_rules: tuple[str, ...]
    cite_rules: tuple[str, ...]
    with_cited: bool
    """Whether rules count the citations of all pages together. Where there is no source at all, others do that, too."""
    tracked: frozenset[str] | None
    shared: Shared
    links: bool = True
    """Whether the links of all pages are looked at."""
    cites: bool = False
    """Whether citations are matched, for rules or for whoever asks about them."""


NO_MATTER = frozenset(
    (
        # Where the wiki and its configuration lie, and how the latter came about.
        *("root", "folder", "config", "extend", "required_version", "origins", "warnings", "anywhere"),
        # Which files there are, and which rules run, is part of each key itself.
        *("bibliography", "exclude", "respect_gitignore", "follow_links", "files"),
        *("select", "ignore", "extend_select"),
        # What is made of findings once they are there.
        *("severity", "per_file_ignores", "fail_on", "baseline"),
    )
)
"""Settings that play no part in what is found on a page. All others do, also those that will be added some day."""


class CacheKeys:
    """The keys of a check with this plan; each is made when it is asked for, which needs a cache."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    @cached_property
    def _base(self) -> bytes:
        from wikitools.project.cache import code_key, digest

        inventory, settings = self._plan.inventory, self._plan.settings
        files = (*inventory.pages, "", *inventory.attachments, "", *inventory.absent)
        paths = "\0".join(files).encode("utf-8", "surrogatepass")
        counting = [
            (each.name, getattr(settings, each.name)) for each in fields(settings) if each.name not in NO_MATTER
        ]
        return digest(code_key(), paths, repr(counting).encode("utf-8", "surrogatepass"))

    @cached_property
    def links(self) -> bytes:
        """The key of what is found on pages without a look at sources."""
        from wikitools.project.cache import digest

        plan = self._plan
        tracked = "\0".join(sorted(plan.tracked)) if plan.tracked is not None else "-"
        return digest(b"links", self._base, tracked.encode("utf-8", "surrogatepass"), repr(plan.link_rules).encode())

    def cites(self, notes: bytes) -> bytes:
        """Return the key of citations, and of what is found in them; `notes` stands for the pages that are sources."""
        from wikitools.project.cache import digest

        plan = self._plan
        rules = repr((plan.cite_rules, plan.with_cited, plan.links)).encode()
        return digest(b"cites", self._base, notes, rules, *plan.shared.hashes)

    def run(self, policy: Policy, hashes: Sequence[tuple[str, bytes]]) -> bytes:
        """Return the key of a whole run; `hashes` are those of all pages."""
        from wikitools.project.cache import digest

        content = digest(*(part for path, hash_ in hashes for part in (path.encode("utf-8", "surrogatepass"), hash_)))
        asked = repr(replace(policy, paths=None)).encode("utf-8", "surrogatepass")
        return digest(b"run", content, self.links, self.cites(b""), asked)


def page_hash(data: bytes, dialect: Dialect) -> bytes:
    """Return what stands for what is read of a page with these bytes."""
    from wikitools.project.cache import content_hash

    return content_hash(dialect.key + b"\0" + data if dialect.key else data)


def notes_key(carried: Mapping[str, Packed]) -> bytes:
    """Return what stands for the pages that are sources; `carried` are the packed sources of each, by its path."""
    from wikitools.project.cache import digest, pack

    return digest(pack([(path, carried[path]) for path in sorted(carried)]))


def names_key(seen: Mapping[str, Seen], engine: Engine) -> bytes:
    """Return what stands for all that pages are found by, besides their paths: titles, aliases, and the like."""
    from wikitools.project.cache import digest, pack

    tell = engine.told
    told = {} if tell is None else {path: each.known_links.told_by(tell) for path, each in seen.items()}
    return digest(pack([(path, each.head.title, each.head.aliases, told.get(path)) for path, each in seen.items()]))


def asked_key(asked: frozenset[str] | None) -> bytes:
    """Return what stands for the pages that are reported on."""
    return b"all" if asked is None else "\0".join(("", *sorted(asked))).encode("utf-8", "surrogatepass")
