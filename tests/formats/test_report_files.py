"""Reports that go to files, and the paths in them."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
from format_wiki import PAGES, READERS, Lint, commands_of, diagnostics_of, put, read_markdown, read_sarif

from wikitools.report import sarif

# Further reports


def test_reports_go_to_files_whole_or_not_at_all(lint: Lint, tmp_path: Path) -> None:
    put("ordinary")
    old = tmp_path / "old.json"
    old.write_text("old")
    old.chmod(0o640)
    elsewhere = tmp_path.parent / f"{tmp_path.name}-elsewhere"
    elsewhere.mkdir()
    link = elsewhere / "link.sarif"
    link.symlink_to("real.sarif")
    code, out, err = lint("--report", "json=old.json", "--report", f"sarif={link}", "--report", "junit=wiki/../j.xml")
    assert (code, err) == (1, "")
    assert out.startswith("error[broken-wikilink]: ")
    assert read_sarif((elsewhere / "real.sarif").read_text()) == len(diagnostics_of(old.read_text()))
    assert (old.stat().st_mode & 0o777, link.is_symlink()) == (0o640, True)
    new = (tmp_path / "j.xml").stat().st_mode & 0o777
    (tmp_path / "by hand").touch()
    assert new == (tmp_path / "by hand").stat().st_mode & 0o777
    assert not list(tmp_path.glob(".wikitools-*"))
    assert lint("--report", "json=-")[1] == old.read_text()
    assert lint("-q", "--report", "gitlab=/dev/null")[0] == 1
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--report", "srif=x"), '--report srif=x: no format is named "srif"; did you mean "sarif"?'),
        (("--report", "sarif"), "--report sarif: write FORMAT=PATH (formats: full, concise,"),
        (("--report", "sarif="), "--report sarif=: write FORMAT=PATH"),
        (("--report", "json=no/x.json"), "--report json=no/x.json: there is no folder no"),
        (("--report", "json=wiki"), "--report json=wiki: wiki is a folder"),
        (("--report", "json=x", "--report", "sarif=./x"), "--report sarif=./x: ./x is already used by --report json=x"),
        (
            ("--report", "json=-", "--report", "sarif=-"),
            "--report sarif=-: standard output is already used by --report json=-",
        ),
        (("--report", "json=-", "--output-format", "full"), "standard output is already used by --output-format full"),
        (("--report", "json=x", "--diff"), "--report has nothing to write with --diff"),
        (
            ("--report", "markdown=wiki/a.md"),
            "--report markdown=wiki/a.md: that is a file of the wiki; not overwritten",
        ),
        (("--output-format", "srif"), 'did you mean "sarif"?'),
        (("--group-by", "pge"), 'did you mean "page"?'),
        (("--output-format", "json", "--group-by", "page"), "--group-by page is for the format grouped"),
        (("--output-format", "sarif", "--statistics"), "--statistics is not for the format sarif"),
    ],
)
def test_what_cannot_be_written_is_2(arguments: tuple[str, ...], said: str, lint: Lint) -> None:
    put("ordinary")
    code, out, err = lint(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert Path("wiki/a.md").read_bytes() == PAGES["ordinary"][1]


def test_a_file_that_cannot_be_written_is_2_and_the_others_are_written(lint: Lint, tmp_path: Path) -> None:
    put("ordinary")
    code, out, err = lint("--report", "json=/dev/full", "--report", "sarif=x.sarif")
    assert code == 2
    assert "error: --report json=/dev/full: no space left on device; not written" in err
    assert read_sarif((tmp_path / "x.sarif").read_text()) == READERS["full"](out)


def test_a_report_in_the_wiki_is_written_again(lint: Lint) -> None:
    put("ordinary")
    assert lint("--report", "markdown=wiki/report.md")[0] == 1
    first = Path("wiki/report.md").read_text()
    assert lint("--report", "markdown=wiki/report.md")[0] == 1
    assert read_markdown(Path("wiki/report.md").read_text()) == read_markdown(first)


# Places: formats for forges name files from the repository's root


def test_paths_are_those_of_the_repository(lint: Lint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    put("ordinary", "sub dir")
    for here in (tmp_path, tmp_path / "wiki"):
        monkeypatch.chdir(here)
        target = str(tmp_path / "wiki")
        assert {each.file for each in commands_of(lint("--output-format", "github", wiki=target)[1])} == {
            "wiki/sub dir/a.md"
        }
        uri = '"uri": "wiki/sub%20dir/a.md", "uriBaseId": "%SRCROOT%"'
        assert uri in lint("--output-format", "sarif", wiki=target)[1]
        for name in ("gitlab", "rdjson"):
            assert '"path": "wiki/sub dir/a.md"' in lint("--output-format", name, wiki=target)[1]
        assert 'file="wiki/sub dir/a.md"' in lint("--output-format", "junit", wiki=target)[1]


def test_a_name_that_is_not_utf8_is_encoded_byte_by_byte() -> None:
    assert sarif.uri(os.fsdecode(b"caf\xe9/a b#c%d:e.md")) == "caf%E9/a%20b%23c%25d%3Ae.md"
    assert unquote_to_bytes(sarif.uri("日本.md")).decode() == "日本.md"
