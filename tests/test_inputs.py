"""Where the paths and texts of `lint` come from: lists, an editor's page; and what it refuses to touch."""

from __future__ import annotations

import subprocess
from functools import partial
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "wiki"
    (root / "drafts").mkdir(parents=True)
    (root / "wikitools.toml").write_text('exclude = ["drafts/"]\n')
    (root / "a.md").write_text("# A\n\n[[x]]\n")
    (root / "b.md").write_text("# B\n\n[[y]]\n")
    (root / "drafts/c.md").write_text("# C\n\n[[z]]\n")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def lint(call: Call) -> Call:
    return partial(call, "lint", "--output-format", "concise")


@pytest.mark.parametrize("listed", [b"a.md\n", b"a.md\0", b"\na.md\r\n\n"])
def test_paths_from_a_list(wiki: Path, lint: Call, listed: bytes) -> None:
    (wiki / "list").write_bytes(listed)
    for arguments, stdin in ((("--files-from", "list"), b""), (("--files-from", "-"), listed)):
        code, out, _ = lint(*arguments, stdin=stdin)
        assert code == 1
        assert out.startswith("a.md:3:")
        assert "b.md:" not in out
    assert lint("--files-from", "list", "b.md")[1].count("error[") == 2


def test_an_empty_list_is_about_nothing_not_everything(wiki: Path, lint: Call) -> None:
    assert lint("--files-from", "-") == (0, "", "No paths in -: nothing to report on.\n")
    assert lint("--files-from", "none")[0] == 2


def test_what_is_left_out_can_be_passed_over_in_silence(wiki: Path, lint: Call) -> None:
    assert "left out of the wiki" in lint("drafts/c.md")[2]
    code, _, err = lint("drafts/c.md", "--force-exclude")
    assert (code, err) == (0, "")


def test_a_page_from_standard_input_stands_in_for_its_file(wiki: Path, lint: Call) -> None:
    code, out, _ = lint("-", "--stdin-filename", "a.md", stdin=b"# A\n\nMore.\n\n[[b]] [[q]]\n")
    assert code == 1
    assert out.startswith("a.md:5:")
    assert '"q"' in out
    assert "b.md:" not in out
    assert lint("--stdin-filename", "a.md", "-", stdin=b"# A\n\n[[b]]\n")[0] == 0
    # Not saved yet: other pages may link to it already.
    code, out, _ = lint("-", "--stdin-filename", "new.md", stdin=b"# New\n\n[[a]] [[new]]\n")
    assert (code, out) == (0, "No problems found (3 pages).\n")
    assert (wiki / "a.md").read_text() == "# A\n\n[[x]]\n"


def test_a_page_from_standard_input_is_printed_with_its_repairs(wiki: Path, lint: Call) -> None:
    text = b"# A\r\n\r\n[[b]] <!-- wikitools-ignore-line links -->\r\n\r\n[[q]]\r\n"
    code, out, err = lint("-", "--stdin-filename", "a.md", "--fix", stdin=text)
    assert (code, out) == (1, "# A\r\n\r\n[[b]]\r\n\r\n[[q]]\r\n")
    assert err.startswith("a.md:5:")
    assert err.endswith("Fixed 1 problem.\n")
    assert lint("-", "--stdin-filename", "a.md", "--fix", stdin=b"# A\n") == (0, "# A\n", "")
    assert (wiki / "a.md").read_text() == "# A\n\n[[x]]\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-",), "error: -: a page on standard input needs its path (--stdin-filename PATH)\n"),
        (("a.md", "--stdin-filename", "b.md"), "error: --stdin-filename takes one page (give no other PATHS)\n"),
        (("-", "--stdin-filename", "no/b.md"), "error: no/b.md: no such file or folder"),
        (("-", "--stdin-filename", "b.txt"), "error: b.txt: not a page (.md, .markdown)\n"),
        (("-", "--stdin-filename", "../b.md", "--config", "wikitools.toml"), "error: ../b.md: outside the wiki"),
    ],
)
def test_mistakes(wiki: Path, lint: Call, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = lint(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(said)


def test_text_that_is_not_utf_8(wiki: Path, lint: Call) -> None:
    said = "error: a.md: standard input is not UTF-8 (byte 1)\n"
    assert lint("-", "--stdin-filename", "a.md", stdin=b"a\xff") == (2, "", said)


def test_repairs_wait_for_a_clean_tree(wiki: Path, lint: Call) -> None:
    (wiki / "a.md").write_text("# A\n\n[[b]] <!-- wikitools-ignore-line links -->\n")
    code, out, err = lint("--fix", "--require-clean")
    assert (code, out) == (2, "")
    assert "no git repository" in err or "not a git repository" in err or "git" in err

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=n", "-c", "user.email=e@example.org")
        subprocess.run(["git", *identity, *arguments], cwd=wiki, check=True, capture_output=True)

    git("init")
    git("add", ".")
    git("commit", "-m", "start")
    (wiki / "new.md").write_text("# New\n")
    code, _, err = lint("--fix", "--require-clean")
    assert code == 2
    assert err.startswith("error: --require-clean: new.md not committed (commit or stash them first")
    assert "ignore-line" in (wiki / "a.md").read_text()
    git("add", ".")
    git("commit", "-m", "more")
    assert lint("--fix", "--require-clean")[0] == 1
    assert (wiki / "a.md").read_text() == "# A\n\n[[b]]\n"
