"""Links broken on purpose are found, all of them and no others; and `rename` breaks none."""

from __future__ import annotations

import random

import mutation
import pytest

from wikitools.markdown.page import MarkdownLink
from wikitools.markdown.parse import parse
from wikitools.wiki.engines import ENGINES
from wikitools.wiki.rename import inner_links
from wikitools.wiki.wiki import Wiki

pytestmark = pytest.mark.slow


WORDS = "amber birch cedar dune ember fjord grove heath inlet jetty knoll ledge marsh north orbit".split()
# Logseq's links know no headings.
ANCHORED = [name for name in ENGINES if name != "logseq"]
FOLDERS = ("", "notes", "notes/deep", "Other things")


def make_wiki(seed: int, engine: str) -> Wiki:
    """Return a wiki of 24 pages whose links are written in the ways of the engine, a tenth of them dead."""
    dice = random.Random(seed)
    reverse = ENGINES[engine].read.__name__ in {"label_first", "read_dendron", "read_gollum"}
    names = [f"{first} {second}" if dice.random() < 0.5 else f"{first}-{second}" for first, second in _pairs(dice, 24)]
    paths = [f"{dice.choice(FOLDERS)}/{name}.md".removeprefix("/") for name in names]
    headings = {path: [dice.choice(WORDS).title() for _ in range(dice.randint(1, 5))] for path in paths}
    texts = {path: "".join(f"## {heading}\n\ntext\n\n" for heading in headings[path]) for path in paths}
    bare = Wiki([parse(path, text) for path, text in texts.items()], attachments=["img/a b.png"], engine=engine)
    pages = []
    for path in paths:
        links = [_write_link(dice, bare, path, dice.choice(paths), headings, reverse=reverse) for _ in range(12)]
        table = f"| a |\n| - |\n| {links.pop().replace('|', chr(92) + '|')} |\n"
        head = f'---\nup: "{links.pop()}"\n---\n' if "[[" in links[-1] else ""
        pages.append(parse(path, head + " and ".join(links) + "\n\n" + table + "\n" + texts[path]))
    return Wiki(pages, attachments=["img/a b.png"], engine=engine)


def _pairs(dice: random.Random, count: int) -> list[tuple[str, str]]:
    return dice.sample([(first, second) for first in WORDS for second in WORDS if first != second], count)


def _write_link(
    dice: random.Random, wiki: Wiki, path: str, target: str, headings: dict[str, list[str]], *, reverse: bool
) -> str:
    if dice.random() < 0.1:
        return dice.choice(("[[nothing here]]", "[x](nothing.md)", "[x](#nothing)"))
    anchors = wiki.anchors_of(target)
    assert anchors is not None
    index = dice.randrange(len(headings[target]))
    anchored = dice.random() < 0.4
    if dice.random() < 0.5:
        folder = path.rpartition("/")[0]
        up = "../" * (folder.count("/") + 1) if folder else ""
        url = f"{up}{target}".replace(" ", "%20") + (f"#{anchors.slugs[index]}" if anchored else "")
        return f"[x]({url})" if dice.random() < 0.8 else f"<a href='{url}'>x</a>"
    name = wiki.name_of(target, path) + (f"#{headings[target][index]}" if anchored else "")
    if dice.random() < 0.4:
        return f"[[x|{name}]]" if reverse else f"[[{name}|x]]"
    return f"[[{name}]]"


@pytest.mark.parametrize("engine", ANCHORED)
def test_exactly_the_links_that_led_there_become_findings(engine: str) -> None:
    seed = 1
    wiki = make_wiki(seed, engine)
    before = mutation.findings(wiki, {path: path for path in wiki.pages})
    assert before, "some links are dead from the start"
    changes = mutation.choose(wiki, seed, 8, 8)
    broken = mutation.break_links(wiki, changes, before)
    assert len(broken.led_there - broken.alive.keys()) > 10
    assert (broken.missed, broken.unexpected) == (set(), set())


@pytest.mark.parametrize("engine", ANCHORED)
def test_rename_leaves_no_finding(engine: str) -> None:
    seed = 2
    wiki = make_wiki(seed, engine)
    before = mutation.findings(wiki, {path: path for path in wiki.pages})
    renamed = mutation.rename_all(wiki, mutation.choose(wiki, seed, 8, 8), before)
    # No wikilink can name a page with capitals and blanks in its name there.
    assert bool(renamed.refused) == (engine == "mkdocs-ezlinks"), renamed.refused
    assert renamed.rewritten > 20
    assert renamed.new == {}


def test_a_renaming_and_the_way_back_leave_every_link_as_it_was() -> None:
    wiki = make_wiki(3, "obsidian")
    changes = mutation.choose(wiki, 3, 8, 0)
    there = mutation.plan_rename(wiki, mutation.Renaming(changes.moves))
    back = mutation.plan_rename(there.wiki, mutation.Renaming({new: old for old, new in changes.moves.items()}))
    for path, page in wiki.pages.items():
        for link, now in zip(inner_links(page), inner_links(back.wiki.pages[path]), strict=True):
            assert wiki.target_of(link) == back.wiki.target_of(now)
            assert isinstance(link, MarkdownLink) == isinstance(now, MarkdownLink)
