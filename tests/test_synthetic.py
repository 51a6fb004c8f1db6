"""The synthetic wikis that speed is measured on: always the same, and as dense as real ones."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
import repairs
import synthetic

from wikitools.lint.facts import facts_of
from wikitools.markdown.page import Wikilink
from wikitools.markdown.parse import parse
from wikitools.wiki.resolution import Missing
from wikitools.wiki.wiki import Wiki

if TYPE_CHECKING:
    from pathlib import Path


def test_the_same_seed_makes_the_same_wiki(tmp_path: Path) -> None:
    for name in ("one", "two"):
        synthetic.make_wiki(tmp_path / name, pages=20, seed=3, sources=30)
    one, two = (
        {
            path.relative_to(tmp_path / name): path.read_bytes()
            for path in (tmp_path / name).rglob("*")
            if path.is_file()
        }
        for name in ("one", "two")
    )
    assert one == two
    assert len(one) == 21


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text("Mine.\n", encoding="utf-8")
    with pytest.raises(FileExistsError):
        synthetic.make_wiki(tmp_path, pages=1)


@pytest.mark.slow
def test_links_are_as_many_and_as_dead_as_promised() -> None:
    made = synthetic.SyntheticWiki(300, 1, synthetic.make_words(1, 50))
    pages = [parse(path, text) for path, text in made.files() if path.endswith(".md")]
    wiki = Wiki(pages)
    links = [link for page in pages for link in page.links if isinstance(link, Wikilink)]
    dead = sum(isinstance(wiki.resolve(link), Missing) for link in links)
    assert 5 < len(links) / len(pages) < 15
    assert 0.5 * synthetic.BROKEN < dead / len(links) < 2 * synthetic.BROKEN
    anchored = [link for link in links if link.anchor and wiki.target_of(link)]
    assert anchored
    assert not any(isinstance(wiki.resolve_anchor(link, wiki.target_of(link) or ""), Missing) for link in anchored)


def test_no_safe_repair_is_wrong_where_pages_are_deleted_or_moved() -> None:
    folders = {"a/b/": "papers", "a/c/": "papers", "d/": "notes"}
    names = ("solar wind", "solar-wind", "Sea ice", "sea-ice", "moss", "lichen")
    texts = {f"{folder}{name}.md": "" for number, folder in enumerate(folders) for name in names[number::2]}
    links = [f"[x](<{step}{name}.md>)" for step in ("", "../", "../b/", "../c/", "../../d/") for name in names]
    links += ["[[moss]] [[a/b/moss]] [[d/lichen]]"]
    texts |= {f"{folder}page {kind}.md": "\n".join(links) for folder, kind in folders.items()}
    before = facts_of(texts, engine="markdown")
    found = 0
    for seed in range(10):
        for change in (repairs.without_some, repairs.with_some_moved):
            judged = repairs.judge(before, texts, change(texts, 0.3, random.Random(seed)), "markdown")
            found += judged.repaired
            assert judged.wrong == ()
    assert found


def test_a_wrong_repair_is_noticed() -> None:
    texts = {"a/x.md": "[the tides](tides-of-ireland.md)", "a/tides-of-ireland.md": "", "tides-of-ireland.md": ""}
    before = facts_of(texts, engine="markdown")
    places = {**dict.fromkeys(texts), "a/x.md": "a/x.md", "tides-of-ireland.md": "tides-of-ireland.md"}
    judged = repairs.judge(before, texts, places, "markdown")
    assert len(judged.wrong) == judged.new == 1
    assert judged.wrong[0].endswith("meant None, leads to tides-of-ireland.md")
