"""Blocks of sources and Markdown formatters, the real programs: neither undoes what the other does."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from wikitools.block.unformatted import digest, is_digest_of, normalised, unformatted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from conftest import Call

NPM = Path(__file__).parent / "formatters/node_modules"
PYTHON = Path(sys.executable).parent


class Formatter(NamedTuple):
    """A program that rewrites the pages of the current folder."""

    command: Sequence[str]
    needs: Path
    ends: Sequence[int] = (0,)
    """Its exit codes when all went well."""


NIGHTLY = ("prettier", "mdformat", "mdformat, wrapping")
"""Covered by another entry for the same program; prettier with its defaults is also in the first hour of a new user."""

FORMATTERS: Mapping[str, Formatter] = {
    "prettier": Formatter(
        ("node", str(NPM / "prettier/bin/prettier.cjs"), "--log-level", "warn", "--write", "*.md"), NPM / "prettier"
    ),
    "prettier, wrapping": Formatter(
        ("node", str(NPM / "prettier/bin/prettier.cjs"), "--prose-wrap", "always", "--write", "*.md"), NPM / "prettier"
    ),
    "mdformat": Formatter((str(PYTHON / "mdformat"), "--extensions", "frontmatter", "."), PYTHON / "mdformat"),
    "mdformat with gfm": Formatter((str(PYTHON / "mdformat"), "."), PYTHON / "mdformat"),
    "mdformat, wrapping": Formatter((str(PYTHON / "mdformat"), "--wrap", "70", "."), PYTHON / "mdformat"),
    "rumdl": Formatter((str(PYTHON / "rumdl"), "fmt", "--no-cache", "--silent", "."), PYTHON / "rumdl", (0, 1)),
    "dprint": Formatter(("node", str(NPM.parent / "dprint.mjs"), "stars.md", "page.md", "none.md"), NPM / "@dprint"),
    "markdownlint": Formatter(
        ("node", str(NPM / "markdownlint-cli2/markdownlint-cli2-bin.mjs"), "--fix", "*.md"),
        NPM / "markdownlint-cli2",
        (0, 1),
    ),
}
MISSING = "needs: npm ci --ignore-scripts --prefix tests/formatters, or the dependency group dev"

TITLES = {
    "orr2019": ("Orr", "On kelp_and *stars*", "https://example.org/k"),
    "vane2020": ("Vane", "On [moss] | `b` ~x~ <b> = == 50%% #1 __init__ “q” it's – ...", "https://example.org/k_(x)"),
    "noor2021": ("Noor", "1984. A novel & more &amp; &copy; 3 < 4 > 2, 3 * 4, {x} $5 ^a", ""),
    "long2021": ("Long", "A title that goes on " + "and on " * 20 + "for ever", "https://example.org/~joe/a_b*c"),
    "plus2021": ("Plus", "+ more: A^2 x_1 C++ C# 日本語の 本 _ é", "https://bücher.example/é?a=b&copy=c"),
    "dash2021": ("Dash", "- dash --- - [[link]] ![x](y)", "https://example.org/a%20b"),
    "hash2021": ("Hash", "# hash :: a*b*c ((id)) (c)", "https://example.org/?q=a+b#frag"),
}
PROSE = (
    "Kelp grows (Orr et al. 2019). See (Vane, 2020, [p. 3]) and Noor (2021), [@long2021], [@plus2021; @hash2021], "
    "[Dash 2021]. Cai's book is not here."
)
PAGES = {
    "page.md": f"---\ntitle: Page\n---\n\n# Page\n\n{PROSE}\n",
    "stars.md": f"# Stars\n\n* *one*\n* __two__\n\n1) three\n\n{PROSE}\n\n## Sources cited\n\n"
    "<!-- wikitools:sources -->\n<!-- /wikitools:sources -->\n\n## More\n\nText.\n",
    "none.md": "# None\n\n## Sources cited\n\n<!-- wikitools:sources -->\n<!-- /wikitools:sources -->\n",
}
BIBLIOGRAPHY = [
    {
        "id": key,
        "type": "book",
        "title": title,
        "author": [{"family": family}, *([{"family": "Pim"}, {"family": "Quill"}] if family == "Orr" else [])],
        "issued": {"date-parts": [[int(key[-4:])]]},
        **({"URL": url} if url else {}),
    }
    for key, (family, title, url) in TITLES.items()
]


@pytest.fixture(
    params=[pytest.param(name, marks=[pytest.mark.nightly] if name in NIGHTLY else []) for name in FORMATTERS]
)
def format_pages(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], None]:
    formatter = FORMATTERS[request.param]
    if not formatter.needs.exists() or shutil.which(formatter.command[0]) is None:
        pytest.skip(MISSING)

    def run() -> None:
        done = subprocess.run(formatter.command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode in formatter.ends, done.stdout + done.stderr

    return run


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.md"))}


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings", ["", pytest.param("[block]\nnumbered = true\nheading = 'Sources'\n", marks=pytest.mark.nightly)]
)
def test_after_a_formatter_there_is_nothing_to_do_for_either(
    settings: str, format_pages: Callable[[], None], tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wikitools(*arguments: str) -> tuple[int, str, str]:
        return call(*arguments, "--no-cache", "--no-progress")

    def pages(*paths: str) -> list[Any]:
        shown = json.loads(wikitools("backfill", "--json")[1])["pages"]
        return [each for each in shown if each["path"] in paths or (not paths and each["changed"])]

    monkeypatch.chdir(tmp_path)
    heading = "Sources" if settings else "Sources cited"
    for name, text in PAGES.items():
        (tmp_path / name).write_text(text.replace("## Sources cited", f"## {heading}"), "utf-8")
    (tmp_path / "refs.json").write_text(json.dumps(BIBLIOGRAPHY), "utf-8")
    (tmp_path / "wikitools.toml").write_text(settings, "utf-8")
    assert wikitools("backfill", "--init", "-q")[0] == 0
    before = wikitools("lint", "-q")[1]

    format_pages()
    formatted = texts(tmp_path)
    assert wikitools("backfill", "--check", "-q") == (0, "", "")
    assert wikitools("backfill")[0] == 0
    assert texts(tmp_path) == formatted
    assert wikitools("lint", "-q")[1] == before == ""
    format_pages()
    assert texts(tmp_path) == formatted

    # A new citation is noticed among entries that a formatter rewrote.
    page = tmp_path / "page.md"
    page.write_text(formatted["page.md"].replace("Cai's book", "[@cai2022]'s book"), "utf-8")
    new = {"id": "cai2022", "type": "book", "title": "Cai", "URL": "https://c.example"}
    (tmp_path / "refs.json").write_text(json.dumps([*BIBLIOGRAPHY, new]), "utf-8")
    (row,) = pages()
    assert (row["path"], row["added"], row["removed"], row["reworded"]) == ("page.md", ["Cai"], [], [])
    format_pages()
    assert wikitools("backfill", "--check")[0] == 0

    # Text that somebody writes into a block remains theirs after any formatter.
    ours = page.read_text("utf-8")
    page.write_text(ours.replace("referenced as", "to be read; referenced as", 1).replace("[@cai2022]", "A"), "utf-8")
    format_pages()
    (row,) = pages("page.md")
    assert row["state"] == "hand-edited"
    assert "to be read" in page.read_text("utf-8")


ALIKE = [
    ("- a\n- b", "- a\n\n- b\n\n"),
    ("- a\n- b", "* a\r\n* b"),
    ("1. a\n2. b", "1) a\n1) b"),
    ("*Intro.*\n\n- a", "_Intro._\n- a"),
    ("- a **b**", "- a __b__"),
    ("- a b c", "- a\n  b\n  c"),
    ("- a_b", r"- a\_b"),
    (r"- \[a\] \| b", "- [a] | b"),
    (r"- 3 \* 4", "- 3 * 4"),
    ("- [a](<https://x.example/(b)>)", "- [a](https://x.example/(b))"),
    ("- [a](https://x.example/é)", "- [a](https://x.example/%C3%A9)"),
    ("- [a](https://bücher.example/)", "- [a](https://xn--bcher-kva.example/)"),
    ("- &eacute; &amp; c", "- é & c"),
    ("- 日本語の本", "- 日本語\n  の本"),
    ("-   a", "- a"),
]
DIFFERENT = [
    ("- a", "- b"),
    ("- a", "- a b"),
    ("- a b", "- ab"),
    ("- a\n- b", "- a b"),
    ("- a\n- b", "- b\n- a"),
    ("- a", "1. a"),
    ("- a", "a"),
    ("- a", "- *a*"),
    ("- *a*", "- **a**"),
    ("- *a*", r"- \*a\*"),
    ("- a*b", "- a_b"),
    ("- a", "- `a`"),
    ("- [a](https://x.example/b)", "- [a](https://x.example/c)"),
    ("- a&amp;b", r"- a\&amp;b"),
    ("- a\n\n  b", "- a b"),
    ("- %2F", "- /"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_what_only_a_formatter_tells_apart_is_alike(one: str, other: str) -> None:
    assert unformatted(one) == unformatted(other)
    assert digest(one) == digest(other)
    assert is_digest_of(digest(one), other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_words_and_markup_of_an_editor_are_seen(one: str, other: str) -> None:
    assert unformatted(one) != unformatted(other)
    assert not is_digest_of(digest(one), other)


def test_hashes_of_wikitools_0_1_hold() -> None:
    body = "*Intro, by hand.*\n\n- [On kelp\\_and](https://example.org/k) — referenced as (Orr 2019)"
    old = "72a2d80d"
    assert normalised(body + "\n") == body
    assert is_digest_of(old, body)
    assert is_digest_of(old, body.replace("*", "_") + "\n\n")  # as prettier leaves it
    assert not is_digest_of(old, body.replace("kelp", "moss"))
