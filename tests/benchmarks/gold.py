"""Citations found and matched on the gold set: precision, recall and F1 by style, against the stored result.

    python tests/benchmarks/gold.py                     the whole set, compared with gold.json
    python tests/benchmarks/gold.py --library           besides, all bibliographies in one (slow, needs 2 GB)
    python tests/benchmarks/gold.py --sample            60 pages a family; exits with 1 below the floor
    python tests/benchmarks/gold.py [--sample] --update stores what was measured

The gold set is no part of this repository. It is looked for in `WIKITOOLS_GOLD`, else in `../shared/gold` beside the
checkout, and unpacked once into the temporary folder; without it nothing is measured and the exit code is 0.
gold.json holds figures of wikitools only, nothing of the set. Strict scores, as the set's own scorer defines them.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
STORED = HERE / "gold.json"
FAMILIES = ("A_jats", "A_emph", "B_pandoc")
MEASURES = ("extraction P", "extraction R", "extraction F1", "link P", "link R", "link F1", "any R", "uniq R")
APART = "jats-pensoft"
"""Taxonomy, full of specimen dates and taxon authorities, has goals of its own."""

Scores = dict[str, float]


def find_gold() -> Path | None:
    """Return the folder with the scorer and the packed set, `None` if there is none."""
    named = os.environ.get("WIKITOOLS_GOLD")
    folder = Path(named) if named else HERE.parents[2] / "shared" / "gold"
    return folder if (folder / "run.py").is_file() and (folder / "dev.tar.xz").is_file() else None


def unpacked(gold: Path) -> Path:
    """Return the folder of the unpacked set; unpacking takes a while, so it stays for the next run."""
    packed = gold / "dev.tar.xz"
    state = packed.stat()
    cache = Path(tempfile.gettempdir()) / f"wikitools-gold-{os.getuid()}-{state.st_size}-{int(state.st_mtime)}"
    if not cache.is_dir():
        half = Path(tempfile.mkdtemp(prefix="wikitools-gold-"))
        with tarfile.open(packed) as archive:
            archive.extractall(half, filter="data")
        try:
            half.rename(cache)
        except OSError:  # another run was quicker
            shutil.rmtree(half)
    return next(path.parent for path in sorted(cache.glob("**/A_jats")))


def sample(data: Path, family: str, size: int, folder: Path) -> Path:
    """Lay out `size` pages of a family, spread evenly over it, as a set of their own; return that set."""
    lines = (data / family / "pages.jsonl").read_text(encoding="utf-8").splitlines()
    by_style: dict[str, list[str]] = {}
    for line in lines:
        by_style.setdefault(json.loads(line)["style"], []).append(line)
    # From each style its share, and at least one page.
    chosen: list[str] = []
    for style in sorted(by_style):
        pages = by_style[style]
        share = max(1, round(size * len(pages) / len(lines)))
        chosen += [pages[number * len(pages) // share] for number in range(min(share, len(pages)))]
    keep = {json.loads(line)["page"] for line in chosen}
    target = folder / "set" / family
    target.mkdir(parents=True)
    (target / "pages.jsonl").write_text("".join(f"{line}\n" for line in chosen), encoding="utf-8")
    with (data / family / "gold.jsonl").open(encoding="utf-8") as lines_of_gold:
        (target / "gold.jsonl").write_text(
            "".join(line for line in lines_of_gold if json.loads(line)["page"] in keep), encoding="utf-8"
        )
    for name in ("pages", "bib"):
        (target / name).symlink_to(data / family / name)
    return folder / "set"


def measure(
    gold: Path, data: Path, family: str, wikitools: str, *, library: Path | None = None, drop: float = 0
) -> tuple[dict[str, Any], str]:
    """Run the scorer over one family; return its figures by style, and what it says about speed.

    `drop` is the share of works that are taken out of the bibliographies first.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(gold / "run.py"), str(data), "--family", family, "--wikitools", wikitools]
        command += ["--json", f"{folder}/scores"]
        if drop:
            command += ["--drop", str(drop)]
        if library is not None:
            command += ["--library", str(library / "library.json"), "--map", str(library / "map.json")]
        # The scorer lays its bibliographies out as links.
        environment = {**os.environ, "WIKITOOLS_FOLLOW_LINKS": "1"}
        run = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        if run.returncode:
            sys.exit(f"{family}: the scorer ended with {run.returncode}\n{run.stderr or run.stdout}")
        speed = re.search(r"[\d.]+ MB of prose in .*", run.stdout)
        scores = json.loads(Path(f"{folder}/scores.{family}").read_text(encoding="utf-8"))
        return scores, speed[0] if speed else ""


def scores_of(counts: Counter[str]) -> Scores:
    """Return the measures of some counts of the scorer, in percent."""

    def share(part: str, *whole: str) -> float:
        total = sum(counts[name] for name in whole)
        return 100 * counts[part] / total if total else 100.0

    def f1(precision: float, recall: float) -> float:
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0

    precision, recall = share("tp_strict", "tp", "fp"), share("found_strict", "gold")
    link_precision, link_recall = share("link_ok", "answered"), share("link_ok", "linkable")
    values = (
        *(precision, recall, f1(precision, recall), link_precision, link_recall, f1(link_precision, link_recall)),
        *(share("link_ok_any", "linkable"), share("uniq_ok", "uniq")),
    )
    return {name: round(value, 2) for name, value in zip(MEASURES, values, strict=True)}


HALF = "half of the works missing"


def without_half(name: str, figures: dict[str, Any]) -> dict[str, Scores]:
    """Return which shares of the citations of missing works are reported as unmatched, and not matched to others."""
    counts = Counter(figures["ALL"]["counts"])
    stolen = 100 * counts["stolen"] / counts["dropped"]
    told = 100 * counts["told"] / counts["dropped"]
    return {f"{name}, {HALF}": {"told": round(told, 2), "not stolen": round(100 - stolen, 2)}}


def by_style(name: str, figures: dict[str, Any]) -> dict[str, Scores]:
    """Return the scores of each style and of the family; of A_jats also without the style that has its own goals."""
    counts = {style: Counter(figure["counts"]) for style, figure in figures.items() if style != "ALL"}
    rows = {f"{name} {style}": scores_of(count) for style, count in sorted(counts.items())}
    if APART in counts:
        others = sum((count for style, count in counts.items() if style != APART), Counter())
        rows[f"{name} without {APART}"] = scores_of(others)
    rows[f"{name} all"] = scores_of(sum(counts.values(), Counter()))
    return rows


def table(rows: dict[str, Scores], stored: dict[str, Scores]) -> str:
    """Return the scores as text, with gains and losses against the stored ones below each that changed."""
    room = max(map(len, rows), default=0)
    lines = [f"{'percent':{room}}  " + "  ".join(f"{name:>13}" for name in MEASURES)]
    for name, scores in rows.items():
        lines.append(f"{name:{room}}  " + "  ".join(f"{scores[measure]:13.2f}" for measure in MEASURES))
        before = stored.get(name)
        changes = [scores[measure] - before[measure] for measure in MEASURES] if before else []
        if any(abs(change) >= 0.005 for change in changes):
            told = (f"{change:+13.2f}" if abs(change) >= 0.005 else " " * 13 for change in changes)
            lines.append(f"{'':{room}}  " + "  ".join(told))
    gone = sorted(stored.keys() - rows.keys())
    return "\n".join([*lines, *(f"{name}: stored, not measured" for name in gone)])


def below(rows: dict[str, Scores], floors: dict[str, Scores]) -> list[str]:
    """Return what is worse than the floor allows."""
    return [
        f"{name}: {measure} {rows[name][measure]:.2f} is below the floor {floor:.2f}"
        for name, floor_of in sorted(floors.items())
        for measure, floor in floor_of.items()
        if name in rows and rows[name][measure] < floor
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description="Citations on the gold set, against the stored result.")
    parser.add_argument(
        "--sample", nargs="?", type=int, const=60, metavar="N", help="N pages a family (60); checks the floor"
    )
    parser.add_argument("--library", action="store_true", help="also with all bibliographies in one")
    parser.add_argument("--family", action="append", choices=FAMILIES)
    parser.add_argument("--wikitools", default=str(Path(sys.executable).with_name("wikitools")))
    parser.add_argument("--update", action="store_true", help="store what was measured")
    options = parser.parse_args()
    gold = find_gold()
    if gold is None:
        print("gold: SKIPPED, there is no gold set (WIKITOOLS_GOLD, or ../shared/gold beside the checkout)")
        return 0
    data = unpacked(gold)
    rows: dict[str, Scores] = {}
    missing: dict[str, Scores] = {}
    for family in options.family or FAMILIES:
        with tempfile.TemporaryDirectory() as folder:
            laid_out = sample(data, family, options.sample, Path(folder)) if options.sample else data
            figures, speed = measure(gold, laid_out, family, options.wikitools)
            rows |= by_style(family, figures)
            print(f"{family}: {speed}", flush=True)
            figures, _speed = measure(gold, laid_out, family, options.wikitools, drop=0.5)
            missing |= without_half(family, figures)
            if options.library:
                figures, speed = measure(gold, laid_out, family, options.wikitools, library=data)
                rows |= by_style(f"{family} merged", figures)
                print(f"{family}, merged library: {speed}", flush=True)
    stored = json.loads(STORED.read_text(encoding="utf-8")) if STORED.is_file() else {}
    kind = f"sample of {options.sample}" if options.sample else "all"
    known = stored.get(kind, {})
    print(table(rows, {name: scores for name, scores in known.items() if name in rows or not options.family}))
    for name, scores in missing.items():
        print(f"{name}: told {scores['told']:.2f}, not stolen {scores['not stolen']:.2f} percent")
    if options.update:
        stored[kind] = {**known, **rows} if options.family or options.library else rows
        STORED.write_text(json.dumps(stored, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    failures = below({**rows, **missing}, stored.get("floor", {})) if options.sample else []
    print("\n".join(failures) if failures else "", end="\n" if failures else "")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
