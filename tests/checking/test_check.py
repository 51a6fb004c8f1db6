"""A check from the cache finds what reading everything finds, after any change."""

from __future__ import annotations

import random
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from checks import EVERYTHING, FIXTURES, by_reading_all, change, checked, told

from wikitools.config import Settings
from wikitools.git import find_head, list_index, open_repository, read_commit, read_index
from wikitools.lint.policy import Policy
from wikitools.markdown.dialects import dialect_of
from wikitools.markdown.parse import parse
from wikitools.markdown.slugs import SLUGGERS
from wikitools.project.anchor_pass import pack_places, unpack_places
from wikitools.project.prepare import wanted
from wikitools.wiki.engines import ENGINES
from wikitools.wiki.resolution import Missing
from wikitools.wiki.wiki import Wiki

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wikitools.files import Snapshot
    from wikitools.markdown.page import Page


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


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["obsidian", "markdown", "slug", "quartz", "logseq", "foam"])
@pytest.mark.parametrize("seed", [0, *(pytest.param(more, marks=pytest.mark.nightly) for more in (1, 2))])
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
    for step in range(4):
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
    """The names of the files show that a link is dead; only the reason needs all pages."""
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
