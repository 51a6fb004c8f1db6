"""Checking page by page, with and without the cache, finds what reading the whole wiki finds: also after any change."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from wikitools.config import Settings
from wikitools.files import cache_folder
from wikitools.git import find_head, list_index, open_repository, read_commit, read_index
from wikitools.lint import run
from wikitools.lint.policy import ALL, Policy
from wikitools.lint.rule import Finding, Rule, Severity, load_rules, rule
from wikitools.lint.run import lint
from wikitools.markdown.dialects import dialect_of
from wikitools.markdown.parse import parse
from wikitools.markdown.slugs import SLUGGERS
from wikitools.project import cache as store
from wikitools.project import checking, first_pass, loading, workers
from wikitools.project.anchor_pass import pack_places, unpack_places
from wikitools.project.bibliographies import Shared
from wikitools.project.cache_keys import NO_MATTER, CacheKeys, Plan
from wikitools.project.live import Live
from wikitools.project.prepare import wanted
from wikitools.text import Span
from wikitools.wiki.engines import ENGINES
from wikitools.wiki.resolution import Missing
from wikitools.wiki.wiki import Wiki

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wikitools.files import Snapshot
    from wikitools.lint.facts import Facts
    from wikitools.lint.run import Outcome
    from wikitools.markdown.page import Page

EVERYTHING = Policy(select=(ALL,))
FIXTURES = sorted((Path(__file__).parent.parent / "fixtures").glob("wiki-*"))


def by_reading_all(settings: Settings, policy: Policy, snapshot: Snapshot | None = None) -> Outcome:
    workspace = checking.open_workspace(settings, jobs=1, snapshot=snapshot).looked_around(tracking=True)
    return lint(workspace.facts, policy)


def checked(
    settings: Settings, policy: Policy, cache: Path | None, snapshot: Snapshot | None = None
) -> checking.Checked:
    opened = None
    if cache is not None:
        opened = store.open_store(str(cache), settings.root, pytest.fail)
        assert opened is not None
    try:
        return checking.check(settings, policy, jobs=1, store=opened, snapshot=snapshot)
    finally:
        if opened is not None:
            opened.close()


def told(outcome: Outcome) -> list[str]:
    """Return everything about an outcome, a line a finding: easier to compare than one long value."""
    head = (sorted(outcome.silenced), outcome.ignored, outcome.skipped, outcome.failures, outcome.rules)
    return [repr(head), *map(repr, outcome.diagnostics)]


@pytest.fixture(autouse=True)
def old_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Believe the times of files that were written a moment ago, as a user's are older: else nothing is known."""
    monkeypatch.setattr(store, "_RACY", -(10**18))


@pytest.mark.slow
@pytest.mark.parametrize("wiki", FIXTURES, ids=lambda path: path.name)
def test_fixtures_are_checked_as_when_they_are_read_as_a_whole(wiki: Path, tmp_path: Path) -> None:
    from wikitools import files
    from wikitools.config import load_settings

    found = [each for each in files.find_config_files(str(wiki)) if each[0].startswith(str(wiki))]
    settings = load_settings(str(wiki), found)
    for policy in (EVERYTHING, Policy(), Policy(select=("links", "anchors"))):
        expected = told(by_reading_all(settings, policy))
        assert told(checked(settings, policy, None).outcome) == expected
        assert told(checked(settings, policy, tmp_path).outcome) == expected
        again = checked(settings, policy, tmp_path)
        assert told(again.outcome) == expected
        assert again.read == 0


NAMES = (
    "Alan",
    "alan",
    "Tides",
    "Salt lake",
    "salt-lake",
    "a/Tides",
    "a/Deep",
    "b/Deep",
    "index",
    "@doe2020",
    "b/x/Far",
)
BIB = (
    "@article{{doe{n}, author = {{Doe, Jane and Poe, Al}}, title = {{Tides {n}}}, year = {{{year}}}, "
    "doi = {{10.1000/{n}}}}}\n"
)


def sentence(rng: random.Random) -> str:
    name = rng.choice(NAMES)
    heading = rng.choice(("Life", "life", "Work#Late", "^block", "nowhere", "work-late", "id"))
    bare = name.rpartition("/")[2]
    return rng.choice(
        (
            f"See [[{name}]] and [[{bare}|label]].",
            f"See [[{bare}#{heading}]], [x]({name}.md#{heading.lower()}) and [[#{heading}]].",
            f"![[{bare}]] ![i](img/{rng.randrange(3)}.png) ![[{rng.randrange(3)}.png]]",
            f"[link]({bare}.md) [link](../{name}.md) [home](/{name}.md) [dir](a/) [r][ref]",
            "Tides turn (Doe and Poe 2020), salt stays (Doe & Poe 2021a; Roe 1999).",
            "As [@doe1; @doe9] say, (Do and Poe 2020), (Doe and Poe 2023).[^1]",
            "<!-- wikitools-ignore-next-line broken-wikilink -->\n[[Nobody]] was here.",
            "<!-- wikitools-ignore-file ambiguous-wikilink -->",
            "[[Salt\nlake]] is wrapped.",
            "This page has moved to [[Tides]].",
            "[[Old name]], [[elk]], [[Nobody]] and [[../out]].",
            "[ref]: Tides.md\n",
            "[^1]: A note.\n",
        )
    )


def page(rng: random.Random) -> bytes:
    head = ""
    if rng.random() < 0.5:
        lines = []
        if rng.random() < 0.5:
            lines.append(f"aliases: [{rng.choice(('ELK', 'Old name', 'Salt'))}]")
        if rng.random() < 0.5:
            lines.append(f"title: {rng.choice(('Old name', 'Tides', 'Title'))}")
        if rng.random() < 0.2:
            lines.append(f"bibliography: {rng.choice(('own.bib', 'a/own.bib', 'gone.bib', '../../up.bib'))}")
        if rng.random() < 0.15:
            lines.append(
                f"authors: [Jane Doe, Al Poe]\nyear: {rng.choice((2020, 2021, 2022))}\nurl: https://x.org/{rng.randrange(3)}"
            )
        if rng.random() < 0.1:
            lines.append("redirect: Tides")
        if rng.random() < 0.1:
            lines.append("broken: [")
        head = "---\n" + "\n".join(lines) + "\n---\n"
    parts = []
    for _ in range(rng.randrange(5)):
        if rng.random() < 0.5:
            parts.append(f"{'#' * rng.randrange(1, 4)} {rng.choice(('Life', 'Work', 'Late', 'Life', 'Work late'))}")
        parts.append(sentence(rng))
    if rng.random() < 0.1:
        parts.append("## Sources cited\n\n<!-- wikitools:sources -->\n<!-- /wikitools:sources -->")
    if rng.random() < 0.2:
        parts.append("A block. ^block")
    text = head + "\n\n".join(parts) + "\n"
    return text.encode() if rng.random() < 0.97 else text.encode("utf-16")


def change(rng: random.Random, root: Path) -> None:
    """Do one thing that people do between two runs."""
    pages = sorted(root.rglob("*.md"))
    place = root / f"{rng.choice(NAMES)}.md"
    match rng.randrange(9):
        case 0 | 1 | 2:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(page(rng))
        case 3 if pages:
            rng.choice(pages).unlink()
        case 4 if pages:
            place.parent.mkdir(parents=True, exist_ok=True)
            rng.choice(pages).rename(place)
        case 5:
            (root / rng.choice(("refs.bib", "own.bib"))).write_text(
                "".join(BIB.format(n=rng.randrange(4), year=2020 + n) for n in range(rng.randrange(4)))
            )
        case 6:
            image = root / "img" / f"{rng.randrange(3)}.png"
            image.parent.mkdir(exist_ok=True)
            if image.exists():
                image.unlink()
            else:
                image.write_bytes(b"")
        case 7:
            hidden = root / ".hidden" / "Nobody.md"
            hidden.parent.mkdir(exist_ok=True)
            if hidden.exists():
                hidden.unlink()
            else:
                hidden.write_text("here\n")
        case _:
            if pages:
                chosen = rng.choice(pages)
                chosen.write_bytes(chosen.read_bytes() + f"\n{sentence(rng)}\n".encode())


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["obsidian", "markdown", "slug", "quartz", "logseq", "foam"])
@pytest.mark.parametrize("seed", range(3))
def test_after_any_change_the_cache_answers_as_if_there_were_none(tmp_path: Path, engine: str, seed: int) -> None:
    rng = random.Random(f"{engine} {seed}")
    root = tmp_path / "wiki"
    root.mkdir()
    settings = Settings(root=root, engine=engine)
    policies = [EVERYTHING, EVERYTHING, Policy(), Policy(select=("links", "anchors"))]
    for _ in range(6):
        change(rng, root)
    for step in range(12):
        for _ in range(rng.choice((0, 1, 1, 1, 3))):
            change(rng, root)
        policy = rng.choice(policies)
        if rng.random() < 0.3:
            for path in root.rglob("*.md"):
                # A checkout renews all times, and changes no content.
                path.touch()
        expected = told(by_reading_all(settings, policy))
        assert told(checked(settings, policy, None).outcome) == expected, step
        assert told(checked(settings, policy, tmp_path / "cache").outcome) == expected, step


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize("engine", ["obsidian", "markdown", "quartz"])
def test_what_git_knows_is_checked_from_the_cache_as_without(tmp_path: Path, engine: str) -> None:
    rng = random.Random(f"git {engine}")
    root = tmp_path / "wiki"
    root.mkdir()
    settings = Settings(root=root, engine=engine)

    def git(*words: str) -> None:
        author = ("-c", "user.name=Jo", "-c", "user.email=jo@example.org")
        subprocess.run(["git", *author, *words], cwd=root, check=True, capture_output=True)

    git("init", "-q")
    repository = open_repository(root)
    states: tuple[Callable[[], Snapshot | None], ...] = (
        lambda: None,
        lambda: list_index(repository, wanted(settings)),
        lambda: read_index(repository, wanted(settings)),
        lambda: read_commit(repository, find_head(repository), wanted(settings)),
    )
    for step in range(8):
        for _ in range(4):
            change(rng, root)
        git("add", "-A")
        if step % 3 == 0:
            git("commit", "-q", "--allow-empty", "-m", "More.")
        change(rng, root)
        for state in rng.sample(states, len(states)):
            expected = told(by_reading_all(settings, EVERYTHING, state()))
            assert told(checked(settings, EVERYTHING, tmp_path / "cache", state()).outcome) == expected, step
            again = checked(settings, EVERYTHING, tmp_path / "cache", state())
            assert told(again.outcome) == expected, step


HEADINGS = (
    "Life",
    "life",
    "*Life* & work",
    "Life &amp; work",
    "Late `code` years {#late}",
    "C# notes",
    "Ωmega: what? (v1.2)",
    "[[p1|Linked]] words",
    "Life\tand more",
    "日本 語",
    "Straße",
    "1. First",
)
ANCHORS = (
    *HEADINGS,
    *(f"p1#{words}" for words in HEADINGS[:2]),
    "life-work",
    "life--work",
    "life-1",
    "late",
    "late-code-years",
    "Linked words",
    "ωmega-what-v12",
    "Life#Late code years",
    "late code years#life",
    "^block",
    "^BLOCK",
    "^none",
    "id",
    "ID",
    "top",
    "user-content-life",
    "life,1:#late-code-years",
    "life:#*",
    "日本-語",
    "%E6%97%A5%E6%9C%AC-%E8%AA%9E",
    "Life%20%26%20work",
    "STRASSE",
    "1-first",
    "nowhere",
    ":~:text=words",
    "#",
)


def places(rng: random.Random) -> str:
    """Return a page with places to be named, and links that name such places on other pages."""
    lines = []
    for _ in range(rng.randrange(6)):
        lines.append(
            rng.choice(
                (
                    f"{'#' * rng.randrange(1, 4)} {rng.choice(HEADINGS)}",
                    f"{rng.choice(HEADINGS)}\n---",
                    f"<h2 align='left'>{rng.choice(HEADINGS)}</h2>",
                    f"!!! note\n\n    ## {rng.choice(HEADINGS)}",
                    f"[words]{{#{rng.choice(('id', 'late', 'other'))}}}",
                    f"Words. ^{rng.choice(('block', 'Block', 'other'))}",
                    f'<a id="{rng.choice(("id", "life", "ID"))}"></a>',
                )
            )
        )
    for _ in range(rng.randrange(5)):
        target, anchor = rng.choice(("p0", "p1", "P2", "a/p3", "a/p3.md", "")), rng.choice(ANCHORS)
        lines.append(
            rng.choice(
                (
                    f"[[{target}#{anchor}]]",
                    f"![[{target}#{anchor}]] and [[{target}#{anchor}|so]]",
                    f"[[so|{target}#{anchor}]]",
                    f"[so](<{target}#{anchor}>)",
                    f"[so](<{target}.md#{anchor}>) ![so](<{target}.md#{anchor}>)",
                    f"[so][ref{rng.randrange(2)}]",
                    f"[ref{rng.randrange(2)}]: <p1.md#{anchor}>",
                )
            )
        )
    head = "---\ntitle: P one\naliases: [p1, C]\n---\n" if rng.random() < 0.1 else ""
    return head + "\n\n".join(lines) + "\n"


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_places_are_found_without_their_pages_as_with_them(tmp_path: Path, engine: str) -> None:
    rng = random.Random(engine)
    root = tmp_path / "wiki"
    (root / "a").mkdir(parents=True)
    paths = [root / "p0.md", root / "p1.md", root / "p2.md", root / "a" / "p3.md", root / "C.md"]
    settings = Settings(root=root, engine=engine)
    for path in paths:
        path.write_text(places(rng))
    for step in range(25):
        for _ in range(rng.choice((1, 1, 2, 5))):
            rng.choice(paths).write_text(places(rng))
        policy = rng.choice((Policy(select=("links", "anchors")), Policy(select=("anchors",)), EVERYTHING))
        expected = told(by_reading_all(settings, policy))
        assert told(checked(settings, policy, None).outcome) == expected, step
        assert told(checked(settings, policy, tmp_path / "cache").outcome) == expected, step


@pytest.mark.slow
@pytest.mark.parametrize("anchors", [None, *SLUGGERS])
@pytest.mark.parametrize("engine", ENGINES)
def test_the_names_of_places_tell_what_their_page_tells(engine: str, anchors: str | None) -> None:
    rng = random.Random(f"{engine} {anchors}")
    for _ in range(40):
        dialect = dialect_of(ENGINES[engine].slugger, anchors, links_first=ENGINES[engine].links_first)
        whole = parse("a/page.md", places(rng), dialect)
        bare = unpack_places(whole.path, pack_places(whole))
        assert [each.text for each in bare.headings] == [each.text for each in whole.headings]
        assert bare.html_heading_rows() == whole.html_heading_rows()
        wiki = Wiki([whole], engine=engine, anchors=anchors)
        for anchor in ANCHORS:
            for find in (wiki.engine.find_anchor, wiki.engine.find_fragment):
                by_page, by_names = (find(wiki.anchors_in(each), anchor) for each in (whole, bare))
                assert isinstance(by_names, Missing) == isinstance(by_page, Missing), anchor


def test_a_page_with_dead_links_is_cited_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That a link is dead, the names of the files tell; only why it is takes all pages."""
    from wikitools.cite import match

    for number in range(5):
        (tmp_path / f"p{number}.md").write_text(f"[[gone {number}]] ![[lost]] [x](no.md) says Adams (2001), [[p0]].\n")
    (tmp_path / "refs.bib").write_text("@book{adams, author = {Adams, D.}, title = {Space}, year = 2001}\n")
    cited: list[str] = []
    cite_page = match.cite_page

    def count(page: Page, *given: Any, **named: Any) -> Any:
        cited.append(page.path)
        return cite_page(page, *given, **named)

    monkeypatch.setattr(match, "cite_page", count)
    found = checked(Settings(root=tmp_path), Policy(), None).outcome
    assert len(found.diagnostics) == 15
    assert cited == [f"p{number}.md" for number in range(5)]


def test_no_page_is_read_again_for_a_place_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from wikitools.project.reading import Reading

    root = tmp_path / "wiki"
    root.mkdir()
    for number in range(9):
        (root / f"p{number}.md").write_text(f"# P{number}\n\nSee [[p{(number + 1) % 9}#P{(number + 1) % 9}]].\n")
    (root / "q.md").write_text("See [[p3#P4]].\n")
    read: list[str] = []
    by_path = Reading.page

    def page_of(self: Reading, path: str) -> object:
        read.append(path)
        return by_path(self, path)

    monkeypatch.setattr(Reading, "page", page_of)
    settings = Settings(root=root)
    for cache in (None, tmp_path / "cache"):
        read.clear()
        outcome = checked(settings, Policy(select=("links", "anchors")), cache).outcome
        assert [(each.path, each.rule) for each in outcome.diagnostics] == [("q.md", "broken-anchor")]
        assert sorted(read) == ["p3.md", "q.md"]


def test_only_what_changed_is_read(tmp_path: Path) -> None:
    root = tmp_path / "wiki"
    root.mkdir()
    for number in range(20):
        (root / f"p{number}.md").write_text(f"# P{number}\n\nSee [[p{number + 1}]] (Doe 2020).\n")
    settings = Settings(root=root)
    assert checked(settings, EVERYTHING, tmp_path / "cache").read == 20
    assert checked(settings, EVERYTHING, tmp_path / "cache").read == 0
    (root / "p3.md").write_text("# P3\n\nNo link at all.\n")
    assert checked(settings, EVERYTHING, tmp_path / "cache").read == 1
    # A checkout renews all times, and changes no content.
    for path in root.glob("*.md"):
        data = path.read_bytes()
        path.unlink()
        path.write_bytes(data)
    assert checked(settings, EVERYTHING, tmp_path / "cache").read == 0
    # Another page changes what links mean, not what pages say.
    (root / "p20.md").write_text("# P20\n")
    assert checked(settings, EVERYTHING, tmp_path / "cache").read == 1


TABLES = ("about", "pages", "bodies", "results", "ways", "things")


def alter(path: Path, *statements: str) -> None:
    """Change a database as its owner may, or somebody who knows its form."""
    base = sqlite3.connect(path)
    with base:
        for statement in statements:
            base.execute(statement)
    base.close()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_random_damage_to_a_cache_is_no_wrong_answer(tmp_path: Path, seed: int) -> None:
    root, cache, rng = tmp_path / "wiki", tmp_path / "cache", random.Random(seed)
    root.mkdir()
    for number in range(30):
        (root / f"p{number}.md").write_text(f"# P{number}\n\nSee [[nowhere {number}]] (Doe 2020).\n")
    settings = Settings(root=root)
    expected = told(checked(settings, EVERYTHING, cache).outcome)
    (file,) = cache.glob("*.db")
    whole = file.read_bytes()
    for _ in range(20):
        data = bytearray(whole[: rng.choice((len(whole), rng.randrange(len(whole))))])
        for _bit in range(rng.choice((0, 1, 10, 1000))):
            data[rng.randrange(len(data))] = rng.randrange(256)
        file.write_bytes(data)
        opened = store.open_store(str(cache), root, lambda _note: None)
        assert told(checking.check(settings, EVERYTHING, jobs=1, store=opened).outcome) == expected
        if opened is not None:
            opened.close()


def test_a_page_whose_time_was_set_back_is_read_again(tmp_path: Path) -> None:
    root, page = tmp_path / "wiki", tmp_path / "wiki/a.md"
    root.mkdir()
    page.write_text("[[b]]\n")
    settings = Settings(root=root)
    before, old = page.stat(), told(checked(settings, EVERYTHING, tmp_path / "cache").outcome)
    page.write_text("[[c]]\n")
    os.utime(page, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (page.stat().st_size, page.stat().st_ino) == (before.st_size, before.st_ino)
    assert told(checked(settings, EVERYTHING, tmp_path / "cache").outcome) == told(by_reading_all(settings, EVERYTHING))
    assert told(by_reading_all(settings, EVERYTHING)) != old


@pytest.mark.slow
@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
        lambda path: path.write_bytes(b"not a database at all" * 1000),
        lambda path: path.write_bytes(path.read_bytes()[:100] + b"\x07" * (path.stat().st_size - 100)),
        lambda path: path.write_bytes(path.read_bytes().replace(b"nowhere", b"nowhera")),
        lambda path: (path.unlink(), path.mkdir()),
        lambda path: (path.unlink(), os.mkfifo(path)),
        lambda path: (path.rename(path.parent.parent / "elsewhere"), path.symlink_to(path.parent.parent / "elsewhere")),
        lambda path: alter(path, "DROP TABLE pages", "CREATE TABLE pages (path, head)"),
        lambda path: alter(path, "DROP TABLE bodies"),
        lambda path: alter(path, "CREATE TRIGGER more AFTER INSERT ON pages BEGIN DELETE FROM bodies; END"),
        lambda path: alter(path, "PRAGMA application_id = 1"),
        lambda path: alter(path, "UPDATE about SET value = 77 WHERE name = 'format'"),
        lambda path: alter(path, "UPDATE pages SET head = NULL", "UPDATE results SET data = 7"),
        lambda path: alter(path, *(f"DROP TABLE {name}" for name in TABLES), "CREATE TABLE photos (name)"),
        lambda path: path.with_name(f"{path.name}-journal").write_bytes(random.Random(3).randbytes(5000)),
        lambda path: path.with_name(f"{path.name}-wal").mkdir(),
    ],
    ids=[
        *("empty", "truncated", "foreign", "scrambled", "one letter", "a folder", "a pipe", "a link", "other columns"),
        *("a table less", "a trigger", "another program's", "another format", "other values", "another's tables"),
        *("a journal of others", "a folder for a journal"),
    ],
)
def test_a_damaged_cache_is_no_error_and_no_wrong_answer(tmp_path: Path, harm: Callable[[Path], object]) -> None:
    root, cache = tmp_path / "wiki", tmp_path / "cache"
    root.mkdir()
    for number in range(30):
        (root / f"p{number}.md").write_text(f"# P{number}\n\nSee [[nowhere {number}]] (Doe 2020).\n")
    settings = Settings(root=root)
    expected = told(checked(settings, EVERYTHING, cache).outcome)
    (file,) = cache.glob("*.db")
    harm(file)
    for _ in range(3):
        notes: list[str] = []
        opened = store.open_store(str(cache), root, notes.append)
        assert told(checking.check(settings, EVERYTHING, jobs=1, store=opened).outcome) == expected
        if opened is not None:
            opened.close()
    usable = file.is_file() and not file.is_symlink() and not file.with_name(f"{file.name}-wal").exists()
    if usable:
        # What was damaged was made anew.
        assert checked(settings, EVERYTHING, cache).read == 0


def test_settings_are_not_mixed_up(tmp_path: Path) -> None:
    root, cache = tmp_path / "wiki", tmp_path / "cache"
    root.mkdir()
    (root / "Salt lake.md").write_text("# Salt lake\n\n[[salt-lake]] (Doe 2020)\n")
    (root / "Notes.md").write_text(
        "!!! note\n\n    ## In\n\n    [a](a.md) (Doe 2021)\n\n[s]{#id} [in](#in) [id](#id)\n"
    )
    (root / "refs.bib").write_text(BIB.format(n=1, year=2021))
    plain = Settings(root=root)
    variants = [
        plain,
        replace(plain, engine="slug"),
        replace(plain, engine="mkdocs-ezlinks"),
        replace(plain, anchors="pandoc"),
        replace(plain, bibliography=()),
        replace(plain, entry_pages=("*",)),
    ]
    for _ in range(2):
        for settings in variants:
            assert told(checked(settings, EVERYTHING, cache).outcome) == told(by_reading_all(settings, EVERYTHING))


def test_several_processes_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_SURELY_MANY", -1)
    root = tmp_path / "wiki"
    root.mkdir()
    rng = random.Random(7)
    for number in range(60):
        (root / f"p{number}.md").write_bytes(page(rng))
    settings = Settings(root=root)
    expected = told(by_reading_all(settings, EVERYTHING))
    opened = store.open_store(str(tmp_path / "cache"), root, pytest.fail)
    for _ in range(2):
        assert told(checking.check(settings, EVERYTHING, jobs=2, store=opened).outcome) == expected
    (root / "new.md").write_text("# New\n")
    expected = told(by_reading_all(settings, EVERYTHING))
    assert told(checking.check(settings, EVERYTHING, jobs=2, store=opened).outcome) == expected


def test_a_run_beside_another_that_writes_does_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wikitools.files.database._PATIENCE", 0.05)
    root, cache = tmp_path / "wiki", tmp_path / "cache"
    root.mkdir()
    (root / "a.md").write_text("[[b]]\n")
    settings = Settings(root=root)
    expected = told(checked(settings, EVERYTHING, cache).outcome)
    (file,) = cache.glob("*.db")
    (root / "c.md").write_text("[[a]]\n")
    other = sqlite3.connect(file, isolation_level=None)
    for lock, noted in (("IMMEDIATE", "nothing written"), ("EXCLUSIVE", "not used")):
        other.execute(f"BEGIN {lock}")
        notes: list[str] = []
        opened = store.open_store(str(cache), root, notes.append)
        found = checking.check(settings, EVERYTHING, jobs=1, store=opened).outcome
        assert told(found)[1:] != []
        assert any(noted in each for each in notes)
        if opened is not None:
            opened.close()
        other.execute("ROLLBACK")
    other.close()
    (root / "c.md").unlink()
    assert told(checked(settings, EVERYTHING, cache).outcome) == expected


def test_a_folder_that_holds_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    notes: list[str] = []
    assert store.open_store(str(tmp_path), tmp_path, notes.append) is None
    assert "other files" in notes[0]
    assert [each.name for each in tmp_path.iterdir()] == ["mine.txt"]
    assert cache_folder.clean(str(tmp_path), tmp_path) == (0, 0)


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    notes: list[str] = []
    assert store.open_store(str(tmp_path / "file" / "cache"), tmp_path, notes.append) is None
    assert "not used" in notes[0]


def test_the_cache_is_no_part_of_the_wiki_and_can_be_deleted(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("[[b]]\n")
    settings = Settings(root=tmp_path)
    for folder in (tmp_path / "cache", tmp_path / "deep" / "er", tmp_path / ".wikitools_cache"):
        expected = told(checked(settings, EVERYTHING, None).outcome)
        assert told(checked(settings, EVERYTHING, folder).outcome) == expected
        assert loading.find_pages(settings).attachments == ()
        assert (folder / cache_folder.TAG).read_text().startswith(cache_folder.SIGNATURE)
        assert (folder / ".gitignore").read_text().splitlines()[-1] == "*"
        count, size = cache_folder.clean(str(folder), tmp_path)
        assert count == 1
        assert size > 0
        assert not folder.exists()


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    cache_folder.lay(str(folder), tmp_path)
    made = [
        folder / cache_folder.file_name(wiki * 8, bytes([number] * 8))
        for number, wiki in enumerate([b"a"] * 4 + [b"b", b"c"])
    ]
    for number, file in enumerate(made):
        file.write_bytes(b"x" * 100)
        os.utime(file, (number, number))
    (folder / f"{made[0].name}-journal").write_bytes(b"")

    def left() -> list[int]:
        return [number for number, file in enumerate(made) if file.exists()]

    cache_folder.prune(str(folder), keep=str(made[1]))
    assert left() == [1, 2, 3, 4, 5]
    assert not list(folder.glob("*-journal"))
    cache_folder.prune(str(folder), keep=str(made[1]), limit=250)
    assert left() == [1, 5]


def test_results_of_many_settings_do_not_pile_up(tmp_path: Path) -> None:
    root, cache = tmp_path / "wiki", tmp_path / "cache"
    root.mkdir()
    (root / "a.md").write_text("[[b]]\n")
    for number in range(30):
        checked(Settings(root=root, entry_pages=(str(number),)), EVERYTHING, cache)
    opened = store.open_store(str(cache), root, pytest.fail)
    assert opened is not None
    assert opened._base.rows("SELECT count(*) FROM results")[0][0] <= store._KEPT_RESULTS + 1
    opened.close()


def test_the_command_shows_and_deletes_the_cache(
    tmp_path: Path, cache_of_its_own: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from wikitools.cli.app import run

    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.md").write_text("[[b]]\n")
    assert run(["cache", "dir"]) == 0
    assert capsys.readouterr().out == f"{cache_of_its_own}\n"
    assert run(["lint"]) == 1
    assert run(["cache", "clean"]) == 0
    assert "Deleted" in capsys.readouterr().out
    assert not cache_of_its_own.exists()
    assert run(["lint", "--no-cache"]) == 1
    assert not cache_of_its_own.exists()
    assert run(["cache", "clean"]) == 0
    assert "There was no cache" in capsys.readouterr().out
    monkeypatch.delenv("WIKITOOLS_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    assert run(["cache", "dir"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'caches/wikitools'}\n"
    assert run(["cache", "dir", "gone"]) == 2


def test_pages_can_be_read_by_any_executor(tmp_path: Path) -> None:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    root = tmp_path / "wiki"
    root.mkdir()
    rng = random.Random(11)
    for number in range(12):
        (root / f"p{number}.md").write_bytes(page(rng))
    (root / "refs.bib").write_text(BIB.format(n=1, year=2020))
    settings = Settings(root=root)
    expected = told(by_reading_all(settings, EVERYTHING))
    # Fresh processes have nothing but what is sent to them.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        assert told(checking.check(settings, EVERYTHING, jobs=1, executor=executor).outcome) == expected


@rule(group="pages", severity=Severity.INFO, since="0.1.0")
def asks_for_sources(page: Page, facts: Facts) -> Iterator[Finding]:
    """A rule about pages asks for sources."""
    keys = ", ".join(source.key for source in facts.bibliography.sources)
    yield Finding(span=Span(page.path, 0, 0), message=f"sources: {keys}")


@rule(group="links", severity=Severity.INFO, since="0.1.0")
def asks_for_citations(page: Page, facts: Facts) -> Iterator[Finding]:
    """A rule about links asks for the citations of another page."""
    cited = [type(each.resolution).__name__ for each in facts.cited.get("b.md", ())]
    yield Finding(span=Span(page.path, 0, 0), message=f"b cites {cited}")


@rule(group="anchors", severity=Severity.INFO, since="0.1.0")
def asks_for_a_page(page: Page, facts: Facts) -> Iterator[Finding]:
    """A rule about anchors asks for the text of another page."""
    yield Finding(span=Span(page.path, 0, 0), message=f"b has {len(facts.wiki.pages['b.md'].text)} letters")


@rule(group="pages", severity=Severity.INFO, since="0.1.0")
def asks_for_names(page: Page, facts: Facts) -> Iterator[Finding]:
    """A rule about pages asks what a title means."""
    yield Finding(span=Span(page.path, 0, 0), message=f"moon is {facts.wiki.index.titles.get('moon')}")


@rule(group="pages", severity=Severity.INFO, since="0.1.0")
def asks_for_links(page: Page, facts: Facts) -> Iterator[Finding]:
    """A rule about pages asks which links lead to another page."""
    found = [link.span.path for link in facts.wiki.links_to("b.md")]
    yield Finding(span=Span(page.path, 0, 0), message=f"links to b: {found}")


@rule(group="pages", severity=Severity.INFO, since="0.1.0")
def asks_for_settings(page: Page, facts: Facts) -> Iterator[Finding]:
    """A rule about pages asks for a setting of the block."""
    yield Finding(span=Span(page.path, 0, 0), message=f"the block is headed {facts.style.heading}")


THROWN_AWAY = (
    asks_for_sources,
    asks_for_citations,
    asks_for_a_page,
    asks_for_names,
    asks_for_links,
    asks_for_settings,
)


@pytest.mark.parametrize("select", [(ALL,), ("links", "pages", "anchors")], ids=["all", "links"])
@pytest.mark.parametrize("thrown_away", THROWN_AWAY, ids=lambda rule: rule.id)
def test_a_rule_of_any_group_is_never_served_what_is_no_longer_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, thrown_away: Rule, select: tuple[str, ...]
) -> None:
    rules = {**load_rules(), thrown_away.id: thrown_away}
    for module in (checking, first_pass, run):
        monkeypatch.setattr(module, "load_rules", lambda: rules)
    root = tmp_path / "wiki"
    root.mkdir()
    (root / "refs.bib").write_text(BIB.format(n=1, year=2020))
    (root / "a.md").write_text("# A\n\nSee [[b]].\n")
    (root / "b.md").write_text("# B\n\nAs (Doe and Poe 2020) say.\n")
    policy = Policy(select=select)
    settings = Settings(root=root)
    live = Live(settings, policy, asked=lambda _inventory, _others: None, jobs=1)
    live.start()
    changes = {
        "refs.bib": BIB.format(n=2, year=2021),
        "b.md": "# Moon\n\nAs (Doe and Poe 2021) say, and more.\n",
        "a.md": "# A\n\nNo link any more.\n",
    }
    for path, text in changes.items():
        checked(settings, policy, tmp_path / "cache")
        (root / path).write_text(text)
        expected = told(by_reading_all(settings, policy))
        assert any(thrown_away.id in each for each in expected)
        assert told(checked(settings, policy, tmp_path / "cache").outcome) == expected
        found = live.update([str(root / path)])
        assert found is not None
        assert told(found.checked.outcome) == expected
    other = replace(settings, block=replace(settings.block, heading="Works"))
    assert told(checked(other, policy, tmp_path / "cache").outcome) == told(by_reading_all(other, policy))


def test_every_setting_counts_but_those_that_are_known_to_be_harmless(tmp_path: Path) -> None:
    settings = Settings(root=tmp_path)
    plan = Plan(
        settings=settings,
        inventory=loading.find_pages(settings),
        link_rules=(),
        cite_rules=(),
        with_cited=False,
        tracked=None,
        shared=Shared(),
    )
    before = CacheKeys(plan).links
    harmless = []
    for each in fields(Settings):
        changed = replace(settings, **{each.name: "something else"})
        if CacheKeys(replace(plan, settings=changed)).links == before:
            harmless.append(each.name)
    assert set(harmless) == NO_MATTER & {each.name for each in fields(Settings)}
    assert {"engine", "anchors", "placeholders", "entry_pages", "max_page_size", "block"}.isdisjoint(NO_MATTER)
