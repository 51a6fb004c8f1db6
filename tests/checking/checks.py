"""Wikis with everything in them, changed at random, and checks of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from wikitools.lint.policy import ALL, Policy
from wikitools.lint.run import lint
from wikitools.project import cache as store
from wikitools.project import checking

if TYPE_CHECKING:
    import random

    from wikitools.config import Settings
    from wikitools.files import Snapshot
    from wikitools.lint.run import Outcome

EVERYTHING = Policy(select=(ALL,))
FIXTURES = sorted((Path(__file__).parent.parent.parent / "fixtures").glob("wiki-*"))


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
    """Make one change that people make between two runs."""
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
