"""Hostile tiny wikis, made at random: no command fails by a bug of ours, or touches what is outside of the wiki.

A hundred wikis by default; `WIKITOOLS_FUZZED_WIKIS=5300` tries as many as the long run does. The seed is the number of
the wiki, so that one that fails can be made again.
"""

from __future__ import annotations

import os
import random
import shutil
from typing import TYPE_CHECKING

import pytest

from wikitools.cli.app import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow


WIKIS = int(os.environ.get("WIKITOOLS_FUZZED_WIKIS", "100"))
_AT_ONCE = 20

_STEMS = (
    "index",
    "Home",
    "a",
    "A",
    "note one",
    "note-one",
    "note_one",
    "日本",
    "e\u0301te\u0301",
    "été",
    "x.y.z",
    "-rf",
    "--fix",
    "100%",
    "a%20b",
    "a#b",
    "a|b",
    "[b]",
    "(c",
    "&amp;",
    "'q'",
    '"q"',
    "$HOME",
    "`id`",
    "tab\there",
    "line\nbreak",
    "CON",
    "aux",
    "🙂",
    "\u202eevil",
    "\x1b[31mred",
    "..",
    "...hidden",
    " lead",
    "trail ",
    "a" * 120,
    "_Sidebar",
    "2024-01-01",
    "@key2020",
    "smith2020",
)
_FOLDERS = ("", "", "", "a/", "A/", "log/", "b c/", "a/b/c/d/e/f/", "日本/", "-x/", "[g]/", ".obsidian/", "%41/")
_FRONT_MATTER = (
    "",
    "",
    "---\n---\n",
    "---\ntitle: [a\n---\n",
    "---\naliases: [A, 日本, a|b]\n---\n",
    "---\n&a [*a, *a]\n---\n",
    "---\ntitle: !!python/object:os.system x\n---\n",
    "---\nbibliography: ../../outside.bib\n---\n",
    "---\na: b\n",
    "---\ntitle: 2020-99-99\ndoi: 10.1/x\nauthor: Smith, J\nyear: 2020\n---\n",
    "+++\na = 1\n+++\n",
    "---\r\nx: y\r\n---\r\n",
)
_PIECES = (
    "# {a}\n",
    "## {a} {{#x .y}}\n",
    "{a}\n===\n",
    "[[{a}]]\n",
    "[[{a}|{b}]]\n",
    "[[{a}#{b}]]\n",
    "![[{a}]]\n",
    "![[{a}#^{b}|300]]\n",
    "[{b}]({a}.md)\n",
    "[{b}](<{a}.md#{b}>)\n",
    "[{a}]\n",
    "[{a}]: {b}\n",
    "[^{n}] and [^{n}]: {a}\n",
    "[@{a}; @smith2020, p. {n}]\n",
    "Smith ({y}) and Jones & Lee {y}a; (Müller et al. {y}, {n})\n",
    "| a | [[{a}|{b}]] |\n|---|---|\n| `|` | {b} |\n",
    "$$ [[{a}]]\n",
    "%% [[{a}]]\n",
    "<!-- wikitools-ignore broken-wikilink\n",
    "<!-- wikitools-ignore-file ALL -->\n",
    '<div id="{a}">\n',
    "```\n[[{a}]]\n",
    "~~~~ {a}\n",
    "> > > - 1. [[{a}]]\n",
    "    [[{a}]]\n",
    "\t- [[{a}\n]]\n",
    "[[" * 40 + "\n",
    "]]" * 40 + "\n",
    "[" * 60 + "](" * 60 + "\n",
    "*_" * 80 + "{a}\n",
    "<http://{a}.example/{b}>\n",
    "http://example.org/{a}_(b)\n",
    "## Sources cited\n\n- Smith, J. ({y}). {a}.\n",
    "<!-- wikitools:sources -->\n- {a}\n",
    "<!-- wikitools:sources begin -->\n\n- {a}\n\n<!-- wikitools:sources end -->\n",
    "\x00\x01\x02 {a}\n",
    "\ufeff{a}\n",
    "{a}\u2028{b}\x85\x0c\n",
    "{a}\r{b}\r\n",
    "[[../../../outside]]\n",
    "[x](../../../../etc/passwd)\n",
    "[x](file:///etc/passwd)\n",
    "![[*]]\n",
    "[[dendron://{a}/{b}]]\n",
    "((11111111-1111-1111-1111-111111111111))\n",
    "::error::{a}\n",
    "^{b}\n",
    "alias:: {a}\n",
    "|" * 300 + "\n" + "|-" * 300 + "\n",
    "<!-- %% $$ `` [[{a}]]\n",
    ":::{{note}}\n[[{a}]]\n",
    "!!! note\n    [[{a}]]\n",
)
_BIBLIOGRAPHIES = (
    (
        "refs.bib",
        "@article{smith2020, author = {Smith, J}, title = {A {B} c}, year = 2020, doi = {10.1/x}}\n@book{,}\n@x{y",
    ),
    (
        "refs.json",
        '[{"id": "smith2020", "type": "book", "author": [{"family": "Smith"}], "issued": {"date-parts": [[2020]]}}] x',
    ),
    ("refs.yaml", "references:\n- id: lee2021\n  author: [{family: Lee}]\n  issued: 2021\nreferences: []\n"),
    ("refs.ris", "TY  - JOUR\nAU  - Lee, A\nPY  - 2021\nTI  - T\n"),
    ("CITATION.cff", "cff-version: 1.2.0\nauthors: [{family-names: Lee}]\ntitle: [\n"),
)
_CONFIGURATIONS = (
    "",
    "",
    'engine = "quartz"\n',
    'engine = "dendron"\n',
    'engine = "foam"\n',
    'engine = "logseq"\n',
    'engine = "github-wiki"\n',
    'engine = "gollum"\n',
    'engine = "mkdocs-roamlinks"\n',
    'engine = "mkdocs-ezlinks"\n',
    'engine = "slug"\n',
    'engine = "markdown"\n',
    'engine = "no such"\n',
    'exclude = ["*", "!a", "[", "**/**/**"]\n',
    'bibliography = ["../outside.bib", "/dev/zero", "refs.bib"]\n',
    'select = ["ALL"]\n',
    'select = ["broken-wikilnk"]\n',
    '[block]\nheading = ""\n',
    '[block]\nheading = "Q\\n# X"\n',
    "x = [\n",
    "\x00",
    'extend = "wikitools.toml"\n',
    "[block]\nnumbered = true\nheading-level = 6\n",
    '[per-file-ignores]\n"***" = ["ALL"]\n',
)
_ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-8", "utf-16", "latin-1", "utf-8-sig", "shift_jis")


def make_wiki(root: Path, seed: int) -> None:
    """Lay out the wiki of that number."""
    chance = random.Random(seed)
    names = [chance.choice(_STEMS) for _ in range(chance.randint(2, 7))]
    for name in names:
        folder = chance.choice(_FOLDERS)
        suffix = chance.choice((".md", ".md", ".md", ".MD", ".markdown", ".png", ""))
        place = os.path.join(root, folder, name + suffix)
        words = lambda: {  # noqa: E731
            "a": chance.choice((*names, chance.choice(_STEMS))),
            "b": chance.choice(_STEMS),
            "n": chance.randint(0, 99),
            "y": chance.choice((2020, 2021, 1899, "n.d.")),
        }
        text = chance.choice(_FRONT_MATTER)
        text += "".join(chance.choice(_PIECES).format(**words()) for _ in range(chance.randint(0, 14)))
        data = text.encode(chance.choice(_ENCODINGS), "replace")
        if chance.random() < 0.1:
            at = chance.randint(0, len(data))
            data = data[:at] + bytes(chance.randrange(256) for _ in range(5)) + data[at:]
        try:
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "xb") as file:
                file.write(data)
        except OSError:
            # Some names mean nothing here (".."), or are taken by another kind of file.
            continue
    for name, text in chance.sample(_BIBLIOGRAPHIES, chance.randint(0, 2)):
        (root / name).write_text(text)
    if settings := chance.choice(_CONFIGURATIONS):
        (root / "wikitools.toml").write_text(settings)
    if chance.random() < 0.1:
        os.symlink("../outside.md", root / "linked.md")
    if chance.random() < 0.1:
        os.symlink(".", root / "loop")
    if chance.random() < 0.05:
        os.mkfifo(root / "pipe.md")


def state_of(folder: Path) -> dict[str, bytes | str]:
    """Return the content of a folder: files with their bytes, links with their targets."""
    found: dict[str, bytes | str] = {}
    for top, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = os.path.join(top, name)
            if os.path.islink(path):
                found[path] = os.readlink(path)
            elif os.path.isfile(path):
                with open(path, "rb") as file:
                    found[path] = file.read()
    return found


def commands(root: Path, seed: int) -> Iterator[list[str]]:
    """Yield what is run on a wiki, one after the other."""
    place = str(root)
    pages = sorted(each[len(place) + 1 :] for each in state_of(root) if each.lower().endswith(".md"))
    yield ["lint", "--no-cache", "--extend-select", "ALL", place]
    yield ["lint", "--no-cache", "--output-format", "json", place]
    yield ["cite", "--no-cache", place]
    yield ["init", "--dry-run", place]
    yield ["backfill", "--no-cache", "--init", place]
    yield ["backfill", "--no-cache", place]
    if pages:
        new = random.Random(seed).choice(("moved/to here", "Other", "日本語", "a"))
        yield ["rename", "--no-cache", "--", pages[seed % len(pages)], f"{new}.md"]
    yield ["lint", "--no-cache", "--fix", "--unsafe-fixes", place]


@pytest.mark.parametrize("first", range(0, WIKIS, _AT_ONCE))
def test_hostile_wikis(
    first: int, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for seed in range(first, min(first + _AT_ONCE, WIKIS)):
        around = tmp_path / str(seed)
        root = around / "wiki"
        root.mkdir(parents=True)
        (around / "outside.md").write_text("[[nothing]] Smith (2020)\n")
        (around / "outside.bib").write_text("@book{x, title = {X}}\n")
        make_wiki(root, seed)
        # What is renamed is looked for from the current folder on.
        monkeypatch.chdir(root)
        outside = {path: data for path, data in state_of(around).items() if not path.startswith(f"{root}/")}
        for command in commands(root, seed):
            code = run([*command[:1], "-j", "1", "--no-progress", *command[1:]] if command[0] != "init" else command)
            said = capsys.readouterr()
            assert code in (0, 1, 2), (seed, command, said.err)
            assert "a bug in wikitools" not in said.err, (seed, command, said.err)
            assert "Traceback" not in said.err, (seed, command, said.err)
        # What was repaired once has nothing left to be repaired.
        before = state_of(around)
        run(["lint", "-j", "1", "--no-cache", "--fix", "--unsafe-fixes", str(root)])
        capsys.readouterr()
        after = state_of(around)
        assert before == after, (seed, [path for path in after if before.get(path) != after[path]])
        assert outside == {path: data for path, data in after.items() if not path.startswith(f"{root}/")}, seed
        monkeypatch.chdir(tmp_path)
        shutil.rmtree(around)
