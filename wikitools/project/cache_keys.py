"""What stands for all that results depend on: a result is kept under such a key, and holds while that is the same."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wikitools.config import Settings
    from wikitools.files import Inventory
    from wikitools.lint.policy import Policy
    from wikitools.markdown.dialects import Dialect
    from wikitools.markdown.page import Problem
    from wikitools.project.reading import Seen
    from wikitools.sources.source import Source

NOTHING = b"-", b""
"""What stands for a result that is not kept: the hash of no page, and no data."""


@dataclass(frozen=True, slots=True)
class Shared:
    """The bibliographies that all pages share, as they were read."""

    sources: tuple[Source, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    """By path."""
    problems: tuple[Problem, ...] = ()
    hashes: tuple[bytes, ...] = ()
    """Paths and content hashes in turn."""


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


class Ways:
    """The keys of a check with this plan; each is made when it is asked for, which needs a cache."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    @cached_property
    def _base(self) -> bytes:
        from wikitools.project.cache import code_key, digest

        inventory = self._plan.inventory
        files = (*inventory.pages, "", *inventory.attachments, "", *inventory.absent)
        paths = "\0".join(files).encode("utf-8", "surrogatepass")
        return digest(code_key(), paths)

    @cached_property
    def links(self) -> bytes:
        """The key of what is found on pages but citations."""
        from wikitools.project.cache import digest

        plan, settings = self._plan, self._plan.settings
        tracked = "\0".join(sorted(plan.tracked)) if plan.tracked is not None else "-"
        told = (
            settings.engine,
            settings.anchors,
            settings.placeholders,
            settings.entry_pages,
            settings.max_page_size,
            plan.link_rules,
        )
        return digest(b"links", self._base, tracked.encode("utf-8", "surrogatepass"), repr(told).encode())

    def cites(self, notes: bytes) -> bytes:
        """Return the key of citations, and of what is found in them; `notes` stands for the pages that are sources."""
        from wikitools.project.cache import digest

        plan, settings = self._plan, self._plan.settings
        told = (
            settings.engine,
            settings.anchors,
            settings.block,
            settings.max_page_size,
            settings.max_bibliography_size,
            plan.cite_rules,
            plan.with_cited,
        )
        return digest(b"cites", self._base, notes, repr(told).encode("utf-8", "surrogatepass"), *plan.shared.hashes)

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


def notes_key(carried: Mapping[str, Any]) -> bytes:
    """Return what stands for the pages that are sources; `carried` are the packed sources of each, by its path."""
    from wikitools.project.cache import digest, pack

    return digest(pack([(path, carried[path]) for path in sorted(carried)]))


def names_key(seen: Mapping[str, Seen]) -> bytes:
    """Return what stands for the names of all pages: titles and aliases."""
    from wikitools.project.cache import digest, pack

    return digest(pack([(path, each.head[0], each.head[1]) for path, each in seen.items()]))


def asked_key(asked: frozenset[str] | None) -> bytes:
    """Return what stands for the pages that are reported on."""
    return b"all" if asked is None else "\0".join(("", *sorted(asked))).encode("utf-8", "surrogatepass")
