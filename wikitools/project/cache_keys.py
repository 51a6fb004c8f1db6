"""Cache keys: a result is reused while code, file list, settings and rules are unchanged."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cached_property
from typing import TYPE_CHECKING

from wikitools.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wikitools.cite.citation_codec import SourceRow
    from wikitools.config import Settings
    from wikitools.files import Inventory
    from wikitools.lint.policy import Policy
    from wikitools.markdown.dialects import Dialect
    from wikitools.project.bibliographies import Shared
    from wikitools.sources.source import Source


@dataclass(frozen=True, slots=True)
class Plan:
    """What a check looks at, with which rules, and what is known before any page is read."""

    settings: Settings
    inventory: Inventory
    link_rules: tuple[str, ...]
    cite_rules: tuple[str, ...]
    with_cited: bool
    """Whether rules need the citations of all pages together. If there is no source at all, other rules need them
    too."""
    tracked: frozenset[str] | None
    shared: Shared
    links: bool = True
    """Whether the links of all pages are resolved."""
    cites: bool = False
    """Whether citations are matched, for rules or for another purpose."""


NO_MATTER = frozenset(
    (
        # Where the wiki and its configuration are, and where each setting comes from.
        *("root", "folder", "config", "extend", "required_version", "origins", "warnings", "anywhere"),
        # The list of files and of the rules that run are part of each key themselves.
        *("bibliography", "exclude", "respect_gitignore", "follow_links", "files"),
        *("select", "ignore", "extend_select"),
        # What happens to findings after they were found.
        *("severity", "per_file_ignores", "fail_on", "baseline"),
        # What is asked of the web.
        "web",
    )
)
"""Settings that do not affect what is found on a page. All others count, including any that are added later."""


class CacheKeys:
    """The keys of a check with this plan; each is computed when it is needed, that is, with a cache."""

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
        """The key of findings that do not depend on sources."""
        from wikitools.project.cache import digest

        plan = self._plan
        tracked = "\0".join(sorted(plan.tracked)) if plan.tracked is not None else "-"
        return digest(b"links", self._base, tracked.encode("utf-8", "surrogatepass"), repr(plan.link_rules).encode())

    def cites(self, notes: bytes) -> bytes:
        """Return the key of citations, and of findings about them; `notes` is the key of the pages that are sources."""
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
    """Return the hash of a page with these bytes in a dialect."""
    from wikitools.project.cache import content_hash

    return content_hash(dialect.key + b"\0" + data if dialect.key else data)


def notes_key(carried: Mapping[str, Sequence[SourceRow]], sources: Iterable[Source]) -> bytes:
    """Return the key of the pages that are sources; `carried` are the packed sources of each, by its path.

    Authors who are links are called as other pages are, which only the `sources` show, as they were joined.
    """
    from wikitools.project.cache import digest, pack

    linked = sorted(
        {
            (name.link, name.family, name.given)
            for source in sources
            for name in (source.names if source.note else ())
            if name.link
        }
    )
    return digest(pack([[(path, carried[path]) for path in sorted(carried)], linked]))


def asked_key(asked: frozenset[str] | None) -> bytes:
    """Return the key of the pages that are reported on."""
    return b"all" if asked is None else "\0".join(("", *sorted(asked))).encode("utf-8", "surrogatepass")
