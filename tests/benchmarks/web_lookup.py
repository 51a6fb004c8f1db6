"""Measures look-up and verification against fakes of the services, over the works of the gold set.

    WIKITOOLS_GOLD=GOLD python tests/benchmarks/web_lookup.py [--seed 1] [--seeds 1] [--wanted 387] [--sources 80]
        [--entries 250]

Look-up: a bibliography of pages of the gold set loses works, and their citations are looked up. Each page also
cites a source whose list of references is what the page's bibliography was; a fifth of these lists is empty, a tenth of
the wanted works no service has (the lists have them without a DOI), and some citations have an identifier beside them,
of which a third is another work's.

Verification: half of the entries are as the registry has them, half are corrupted in one of six ways; then all of them
under every outage, where nothing may be said against any.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from web.fakes import OUTAGES, Fakes
from web.faults import Time
from web.library import Work

from wikitools.sources.names import Name
from wikitools.sources.source import Source
from wikitools.sources.verdict import NotFound, Undetermined, Verified
from wikitools.text import Span
from wikitools.web.unlisted_works import CERTAIN, LIKELY, Want, look_up
from wikitools.web.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wikitools.sources.verdict import Judged
    from wikitools.web.unlisted_works import Candidate

FAMILY = "A_jats"


@dataclass(frozen=True)
class Cited:
    """A citation of the gold set: which work it means, and what it and its surroundings say."""

    page: str
    doi: str
    names: tuple[str, ...]
    et_al: bool
    year: str
    context: str


def read_library(gold: Path) -> dict[str, Work]:
    """Return the articles of the gold set by their ids there."""
    found: dict[str, Work] = {}
    for item in json.loads((gold / "library.json").read_text("utf-8")):
        people = tuple((each["family"], each.get("given", "")) for each in item.get("author", ()) if each.get("family"))
        year = ((item.get("issued") or {}).get("date-parts") or [[0]])[0][0]
        doi = item.get("DOI", "").lower()
        # arXiv's own DOIs are asked at arXiv.
        if doi and not doi.startswith("10.48550/") and item.get("title") and people and year:
            container = item.get("container-title", "")
            found[item["id"]] = Work(item["title"], people, int(year), doi=doi, container=container)
    return found


def read_citations(gold: Path, works: dict[str, Work]) -> dict[str, list[Cited]]:
    """Return the citations of each page that mean one work of which everything is known."""
    ids = json.loads((gold / "map.json").read_text("utf-8"))
    folder = gold / FAMILY
    found: dict[str, list[Cited]] = {}
    texts: dict[str, str] = {}
    for line in (folder / "gold.jsonl").read_text("utf-8").splitlines():
        item = json.loads(line)
        known = ids.get(f"{FAMILY}/bib/{Path(item['page']).stem}.json", {})
        work = works.get(known.get(item["gold"][0], "")) if len(item.get("gold") or ()) == 1 else None
        if work is None or item.get("unit") != "full" or str(work.year) != item["year"]:
            continue
        page = item["page"]
        text = texts.setdefault(page, (folder / page).read_text("utf-8"))
        families = [family for family, _given in work.names]
        et_al = len(families) > 2
        names = tuple(families[:1] if et_al else families)
        around = text[max(0, item["start"] - 400) : item["end"] + 200]
        found.setdefault(page, []).append(Cited(page, work.doi, names, et_al, item["year"], around))
    return found


def measure_look_up(
    given: argparse.Namespace,
    works: dict[str, Work],
    cited: dict[str, list[Cited]],
    text_of: Callable[[str], str],
    seed: int,
) -> Counter[str]:
    """Look up works that pages cite and their bibliographies lost, print how well that went, and return it."""
    chance = random.Random(seed)
    pages = chance.sample(sorted(page for page in cited if len(cited[page]) > 9), given.sources)
    by_doi = {work.doi: work for work in works.values()}
    listed = {page: tuple(dict.fromkeys(each.doi for each in cited[page])) for page in pages}
    by_work: dict[str, list[Cited]] = {}
    for page in pages:
        for each in cited[page]:
            by_work.setdefault(each.doi, []).append(each)
    wanted = chance.sample(sorted(by_work), min(given.wanted, len(by_work)))
    absent = set(chance.sample(wanted, len(wanted) // 10))
    present = {doi for page in pages for doi in listed[page]} - absent
    others = sorted(by_doi.keys() - present - absent)
    others = chance.sample(others, min(given.others, len(others)))
    sources: dict[str, tuple[Source, ...]] = {}
    library = [by_doi[doi] for doi in sorted({*present, *others})]
    for number, page in enumerate(pages):
        doi = f"10.5555/source-{number}"
        known = () if number % 5 == 4 else tuple(each for each in listed[page] if each not in absent)
        lost = [by_doi[each] for each in listed[page] if each in absent and number % 5 != 4]
        without = tuple((work.names[0][0], work.year) for work in lost)
        library.append(Work(f"Source {number}", (("Sourcer", "S."),), 2020, doi=doi, cites=known, also_cites=without))
        sources[page] = (Source(Span("r.bib", number, number), f"source{number}", title=f"Source {number}", doi=doi),)
    wants: dict[Want, str] = {}
    for doi in wanted:
        mine = by_work[doi]
        draw = chance.random()
        beside = () if draw > 0.15 else (f"doi:{doi if draw < 0.1 else chance.choice(others)}",)
        context = " ".join(each.context for each in mine)
        one = mine[0]
        pages_of = frozenset(each.page for each in mine)
        wants[Want(one.names, one.et_al, one.year, pages_of, context, beside)] = doi
    with Fakes(library=tuple(library)) as services:
        began, clock = time.process_time(), Time()
        kept = {
            f"doi:{doi}": (as_source(by_doi[doi]),) for page in pages for doi in listed[page] if doi not in set(wanted)
        }
        looked = services.ask(
            lambda web: look_up(
                web, list(wants), sources, known=lambda each: kept.get(each, ()), text_of=cache(text_of)
            ),
            clock.clock,
            keys={},
        )
        asked = sum(map(len, services.asked().values()))
    has_list = {page for number, page in enumerate(pages) if number % 5 != 4}

    def listed_for(want: Want, doi: str) -> bool:
        return any(doi in listed[page] for page in want.pages & has_list)

    counts: Counter[str] = Counter()
    for want, doi in wants.items():
        found = looked.candidates[want]
        if doi in absent:
            counts["absent"] += 1
            counts["absent, proposed as certain or likely"] += bool(found) and found[0].certainty in {CERTAIN, LIKELY}
            counts["absent, anything proposed"] += bool(found)
            if given.show and found:
                print(_told("absent, but proposed", want, by_doi[doi], found, listed_for(want, doi)))
            continue
        counts["there"] += 1
        is_among = any(each.record.doi == doi for each in found[:5])
        counts["there, right among five"] += is_among
        if given.show and not is_among:
            print(_told("not among five", want, by_doi[doi], found, listed_for(want, doi)))
        if found:
            counts[found[0].certainty] += 1
            counts[f"{found[0].certainty}, right"] += found[0].record.doi == doi
    print(
        f"look-up, seed {seed}: {len(wants)} works wanted on {len(pages)} pages with a source each, "
        f"among {len(library):,} works"
    )
    for name in sorted(counts):
        print(f"  {name:<42}{counts[name]:>6}")
    print(f"  {'requests':<42}{asked:>6}")
    print(f"  {'seconds at the pace of the services':<42}{clock.passed:>6.0f}")
    print(f"  {'seconds of CPU, fakes included':<42}{time.process_time() - began:>6.0f}")
    return counts


def _told(what: str, want: Want, work: Work, found: Sequence[Candidate], is_listed: bool) -> str:
    """Return what was wanted and what was found, to be read by a person."""
    names = ", ".join(want.names) + " et al." * want.et_al
    lines = [f"{what}: {names} {want.year}; in a list: {is_listed}; identifiers beside: {len(want.beside)}"]
    lines.append(f"    wanted    {work.doi}  {', '.join(family for family, _given in work.names[:4])}. {work.title}")
    for each in found:
        families = ", ".join(name.family for name in each.record.names[:4])
        lines.append(f"    {each.certainty:<8}  {each.record.doi}  {families}. {each.record.title} ({each.evidence})")
    return "\n".join(lines)


def as_source(work: Work, number: int = 0) -> Source:
    """Return the entry of a work in a bibliography."""
    names = tuple(Name(family, given) for family, given in work.names)
    return Source(Span("r.bib", number, number), f"s{number}", names, (str(work.year),), title=work.title, doi=work.doi)


# Verification


def corrupted(source: Source, kind: str, works: list[Work], chance: random.Random) -> Source:
    """Return an entry with one fault."""
    other = chance.choice(works)
    match kind:
        case "dead DOI":
            return replace(source, doi=f"{source.doi}.x{chance.randrange(1000)}")
        case "another's DOI":
            return replace(source, doi=other.doi)
        case "title word":
            said = re.findall(r"\S+", source.title)
            at = max(range(len(said)), key=lambda place: len(said[place]))
            return replace(source, title=" ".join([*said[:at], "horticultural", *said[at + 1 :]]))
        case "year":
            return replace(source, years=(str(int(source.years[0]) + chance.choice((-7, -4, 4, 7))),))
        case "first author":
            return replace(source, names=(Name("Wrongman", "Q."), *source.names[1:]))
        case _:
            return replace(source, names=source.names[:1])


KINDS = ("dead DOI", "another's DOI", "title word", "year", "first author", "authors cut")


def measure_verification(given: argparse.Namespace, works: dict[str, Work]) -> None:
    """Verify sound and corrupted entries, also under every outage, and print what was said of them."""
    chance = random.Random(given.seed)
    known = [work for work in works.values() if len(work.names) > 2 and len(work.title.split()) > 4]
    some = chance.sample(known, given.entries)
    library = tuple({work.doi: work for work in (*some, *chance.sample(known, 3000))}.values())
    entries: list[tuple[Source, str]] = []
    for number, work in enumerate(some):
        sound = as_source(work, number)
        kind = KINDS[number // 2 % len(KINDS)] if number % 2 else ""
        entries.append((corrupted(sound, kind, list(library), chance) if kind else sound, kind))
    sources = [source for source, _kind in entries]
    with Fakes(library=library) as services:
        judged = dict(_by_key(services, sources))
        asked = sum(map(len, services.asked().values()))
    counts: Counter[str] = Counter()
    for source, kind in entries:
        verdict = judged[source.key].verdict
        counts[f"{kind or 'sound'}: entries"] += 1
        if given.show and isinstance(verdict, Verified) == bool(kind):
            print(f"{kind or 'sound'}: {verdict}\n  {source}")
        counts[f"{kind or 'sound'}: {'caught' if kind else 'accused'}"] += not isinstance(
            verdict, Verified | Undetermined
        )
    print(f"\nverification: {len(entries)} entries, {asked} requests")
    for name in ("sound", *KINDS):
        word = "accused" if name == "sound" else "caught"
        print(f"  {name:<20}{counts[f'{name}: {word}']:>5} of {counts[f'{name}: entries']} {word}")
    against: Counter[str] = Counter()
    for outage in OUTAGES:
        with Fakes(library=library, out=dict.fromkeys(("crossref", "datacite", "doi"), outage)) as services:
            for _key, each in _by_key(services, sources[:60]):
                against[outage] += not isinstance(each.verdict, Undetermined) or isinstance(each.verdict, NotFound)
    print(f"  said of 60 entries in each of {len(OUTAGES)} outages: {against.total()}")


def _by_key(services: Fakes, sources: list[Source]) -> list[tuple[str, Judged]]:
    async def question(web: Any) -> Any:
        return await verify(web, sources)

    return [(source.key, each) for source, each in services.ask(question, Time().clock, keys={})]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds in a row, for the look-up")
    parser.add_argument("--wanted", type=int, default=387)
    parser.add_argument("--sources", type=int, default=80)
    parser.add_argument(
        "--others", type=int, default=8000, help="works that nobody looks for, besides those that pages cite"
    )
    parser.add_argument("--entries", type=int, default=250)
    parser.add_argument("--show", action="store_true", help="what was not found, or judged wrongly")
    parser.add_argument("--only", choices=("look-up", "verification"))
    given = parser.parse_args()
    gold = Path(os.environ["WIKITOOLS_GOLD"])
    works = read_library(gold)
    if given.only != "verification":
        cited = read_citations(gold, works)
        all_counts: Counter[str] = Counter()
        for seed in range(given.seed, given.seed + given.seeds):
            all_counts += measure_look_up(
                given, works, cited, lambda page: (gold / FAMILY / page).read_text("utf-8"), seed
            )
        if given.seeds > 1:
            print(f"look-up, all {given.seeds} seeds")
            for name, number in sorted(all_counts.items()):
                print(f"  {name:<42}{number:>6}")
    if given.only != "look-up":
        measure_verification(given, works)
    return 0


if __name__ == "__main__":
    sys.exit(main())
