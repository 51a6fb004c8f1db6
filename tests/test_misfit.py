"""Which engine would suit better: a sample of the links says what all of them say."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wikitools.markdown.parse import parse
from wikitools.wiki import engine_fit
from wikitools.wiki.candidates import Candidates
from wikitools.wiki.engine_counts import Judge, choose_engine, links_on, tally_links
from wikitools.wiki.engine_fit import (
    KINDS,
    MARKDOWN_LINKS,
    WIKILINKS,
    Misfit,
    find_misfit,
    may_misfit,
)
from wikitools.wiki.engines import ENGINES, TOLD, tell_all
from wikitools.wiki.lazy_pages import PageNames
from wikitools.wiki.names_index import Index
from wikitools.wiki.wiki import Wiki

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = ("Alpha", "beta", "Q&A", "a.b", "c d", "e-f", "Ünder", "x_y", "C# notes", "100%", "index", "2024-01-05")
HEADS = ("", "---\npermalink: /far/away\ntags: [red, deep/blue]\n---\n", "title:: Given\nalias:: Other, [[Third]]\n\n")
LINKS = (
    "[[{0}]]", "[[{0}|{1}]]", "[[{1}|{0}]]", "[[{0}#part]]", "[[one/{0}]]", "[[../{0}]]", "[[one/two/]]",
    "[x](<{0}.md>)", "[x](<one/{0}.md>)", "[x](</wiki/{0}/>)", "[x](<../{0}>)", "[x](<{0}>)", "[x](</{0}>)",
    "[[far/away]]", "[[Given]]", "[[third]]", "[[tags/red]]", "[[dendron://one/{0}]]", "[x]([[{0}]])", "[[nowhere]]",
)  # fmt: skip
FOLDERS = ("", "one/", "one/two/", "three/")


def wiki_of(texts: Mapping[str, str], engine: str = "obsidian") -> Wiki:
    return Wiki([parse(path, text) for path, text in texts.items()], engine=engine, attachments=("one/p.png",))


def texts_of(dice: random.Random, pages: int, links: int) -> dict[str, str]:
    texts: dict[str, str] = {}
    # Most wikis write most of their links in one way.
    usual = dice.choice(LINKS)
    for _ in range(pages):
        path = f"{dice.choice(FOLDERS)}{dice.choice(NAMES)}{dice.choice(('', '', dice.randrange(9)))}.md"
        chosen = [usual if dice.random() < 0.7 else dice.choice(LINKS) for _ in range(links)]
        body = " ".join(each.format(dice.choice(NAMES), dice.choice(NAMES)) for each in chosen)
        texts[path] = f"{dice.choice(HEADS)}# {dice.choice(NAMES)}\n\n{body}\n"
    return texts


def all_told(wiki: Wiki) -> tuple[str, str] | None:
    """Return the better engine and the kind of links that say so, by trying every link under every engine."""
    own = wiki.engine.name
    choice = choose_engine(wiki, {})
    totals = (choice.wikilinks, choice.paths)
    for kind in (0, 1):
        broken = choice.broken[own][kind]
        if broken < 20 or broken < totals[kind] * 0.2:
            continue
        for name in sorted(ENGINES, key=lambda name: choice.broken[name][kind]):
            count = choice.broken[name][kind]
            rise = choice.broken[name][1 - kind] - choice.broken[own][1 - kind]
            if count * 2 < broken and rise <= (broken - count) // 20:
                return name, KINDS[kind]
    return None


def told(found: Misfit | None) -> tuple[str, str] | None:
    return None if found is None else (found.better, found.kind)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), engine=st.sampled_from(sorted(ENGINES)))
def test_in_a_small_wiki_all_links_are_tried(seed: int, engine: str) -> None:
    wiki = wiki_of(texts_of(random.Random(seed), 12, 12), engine)
    tallies = [tally_links(page, wiki) for page in wiki.pages.values()]
    found = find_misfit(wiki)
    assert told(found) == all_told(wiki)
    assert found is None or found.links == found.all_links
    assert found is None or may_misfit(tallies)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_files_that_links_may_mean_answer_as_all_files_do(seed: int) -> None:
    wiki = wiki_of(texts_of(random.Random(seed), 25, 3))
    links = [link for page in wiki.pages.values() for kind in (False, True) for link in links_on(page, markdown=kind)]
    candidates = Candidates(wiki.index)
    for link in links:
        if link[0].startswith("tags/") or "/" in link[0].removeprefix("dendron://one/").strip("./"):
            # What else lies in a folder, and which other links begin like this one, is part of the answer.
            continue
        paths = candidates.meant([link])
        few = Index({path: wiki.pages[path] for path in sorted(paths & wiki.pages.keys())}, paths & wiki.attachments)
        for engine in ENGINES.values():
            assert Judge(few, engine).breaks(link) == Judge(wiki.index, engine).breaks(link), (link, engine.name)


def test_the_answer_does_not_depend_on_the_order_of_files() -> None:
    texts = {f"note.number-{n}.md": f"[[the next note|note.number-{n + 1}]]\n" * 3 for n in range(500)}
    dice = random.Random(1)
    found = set()
    for _ in range(3):
        paths = list(texts)
        dice.shuffle(paths)
        found.add(find_misfit(wiki_of({path: texts[path] for path in paths})))
    assert len(found) == 1
    assert told(found.pop()) == ("dendron", WIKILINKS) == all_told(wiki_of(texts))


def test_a_sample_says_what_all_links_say_and_that_it_is_one() -> None:
    texts = {f"note.number-{n}.md": f"[[the next note|note.number-{n + 1}]]\n" * 3 for n in range(500)}
    found = find_misfit(wiki_of(texts))
    assert found is not None
    assert (found.engine, found.all_links) == ("obsidian", 1500)
    assert 200 <= found.links < 1500
    assert (found.broken, found.better_broken) == (found.links, 0 if found.links < 1000 else 1)


@pytest.mark.parametrize("sample", [20, 60])
@pytest.mark.parametrize("engine", ["obsidian", "dendron", "slug", "markdown"])
def test_links_that_most_engines_read_give_no_misfit(monkeypatch: pytest.MonkeyPatch, sample: int, engine: str) -> None:
    monkeypatch.setattr(engine_fit, "_SAMPLE", sample)
    texts = {f"p{n}.md": f"[x](p{n + 1}.md) [[p{n + 1}]] [[gone {n}]]\n" for n in range(400)}
    assert find_misfit(wiki_of(texts, engine)) is None, "no engine finds what is not there"


def test_only_the_kinds_that_are_asked_about_count() -> None:
    wiki = wiki_of({f"page-{n}.md": f"[x](/wiki/page-{n + 1}/)\n" for n in range(40)})
    assert told(find_misfit(wiki)) == told(find_misfit(wiki, kinds=(MARKDOWN_LINKS,))) is not None
    assert find_misfit(wiki, kinds=(WIKILINKS,)) is None


def test_what_engines_take_from_pages_is_noted() -> None:
    texts = texts_of(random.Random(3), 30, 6)
    wiki = wiki_of(texts)
    noted = {path: tell_all(page) for path, page in wiki.pages.items()}

    heads = {
        path: PageNames(
            path,
            page.title,
            page.aliases,
            lambda tell, path=path: noted[path][TOLD.index(tell)] if noted[path] else (),  # type: ignore[misc]
        )
        for path, page in wiki.pages.items()
    }
    closed = Index(heads, wiki.attachments)
    links = [link for page in wiki.pages.values() for kind in (False, True) for link in links_on(page, markdown=kind)]
    for engine in ENGINES.values():
        there, known = Judge(wiki.index, engine), Judge(closed, engine)
        assert [there.breaks(link) for link in links] == [known.breaks(link) for link in links], engine.name
