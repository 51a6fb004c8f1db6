"""Examples of each command, for its help and for the docs: what it is for, and what to type behind `wikitools`."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Example(NamedTuple):
    """One line that somebody could type."""

    does: str
    typed: str


EXAMPLES: Mapping[str, tuple[Example, ...]] = MappingProxyType(
    {
        "lint": (
            Example("everything that is wrong", "lint"),
            Example("the errors in one folder", "lint notes/ --min-severity error"),
            Example("the safe repairs, first as a patch", "lint --fix --diff"),
            Example("only what this branch makes wrong", "lint --new-since main"),
            Example("one rule, a line for each finding", "lint --select broken-anchor --output-format concise"),
            Example("a file for code scanning", "lint -o findings.sarif"),
        ),
        "backfill": (
            Example("which pages would get a block", "backfill --init --dry-run"),
            Example("add and update the blocks", "backfill --init"),
            Example("in CI: fail if a block is out of date", "backfill --check"),
            Example("the pages that cite a changed bibliography", "backfill references.bib"),
        ),
        "cite": (
            Example("the citations of a page, each with its evidence", "cite page.md"),
            Example("what one citation means, and where it stands", 'cite "Hubinger 2019"'),
            Example("the works that the bibliography lacks", "cite --unmatched"),
            Example("settle citations that fit several sources", "cite --ambiguous --fix"),
        ),
        "rename": (
            Example("move a page; every link to it follows", "rename notes/kelp.md biology/kelp.md"),
            Example("rename a heading", 'rename "kelp.md#Growth" "How it grows"'),
            Example("only show the changes", "rename kelp.md seaweed.md --diff"),
        ),
        "links": (
            Example("who links to a page, and what it links to", "links notes/kelp.md"),
            Example("the same for a program", "links notes/kelp.md --output-format json"),
        ),
        "graph": (
            Example("pages that no other page links to", "graph --orphans"),
            Example("the surroundings of a page, for Graphviz", "graph --around kelp.md --format dot"),
            Example("pages and sources, for Gephi", "graph --citations --format graphml"),
        ),
        "report": (
            Example("one page about the whole wiki", "report -o report.html"),
            Example("what changed since last month's", "report -o report.html --against last-month.json"),
            Example("with the works that a look-up found", "report -o report.html --proposals proposals.toml"),
        ),
        "urls": (
            Example("every address on the web, for ten minutes", "urls --max-time 10m"),
            Example("those that this branch adds", "urls --changed"),
            Example("write the new addresses of what has moved", "urls --fix"),
        ),
        "lsp": (Example("what an editor starts", "lsp"),),
        "explain": (
            Example("all rules", "explain"),
            Example("one rule, with examples", "explain broken-anchor"),
        ),
        "init": (
            Example("read what it would write", "init --dry-run"),
            Example("write wikitools.toml", "init"),
        ),
        "completions": (
            Example("bash: write this to your folder of completions", "completions bash"),
            Example("fish", "completions fish"),
        ),
        "baseline create": (Example("accept all current findings", "baseline create"),),
        "baseline update": (Example("accept the new ones, too", "baseline update"),),
        "baseline prune": (
            Example("drop what was repaired", "baseline prune"),
            Example("in CI: fail if something could be dropped", "baseline prune --check"),
        ),
        "baseline show": (Example("the entries by rule", "baseline show"),),
        "bib add": (
            Example("a work by its DOI", "bib add 10.1038/nature14539"),
            Example("a work by its title", 'bib add "Attention is all you need" --year 2017'),
            Example("what the wiki cites and lacks; asks about each", "bib add --from-wiki"),
        ),
        "bib verify": (
            Example("do the works exist, and are they retracted?", "bib verify"),
            Example("the pages to read first", "bib verify --by-page"),
        ),
        "bib check": (Example("every rule about bibliographies", "bib check"),),
        "bib list": (
            Example("all sources and how many pages cite each", "bib list"),
            Example("for a spreadsheet", "bib list --output-format csv"),
        ),
        "cache dir": (Example("where the cache is", "cache dir"),),
        "cache clean": (Example("delete it", "cache clean"),),
        "config show": (Example("each setting and where it comes from", "config show"),),
        "config schema": (Example("a JSON Schema for your editor", "config schema"),),
    }
)
