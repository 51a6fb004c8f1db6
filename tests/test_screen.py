"""What reaches a terminal, seen through a real one: colour, links, widths, encodings, pipes and interrupts."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import program
import pytest
from program import PROGRAM

from wikitools.cli import terminal
from wikitools.cli.app import run
from wikitools.report.ansi import _CODES, Style
from wikitools.report.formats import FORMATS, GROUPINGS
from wikitools.report.report import Report
from wikitools.report.screen import fold, width

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.slow


RED = "\x1b[1;31m"
ESCAPE = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;;[^\x1b]*\x1b\\")
# What would change how the program writes, wherever these tests run.
OUTSIDE = (
    *("CI", "GITHUB_ACTIONS", "TF_BUILD", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_HYPERLINK"),
    *("VTE_VERSION", "WT_SESSION", "TERM_PROGRAM", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "DOMTERM", "WEZTERM_PANE"),
    *("GHOSTTY_RESOURCES_DIR", "PYTHONIOENCODING", "PYTHONUTF8", "LC_ALL", "COLUMNS"),
)


@pytest.fixture
def wiki(tmp_path: Path) -> Path:
    """A wiki with findings of all lengths."""
    root = tmp_path / "wiki"
    (root / "a folder with a long name").mkdir(parents=True)
    (root / "Inner alignment.md").write_text("# Inner alignment\n\nSee [[main]].\n")
    (root / "main.md").write_text(
        "# Main\n\nSee [[Inner Alignmnt]] and [[Gone]].\n\n[a]: x\n[a]: y\n\n日本語の [[語彙]] と 😀 ![[picture.png]]\n"
    )
    long = "word " * 60 + "[[A page whose name is so long that it takes more than one line of a narrow terminal]]"
    (root / "a folder with a long name/another page.md").write_text(f"{long} {'word ' * 60}\n\n[[Gone]] [[gone]]\n")
    return root


def settings(more: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in program.environment().items() if name not in OUTSIDE}
    return {**kept, "LC_ALL": "C.UTF-8", **more}


def on_terminal(*arguments: str, cwd: Path, columns: int = 80, code: int = 1, **environment: str) -> str:
    """Return what `wikitools lint` writes when standard output and error are a terminal."""
    ended, written = program.on_terminal(
        *("lint", "--isolated", "--no-cache", *arguments),
        cwd=cwd,
        environment=settings({"TERM": "xterm-256color", **environment}),
        columns=columns,
    )
    assert ended == code
    return written


def in_pipe(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Return what `wikitools lint` writes into pipes."""
    command = [*PROGRAM, "lint", "--isolated", "--no-cache", *arguments]
    return subprocess.run(command, cwd=cwd, env=settings(environment), capture_output=True, check=False)


# Colour


@pytest.mark.parametrize(
    ("choice", "environment", "looked_at", "coloured"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "0"}, False, False),
        ("auto", {"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
        ("auto", {"CLICOLOR_FORCE": "1"}, False, True),
        ("auto", {"CLICOLOR_FORCE": "0"}, False, False),
        ("always", {"NO_COLOR": "1", "TERM": "dumb"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_what_decides_about_colour(
    choice: str, environment: dict[str, str], looked_at: bool, coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal, "_chosen", choice)
    monkeypatch.setattr(terminal, "is_terminal", lambda _: looked_at)
    assert terminal.style_for(sys.stdout, environment).colour is coloured


@pytest.mark.parametrize("name", [name for name, each in FORMATS.items() if each.for_people])
def test_colour_on_a_real_terminal(name: str, wiki: Path) -> None:
    chosen = ("--output-format", name)
    assert RED in on_terminal(*chosen, cwd=wiki)
    assert "\x1b" not in on_terminal(*chosen, cwd=wiki, NO_COLOR="1")
    assert RED in on_terminal(*chosen, "--color", "always", cwd=wiki, NO_COLOR="1")


def test_documents_are_never_coloured(wiki: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (name for name, each in FORMATS.items() if not each.for_people):
        code = run(
            ["lint", "--isolated", str(wiki), f"--output-format={name}", "--color=always", "--hyperlinks=always"]
        )
        assert (code, "\x1b" in capsys.readouterr().out) == (1, False), name
    terminal.choose_colour("auto")


# The sixteen colours as terminals draw them: (1) VGA, (2) xterm, (3) GNOME, (4) Campbell, (5) macOS, (6) VS Code's dark
# and (7) light theme. Bold may make a colour brighter.
PALETTES = {
    "31": "aa0000 cd0000 cc0000 c50f1f c23621 cd3131 cd3131",
    "32": "00aa00 00cd00 4e9a06 13a10e 25bc24 0dbc79 107c10",
    "35": "aa00aa cd00cd 75507b 881798 d338d3 bc3fbc bc05bc",
    "36": "00aaaa 00cdcd 06989a 3a96dd 33bbc8 11a8cd 0598bc",
    "1;31": "ff5555 ff0000 ef2929 e74856 ff6e67 f14c4c cd3131",
    "1;35": "ff55ff ff00ff ad7fa8 b4009e f935f8 d670d6 bc05bc",
}
LEAST = 1.9
"""Of contrast; bold yellow on white has 1.1, plain blue on black 1.3 to 2."""


@pytest.mark.parametrize("name", sorted(_CODES))
def test_colours_can_be_read_on_dark_and_on_light_backgrounds(name: str) -> None:
    code = _CODES[name]
    if code in {"1", "2"}:
        return  # the terminal's own colour
    for colour in PALETTES[code].split():
        light = luminance(colour)
        assert (1 + 0.05) / (light + 0.05) >= LEAST, f"{name} on white: {colour}"
        assert (light + 0.05) / 0.05 >= LEAST, f"{name} on black: {colour}"


def luminance(colour: str) -> float:
    """Return the relative luminance of an sRGB colour (WCAG 2.1)."""
    parts = (int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# Links


@pytest.mark.parametrize(
    ("choice", "environment", "looked_at", "linked"),
    [
        ("auto", {}, True, False),
        ("auto", {"VTE_VERSION": "7600"}, True, True),
        ("auto", {"VTE_VERSION": "4200"}, True, False),
        ("auto", {"VTE_VERSION": "x"}, True, False),
        ("auto", {"TERM_PROGRAM": "vscode"}, True, True),
        ("auto", {"TERM_PROGRAM": "Apple_Terminal"}, True, False),
        ("auto", {"WT_SESSION": "1"}, True, True),
        ("auto", {"WT_SESSION": "1"}, False, False),
        ("auto", {"WT_SESSION": "1", "TERM": "dumb"}, True, False),
        ("auto", {"WT_SESSION": "1", "CI": "true"}, True, False),
        ("auto", {"FORCE_HYPERLINK": "1"}, False, True),
        ("auto", {"FORCE_HYPERLINK": "0", "WT_SESSION": "1"}, True, False),
        ("always", {}, False, True),
        ("never", {"WT_SESSION": "1"}, True, False),
    ],
)
def test_what_decides_about_links(
    choice: str, environment: dict[str, str], looked_at: bool, linked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal, "is_terminal", lambda _: looked_at)
    assert terminal.links_on(sys.stdout, environment, choice) is linked


@pytest.mark.parametrize("name", ["full", "concise", "grouped"])
def test_places_are_links(name: str, wiki: Path) -> None:
    (wiki / "a;b %\x07.md").write_text("[[Gone]]\n")
    plain = on_terminal("--output-format", name, "--color=never", cwd=wiki)
    linked = on_terminal("--output-format", name, "--color=never", cwd=wiki, VTE_VERSION="7600")
    assert "\x1b" not in plain
    assert f"\x1b]8;;file://{wiki}/a%20folder%20with%20a%20long%20name/another%20page.md\x1b\\" in linked
    assert f"\x1b]8;;file://{wiki}/a%3Bb%20%25%07.md\x1b\\" in linked
    assert linked.count("\x1b]8;;\x1b\\") * 2 == linked.count("\x1b]8;;")
    assert ESCAPE.sub("", linked) == plain


def test_rules_are_links_where_their_docs_have_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    from format_wiki import found

    from wikitools.report import concise, full, grouped, rule_pages
    from wikitools.report.summary import summarise

    monkeypatch.setattr(rule_pages, "DOCS", "https://docs.example/")
    link = "\x1b]8;;https://docs.example/rules/broken-wikilink/\x1b\\broken-wikilink\x1b]8;;\x1b\\"
    one = found()
    report = Report((one,), summarise([one], pages=1), style=Style(links=True))
    for module in (full, concise, grouped):
        assert link in "".join(module.render(report))


# Widths


SHAPES = (("--output-format", "full"), *(("--group-by", grouping) for grouping in GROUPINGS), ("--statistics",))


@pytest.mark.parametrize("columns", [40, 80, 120])
@pytest.mark.parametrize("arguments", SHAPES)
def test_no_line_is_wider_than_the_terminal(arguments: tuple[str, ...], columns: int, wiki: Path) -> None:
    shown = on_terminal(*arguments, cwd=wiki, columns=columns)
    lines = ESCAPE.sub("", shown).splitlines()
    assert len(lines) > 4
    for line in lines:
        # The name of a page is never broken: one that is longer than the terminal is wide has its own line.
        alone = "another page.md" in line and not re.search(r"[a-z]{4}", line.partition("another page.md")[2][:-9])
        assert width(line) <= columns or (columns == 40 and alone), line


def test_a_pipe_has_no_width(wiki: Path) -> None:
    for columns in (40, 200):
        out = in_pipe("--group-by", "target", cwd=wiki, COLUMNS=str(columns)).stdout.decode()
        assert "A page whose name is so long that it takes more than one line of a narrow terminal" in out
        assert "a folder with a long name/another page.md:1:301" in out


def test_a_terminal_that_does_not_know_its_width(wiki: Path) -> None:
    assert "\n --> main.md:3:5\n" in on_terminal("--color=never", cwd=wiki, columns=0)


@pytest.mark.parametrize(
    ("text", "columns", "first", "indent", "lines"),
    [
        ("one two", 0, 0, 0, ["one two"]),
        ("one two", 7, 0, 0, ["one two"]),
        ("one two", 6, 0, 0, ["one", "two"]),
        ("one two three", 9, 6, 2, ["one", "two", "three"]),
        ("日本 語彙", 8, 0, 0, ["日本", "語彙"]),
        ("averylongword b", 5, 0, 0, ["averylongword", "b"]),
        ("", 5, 0, 0, [""]),
    ],
)
def test_lines_are_broken_between_words(text: str, columns: int, first: int, indent: int, lines: list[str]) -> None:
    assert fold(text, columns, first=first, indent=indent) == lines


# Encodings


@pytest.mark.parametrize(
    ("name", "encoding"), [*((name, "ascii") for name in FORMATS), ("full", "latin-1"), ("json", "cp1252")]
)
def test_no_encoding_ends_a_run(name: str, encoding: str, wiki: Path) -> None:
    done = in_pipe("--output-format", name, cwd=wiki, PYTHONIOENCODING=encoding, PYTHONUTF8="0", LC_ALL="C")
    assert (done.returncode, done.stderr) == (1, b"")
    if FORMATS[name].for_people:
        assert rb"\u8a9e\u5f59" in done.stdout
        return
    # Documents are UTF-8 whatever the terminal's encoding is.
    assert "語彙" in done.stdout.decode("utf-8")
    if name == "junit":
        ET.fromstring(done.stdout)
    elif name in {"json", "gitlab", "rdjson", "sarif"}:
        json.loads(done.stdout)


# Pipes


@pytest.mark.parametrize("name", ["full", "grouped", "json", "sarif", "junit"])
def test_who_stops_reading_is_told_nothing(name: str, wiki: Path) -> None:
    (wiki / "many.md").write_text("".join(f"[[x{number % 10}]]\n\n" for number in range(3000)))
    command = [*PROGRAM, "lint", "--isolated", "--no-cache", "--output-format", name]
    with subprocess.Popen(
        command, cwd=wiki, env=settings({}), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


# Interrupts


def test_an_interrupt_during_repairs_leaves_whole_pages(tmp_path: Path) -> None:
    (tmp_path / "Inner alignment.md").write_text("# Inner alignment\n")
    old = "[[Inner Alignmnt]]\n" + "word " * 4000 + "\n[[Inner Alignmnt]]\n"
    new = old.replace("Alignmnt", "alignment")
    pages = [tmp_path / f"page{number:03}.md" for number in range(300)]
    for page in pages:
        page.write_text(old)
    process = subprocess.Popen(
        [*PROGRAM, "lint", "--isolated", "--no-cache", "--fix", "--unsafe-fixes", "-q"],
        cwd=tmp_path,
        env=settings({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and process.poll() is None and pages[20].read_text() == old:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=300)
    assert b"Traceback" not in err
    texts = [page.read_text() for page in pages]
    assert {*texts} <= {old, new}
    assert not list(tmp_path.glob(".wikitools-*"))
    if old in texts:
        written = texts.count(new)
        assert (process.returncode, out) == (130, b"")
        assert err.decode().splitlines() == [f"{written} of 300 changed pages were written", "error: interrupted"]
