"""The settings of one run, each with its default and its meaning."""

from __future__ import annotations

from dataclasses import field, fields
from types import MappingProxyType
from typing import TYPE_CHECKING

from wikitools.block.style import BlockStyle
from wikitools.cite.citation_settings import CitationSettings
from wikitools.config.web_settings import WebSettings
from wikitools.lint.rule_settings import ENTRY_PAGES, RuleSettings
from wikitools.records import dataclass
from wikitools.wiki.placeholders import PLACEHOLDERS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SEVERITIES = ("error", "warning", "info")
FAIL_ON = ("any", "warning", "error", "never")
BASELINE = "wikitools-baseline.json"
"""The baseline that is used if it exists and no other is named."""
NAME_RULES = ("select", "ignore", "extend-select", "severity", "per-file-ignores")
"""The keys whose values name rules or groups."""


TABLES: Mapping[str, type[BlockStyle] | type[CitationSettings] | type[WebSettings]] = MappingProxyType(
    {"block": BlockStyle, "citations": CitationSettings, "web": WebSettings}
)
"""The tables of settings, with the classes whose fields are their keys; each is a field of `Settings`."""


class ConfigError(Exception):
    """The configuration is wrong; the message is one line that starts with its location."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one run. Patterns and paths in it are relative to `folder`, which is `root` without a file."""

    root: Path
    """The wiki: absolute."""
    config: Path | None = None
    """The file that was read."""
    extend: str = field(
        default="",
        metadata={
            "doc": "Another configuration file, relative to this one. Its settings apply unless this file sets them."
        },
    )
    required_version: str = field(
        default="",
        metadata={"doc": "Versions of wikitools that this configuration is for, as in `>=0.2,<1` (PEP 440)."},
    )
    engine: str = field(
        default="obsidian", metadata={"doc": "The program that shows the wiki; it decides how links resolve."}
    )
    anchors: str = field(
        default="",
        metadata={
            "doc": "Whose way of making anchors from headings counts, where it is not the engine's: `github`, "
            "`gollum`, `hugo`, `pandoc` or `python-markdown`."
        },
    )
    placeholders: tuple[str, ...] = field(
        default=PLACEHOLDERS,
        metadata={
            "doc": "Globs of link targets that stand for a link, in a template or in a page about links: they are not "
            "reported, but counted in the summary. Yours replace the default; `[]`: none."
        },
    )
    bibliography: tuple[str, ...] | None = field(
        default=None,
        metadata={
            "doc": "Bibliography files: paths and globs. Left out: they are looked for in the wiki. `[]`: none. "
            "No hidden file.",
        },
    )
    exclude: tuple[str, ...] = field(
        default=(), metadata={"doc": "Pages and folders that are not part of the wiki, in `.gitignore` syntax."}
    )
    suffixes: tuple[str, ...] = field(
        default=(".md", ".markdown"),
        metadata={
            "doc": "How the names of pages end. Quarto, R Markdown and MDX are read as Markdown if `.qmd`, `.Rmd` or "
            "`.mdx` is added; links to such pages name the suffix."
        },
    )
    respect_gitignore: bool = field(default=True, metadata={"doc": "Exclude files that `.gitignore` files exclude."})
    select: tuple[str, ...] = field(
        default=(),
        metadata={"doc": "Rules to run: names, groups or `ALL`. Empty means the default ones."},
    )
    ignore: tuple[str, ...] = field(default=(), metadata={"doc": "Rules not to run: names or groups."})
    extend_select: tuple[str, ...] = field(default=(), metadata={"doc": "Rules to run in addition to `select`."})
    entry_pages: tuple[str, ...] = field(
        default=ENTRY_PAGES,
        metadata={
            "doc": "Globs of pages that need no link to them (see `orphan-page`), and may share names and titles."
        },
    )
    severity: Mapping[str, str] = field(
        default_factory=dict,
        metadata={"doc": "A table of rules, each with `error`, `warning` or `info` instead of its own severity."},
    )
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = field(
        default=(),
        metadata={
            "doc": "A table of globs of pages (`*` within a folder, `**` across), each with rules not reported there."
        },
    )
    fail_on: str = field(
        default="warning", metadata={"doc": "Findings with this severity or a higher one make the exit code 1."}
    )
    baseline: str = field(
        default=BASELINE,
        metadata={
            "doc": "The file of known findings, see [Adoption](adoption.md). The default is used when it is there; one "
            'that is named must exist. `""`: none.'
        },
    )
    max_page_size: int = field(
        default=5_000_000,
        metadata={
            "doc": "Larger pages are not read and reported: bytes, or text like `2 MB`. Reading a page takes up to 250 "
            "times its size in memory, so a file can set 20 MB at most; the command line and the variable, more."
        },
    )
    max_bibliography_size: int = field(
        default=500_000_000, metadata={"doc": "The same for bibliography files; a file can set 500 MB at most."}
    )
    block: BlockStyle = field(
        default_factory=BlockStyle, metadata={"doc": 'A table: how the "Sources cited" block looks.'}
    )
    citations: CitationSettings = field(
        default_factory=CitationSettings, metadata={"doc": "A table: what citations mean that pages leave open."}
    )
    web: WebSettings = field(
        default_factory=WebSettings, metadata={"doc": "A table: what is asked of the web, and how often."}
    )
    origins: Mapping[str, str] = field(default_factory=dict)
    """Where each value that is not the default comes from: `wikitools.toml:3:1`, `--select`, `WIKITOOLS_ENGINE`; also
    where single names in it do (`select[links]`, `severity[links]`), for those that a person may have mistyped."""
    files: tuple[Path, ...] = ()
    """All files that were read: `config`, then what it extends, and so on."""
    follow_links: bool = False
    """Whether symbolic links out of the repository are followed; not a key, because the wiki must not decide that."""
    anywhere: frozenset[str] = frozenset()
    """The keys whose paths may be outside of the repository, because the command line or the environment set them."""
    warnings: tuple[str, ...] = ()
    """Warnings about settings that look wrong but have no effect."""

    @property
    def for_rules(self) -> RuleSettings:
        """The settings of rules."""
        return RuleSettings(**{each.name: getattr(self, each.name) for each in fields(RuleSettings)})

    @property
    def folder(self) -> Path:
        """The folder that patterns and paths in the settings are relative to."""
        return self.root if self.config is None else self.config.parent

    def origin(self, key: str) -> str:
        """Return where the value of `key` (as written in the file, `block.heading` in tables) comes from."""
        return self.origins.get(key, "default")

    def origin_of_rule(self, name: str) -> str:
        """Return where a rule or group is named; "" when no setting names it."""
        return next((self.origins[f"{key}[{name}]"] for key in NAME_RULES if f"{key}[{name}]" in self.origins), "")
