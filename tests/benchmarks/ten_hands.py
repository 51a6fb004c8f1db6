"""Measures whether entries that `bib add` would write are those that the bibliography's owner would have written.

    WIKITOOLS_GOLD=GOLD python tests/benchmarks/ten_hands.py [--seed 1] [--each 30] [--show 3]

Ten bibliographies of sixty works each are written by ten hands: programs and people have their own keys, fields, order
and layout, and each hand is a few lines here that know nothing of wikitools. One work at a time is left out and added
again from what a registry says of it. Counted are entries with the same key, the same fields in the same order, the
same text to the byte, in the same place, and whether every other byte is as before.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
import time
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wikitools.project.additions import AdditionProofError, Bibliography, with_work
from wikitools.sources.names import Name
from wikitools.sources.record import Record
from wikitools.sources.writers.write_error import CannotWriteError

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE = 60


@dataclass(frozen=True)
class Article:
    """An article in a journal, as its owner knows it."""

    people: tuple[tuple[str, str], ...]
    """Family and given names."""
    title: str
    journal: str
    year: int
    volume: str
    pages: str
    doi: str

    @property
    def first(self) -> str:
        return self.people[0][0]

    @property
    def record(self) -> Record:
        """The article as a registry has it."""
        return Record(
            "crossref",
            kind="article-journal",
            title=self.title,
            names=tuple(Name(family, given) for family, given in self.people),
            date=(self.year,),
            years=(str(self.year),),
            container=self.journal,
            volume=self.volume,
            pages=self.pages,
            doi=self.doi,
        )


def articles(gold: Path) -> list[Article]:
    """Return the articles of the gold set's bibliographies of which everything is known, each once."""
    dois = {each["id"]: each.get("DOI", "") for each in json.loads((gold / "library.json").read_text("utf-8"))}
    known = json.loads((gold / "map.json").read_text("utf-8"))
    found: dict[str, Article] = {}
    for path in sorted((gold / "A_jats" / "bib").glob("*.json")):
        for item in json.loads(path.read_text("utf-8")):
            doi = item.get("DOI") or dois.get(known.get(f"A_jats/bib/{path.name}", {}).get(item["id"], ""), "")
            made = _article(item, doi)
            if made is not None:
                found.setdefault(made.doi, made)
    return list(found.values())


def alike(known: list[Article], *, initials: bool) -> list[Article]:
    """Return the articles with all given names as initials, or with none: nobody mixes them on purpose."""
    return [
        work
        for work in known
        if all((re.fullmatch(r"(\w\.[ -]?)+", given) is not None) == initials for _, given in work.people)
    ]


def _article(item: dict[str, Any], doi: str) -> Article | None:
    people = tuple((each.get("family", ""), _given(each.get("given", ""))) for each in item.get("author", ()))
    year = (item.get("issued") or {}).get("date-parts", [[0]])[0][0]
    title, journal = item.get("title", ""), item.get("container-title", "")
    plain = all(re.fullmatch(r"[\w .,:;()'/-]+", text) for text in (title, journal)) and not re.search(r"[_^]", title)
    sound = all(re.fullmatch(r"[^\W\d_][\w'-]*( [\w'-]+){,2}", family) and given for family, given in people)
    pages = re.fullmatch(r"(\d+)-(\d+)", item.get("page", ""))
    if not (people and plain and sound and year and doi and pages and item.get("volume", "").isdigit()):
        return None
    return Article(people[:6], title, journal, int(year), item["volume"], item["page"], doi.lower())


def _given(name: str) -> str:
    """Return a given name; run-together initials are taken apart, as registries mostly have them."""
    return " ".join(f"{letter}." for letter in name) if re.fullmatch(r"[A-Z]{1,4}", name) else name


# What keys are made of


def ascii_(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text) if char.isascii())


def squeezed(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", ascii_(text))


_SCHOLAR = frozenset("a an the and or of on in at for to from by with as is are do what how why when where".split())
_ZOTERO = frozenset("a an the some from on in to of do with der die das ein eine un une la le de des del".split())
_BETTER = _ZOTERO - {"and"} | frozenset(
    "about above across after against along among and around as at before behind below between beyond but by during "
    "except for inside into is like near nor off onto or over past per plus since so than through toward towards under "
    "until up upon versus via while within without yet den du en et von zu".split()
)
"""What programs skip in titles, as far as it occurs here."""


def telling(title: str, skipped: frozenset[str], *, joined: bool = False) -> list[str]:
    text = title.replace("-", "") if joined else title.replace("-", " ")
    words = map(squeezed, text.replace("/", " ").replace(":", " ").split())
    return [word for word in words if word and word.lower() not in skipped]


def scholar(work: Article) -> str:
    return f"{squeezed(re.split(r'[ -]', work.first)[0]).lower()}{work.year}{telling(work.title, _SCHOLAR)[0].lower()}"


def zotero(work: Article) -> str:
    family = re.sub(r"[^a-z_-]", "", ascii_(work.first).lower().replace(" ", "_"))
    title = next(word for word in work.title.split() if squeezed(word) and word.lower() not in _ZOTERO)
    return f"{family}_{re.sub('[^a-z0-9-]', '', ascii_(title).lower())}_{work.year}"


def better_bibtex(work: Article) -> str:
    family = re.sub(r"[^A-Za-z-]", "", ascii_(work.first)).lower()
    words = [each for each in work.title.replace("/", " ").split() if squeezed(each) and each.lower() not in _BETTER]
    camel = ("".join(part[:1].upper() + part[1:] for part in map(squeezed, word.split("-"))) for word in words[:3])
    return f"{family}{''.join(camel)}{work.year}"


def arxiv(work: Article) -> str:
    words = "".join(telling(work.title, _BETTER, joined=True)[:4]).lower()
    return f"{squeezed(work.first).lower()}{work.year}{words}"


def anthology(work: Article) -> str:
    families = [squeezed(family).lower() for family, _given in work.people]
    names = [families[0], "etal"] if len(families) > 2 else families
    return "-".join((*names, str(work.year), telling(work.title, _SCHOLAR)[0].lower()))


def plain_key(between: str = "", *, upper: bool = True) -> Callable[[Article], str]:
    def make(work: Article) -> str:
        family = squeezed(work.first)
        return f"{family[:1].upper() + family[1:] if upper else family.lower()}{between}{work.year}"

    return make


def all_names(work: Article) -> str:
    families = [squeezed(family) for family, _given in work.people]
    return f"{families[0]}EtAl:{work.year}" if len(families) > 2 else f"{''.join(families)}:{work.year}"


# How entries look


def inverted(work: Article) -> str:
    return " and ".join(f"{family}, {given}" for family, given in work.people)


def forward(work: Article) -> str:
    shown = ((f"{{{family}}}" if re.match("[A-Z].* ", family) else family, given) for family, given in work.people)
    return " and ".join(f"{given} {family}" for family, given in shown)


def initials(work: Article) -> str:
    short = ("".join(part[0] for part in re.split(r"[ .-]+", given) if part) for _family, given in work.people)
    return " and ".join(f"{family}, {given}" for (family, _given), given in zip(work.people, short, strict=True))


def bibtex(
    fields: str,
    line: Callable[[str, str], str],
    *,
    kind: str = "article",
    people: Callable[[Article], str] = inverted,
    comma: bool = False,
    dash: str = "--",
) -> Callable[[Article, str], str]:
    def make(work: Article, key: str) -> str:
        values = {
            "author": people(work),
            "title": work.title,
            "journal": work.journal,
            "journaltitle": work.journal,
            "year": str(work.year),
            "date": str(work.year),
            "volume": work.volume,
            "pages": work.pages.replace("-", dash),
            "doi": work.doi,
            "url": f"https://doi.org/{work.doi}",
        }
        lines = ",\n".join(line(name, values[name.lower()]) for name in fields.split())
        return f"@{kind}{{{key},\n{lines}{',' * comma}\n}}"

    return make


def csl(work: Article, key: str) -> str:
    item = {
        "id": key,
        "type": "article-journal",
        "title": work.title,
        "container-title": work.journal,
        "volume": work.volume,
        "page": work.pages,
        "DOI": work.doi,
        "author": [{"family": family, "given": given} for family, given in work.people],
        "issued": {"date-parts": [[work.year]]},
    }
    text = json.dumps(item, indent=2, ensure_ascii=False)
    return "\n".join(f"  {line}" for line in text.split("\n"))


def hayagriva(work: Article, key: str) -> str:
    people = "\n".join(f"    - {family}, {given}" for family, given in work.people)
    title = json.dumps(work.title, ensure_ascii=False)
    journal = json.dumps(work.journal, ensure_ascii=False)
    return (
        f"{key}:\n  type: article\n  title: {title}\n  author:\n{people}\n  date: {work.year}\n"
        f"  serial-number:\n    doi: {work.doi}\n  page-range: {work.pages}\n"
        f"  parent:\n    type: periodical\n    title: {journal}\n    volume: {work.volume}"
    )


def ris(work: Article, _key: str) -> str:
    start, _dash, end = work.pages.partition("-")
    people = "\n".join(f"AU  - {family}, {given}" for family, given in work.people)
    return (
        f"TY  - JOUR\n{people}\nTI  - {work.title}\nJO  - {work.journal}\nPY  - {work.year}\nVL  - {work.volume}\n"
        f"SP  - {start}\nEP  - {end}\nDO  - {work.doi}\nER  - "
    )


@dataclass(frozen=True)
class Hand:
    """Someone's way to keep a bibliography."""

    file: str
    key: Callable[[Article], str]
    entry: Callable[[Article, str], str]
    by_key: bool = False
    """Entries are in the order of their keys."""
    between: str = "\n\n"
    frame: tuple[str, str] = ("", "\n")


HANDS = {
    "Google Scholar": Hand(
        "a.bib",
        scholar,
        bibtex("title author journal volume pages year doi", lambda name, value: f"  {name}={{{value}}}"),
    ),
    "Zotero": Hand(
        "b.bib",
        zotero,
        bibtex(
            "title volume url doi journal author year pages", lambda name, value: f"\t{name} = {{{value}}}", comma=True
        ),
    ),
    "Better BibTeX": Hand(
        "c.bib",
        better_bibtex,
        bibtex(
            "title author date journaltitle volume pages doi", lambda name, value: f"  {name} = {{{value}}}", dash="--"
        ),
        by_key=True,
    ),
    "JabRef": Hand(
        "d.bib",
        plain_key(),
        bibtex(
            "author title journal year volume pages doi",
            lambda name, value: f"  {name:<7} = {{{value}}}",
            kind="Article",
            comma=True,
        ),
        by_key=True,
    ),
    "arXiv": Hand(
        "e.bib",
        arxiv,
        bibtex(
            "title author year journal volume pages doi",
            lambda name, value: f"      {name}={{{value}}}",
            people=forward,
            comma=True,
        ),
    ),
    "ACL Anthology": Hand(
        "f.bib",
        anthology,
        bibtex(
            "title author journal volume year doi pages",
            lambda name, value: f'    {name} = "{value}"',
            people=forward,
            comma=True,
        ),
        between="\n",
    ),
    "by hand": Hand(
        "g.bib",
        all_names,
        bibtex(
            "Author Title Journal Volume Pages Year DOI",
            lambda name, value: f"\t{name:<8}= {{{value}}}",
            kind="ARTICLE",
            people=initials,
            dash="-",
        ),
        by_key=True,
    ),
    "CSL-JSON": Hand("h.json", plain_key(upper=False), csl, between=",\n", frame=("[\n", "\n]\n")),
    "Hayagriva": Hand("i.yaml", plain_key("-", upper=False), hayagriva),
    "RIS": Hand("j.ris", lambda _work: "", ris),
}


def written(hand: Hand, works: list[tuple[str, Article]]) -> str:
    """Return a bibliography, in this hand."""
    inside = hand.between.join(hand.entry(work, key) for key, work in works)
    return f"{hand.frame[0]}{inside}{hand.frame[1]}"


def measure(hand: Hand, known: list[Article], chance: random.Random, each: int, shown: int) -> Counter[str]:
    """Leave out and add again some works of a bibliography, and count what is as its owner has it."""
    works: dict[str, Article] = {}
    for work in chance.sample(known, len(known)):
        key = hand.key(work)
        # Which of two gets a letter depends on which came first.
        if len(works) < SIZE and (key or str(len(works))).casefold() not in {one.casefold() for one in works}:
            works[key or str(len(works))] = work
    listed = sorted(works.items(), key=lambda one: one[0].casefold()) if hand.by_key else list(works.items())
    counts: Counter[str] = Counter()
    for key, work in chance.sample(listed, each):
        counts["entries"] += 1
        at = listed.index((key, work))
        # If entries are in the order in which they were added, the new one is the last.
        rest = [one for one in listed if one[0] != key]
        wanted = written(hand, listed if hand.by_key else [*rest, (key, work)])
        before = written(hand, rest)
        try:
            after, made = with_work(Bibliography(hand.file, before), work.record, ())
        except (AdditionProofError, CannotWriteError) as error:
            print(f"not written: {error}")
            continue
        mine, added = hand.entry(work, key), _added(before, after.text, hand.entry(work, key)[:1].strip())
        counts["key"] += made == key or hand.key(work) == ""
        fields = [re.findall(r"^\W*([\w-]+)\W", text, re.MULTILINE) for text in (mine, added.replace(made, key))]
        counts["fields and order"] += [*filter(None, fields[0])] == [*filter(None, fields[1])]
        counts["form"] += after.text.replace(made, key) == wanted if made else after.text == wanted
        counts["all"] += after.text == wanted
        counts["others unchanged"] += bool(added) or after.text == wanted
        if after.text != wanted and counts["shown"] < shown:
            counts["shown"] += 1
            print(f"--- {at}\n{mine}\n+++\n{added}\n")
    return counts


def _added(before: str, after: str, first: str) -> str:
    """Return what was put into a text and begins so, where nothing else changed; "" where something did."""
    length = len(after) - len(before)
    common = next((at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), len(before))
    places = [at for at in range(common, max(-1, common - 400), -1) if after[:at] + after[at + length :] == before]
    found = [after[at : at + length].strip("\n, ") for at in places]
    return next((text for text in found if first and text.startswith(first)), found[0] if found else "")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=30, help="entries of each hand")
    parser.add_argument("--show", type=int, default=0, help="so many entries of each hand that differ")
    parser.add_argument("--only", default="", help="one hand")
    given = parser.parse_args()
    known = articles(Path(os.environ["WIKITOOLS_GOLD"]))
    total: Counter[str] = Counter()
    columns = ("entries", "key", "fields and order", "form", "all", "others unchanged")
    print(f"{len(known):,} articles\n{'':<16}" + "".join(f"{name:>18}" for name in columns))
    began = time.process_time()
    for number, (name, hand) in enumerate(HANDS.items()):
        if given.only in {"", name}:
            counts = measure(
                hand, alike(known, initials=number % 2 == 0), random.Random(given.seed), given.each, given.show
            )
            total += counts
            print(f"{name:<16}" + "".join(f"{counts[each]:>18}" for each in columns))
    print(f"{'':<16}" + "".join(f"{total[each]:>18}" for each in columns))
    share = total["all"] / max(1, total["entries"])
    print(f"as their owner would: {share:.1%}; {time.process_time() - began:.0f} s of CPU")
    return 0


if __name__ == "__main__":
    sys.exit(main())
