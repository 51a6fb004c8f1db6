"""Compares the dead links that wikitools, rumdl and lychee find in one wiki of plain Markdown.

    python tests/benchmarks/compare_peers.py WIKI [--rumdl PATH] [--lychee PATH] [--mutate SEED] [--show 3]

`--mutate` renames 200 pages and 200 headings that links name, at random, in a copy, without their links:
there is more to find. A peer that is not installed is left out, and the output says so.
"""

from __future__ import annotations

import argparse
import json
import os
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

import mutation

from wikitools.markdown.page import MarkdownLink

Place = tuple[str, int, str, str]
"""A dead link: page, line, path that it leads to (from the root), fragment."""


def place(path: str, line: int, url: str) -> Place:
    """Return a link, given its URL as written on the page."""
    target, _hash, fragment = url.partition("#")
    target = unquote(target.partition("?")[0])
    folder = "" if target.startswith("/") else posixpath.dirname(path)
    whole = posixpath.normpath(posixpath.join(folder, target.lstrip("/"))) if target else path
    return path, line, whole, unquote(fragment)


def ask_wikitools(root: Path) -> tuple[Counter[Place], tuple[int, int]]:
    """Return the dead links that wikitools finds, and how many links it looked at, with a fragment among them."""
    from wikitools.config import Settings
    from wikitools.lint.policy import Policy
    from wikitools.lint.run import lint
    from wikitools.project.checking import open_workspace

    facts = open_workspace(Settings(root=root, engine="markdown")).looked_around().facts
    links = {
        (link.span.path, link.span.start): link
        for page in facts.wiki.pages.values()
        for link in page.links
        if isinstance(link, MarkdownLink)
    }
    policy = Policy(select=("broken-link", "missing-image", "broken-anchor"))
    outcome = lint(facts, policy)
    found: Counter[Place] = Counter()
    for each in outcome.diagnostics:
        link = links.get((each.path, each.span.start))
        if link is not None:
            alive = each.rule == "broken-anchor"
            path, line, target, fragment = place(each.path, each.line, link.url)
            found[path, line, target, fragment if alive else ""] += 1
    return found, (len(links), sum("#" in link.url for link in links.values()))


def ask_rumdl(root: Path, program: str) -> Counter[Place]:
    """Return what MD051 (fragments) and MD057 (relative links) say."""
    command = [program, "check", "--no-config", "--no-cache", "-e", "MD051,MD057", "--output-format", "json", "."]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    found: Counter[Place] = Counter()
    for each in json.loads(done.stdout):
        path = posixpath.normpath(each["file"])
        quoted = re.findall(r"'([^']*)'", each["message"])
        if each["rule"] == "MD057":
            found[(*place(path, each["line"], quoted[0])[:3], "")] += 1
        else:
            fragment = quoted[0].removeprefix("#")
            target = quoted[1] if len(quoted) > 1 else ""
            found[place(path, each["line"], f"{target}#{fragment}")] += 1
    return found


def ask_lychee(root: Path, program: str) -> Counter[Place]:
    """Return what an offline run reports; it resolves links, so it names pages by the resolved path."""
    command = [program, "--offline", "--no-progress", "--include-fragments", "--root-dir", os.fspath(root)]
    done = subprocess.run([*command, "--format", "json", "."], cwd=root, capture_output=True, text=True, check=False)
    found: Counter[Place] = Counter()
    for file, errors in json.loads(done.stdout)["error_map"].items():
        path = posixpath.normpath(file)
        for each in errors:
            line, url = each["span"]["line"], each["url"]
            if not url.startswith("file://"):
                found[path, line, "", each["status"]["text"][:40]] += 1
                continue
            address, _hash, fragment = url.removeprefix("file://").partition("#")
            target = os.path.relpath(unquote(address.partition("?")[0]), root)
            dead = "fragment" not in each["status"]["text"].lower()
            found[path, line, target, "" if dead else unquote(fragment)] += 1
    return found


def write_mutant(root: Path, seed: int) -> Path:
    """Return a copy of the wiki in which pages and headings have other names, and links have not."""
    out = Path(tempfile.mkdtemp(prefix="wikitools-peers-")) / root.name
    shutil.copytree(root, out, symlinks=True)
    wiki = mutation.load(root, "markdown")
    changes = mutation.choose(wiki, seed, 200, 200, named=True)
    for path, page in wiki.pages.items():
        edits = [
            mutation.heading_edit(page, index, text) for (on, index), text in changes.headings.items() if on == path
        ]
        if edits:
            (out / path).write_bytes(mutation.apply(page.text, edits).encode())
        if path in changes.moves:
            (out / path).rename(out / changes.moves[path])
    return out


def compare(root: Path, programs: dict[str, str | None], show: int) -> None:
    """Print what each tool finds, and what only some of them do."""
    ours, (total, fragments) = ask_wikitools(root)
    print(f"{root.name}: {total} links inside the wiki, {fragments} with a fragment")
    answers = {"wikitools": ours}
    for name, ask in (("rumdl", ask_rumdl), ("lychee", ask_lychee)):
        program = programs[name]
        if program is None:
            print(f"  {name} is not installed: left out")
        else:
            answers[name] = ask(root, program)
    for name, found in answers.items():
        dead = sum(count for key, count in found.items() if not key[3])
        print(f"  {name}: {sum(found.values())} dead links ({dead} targets, {sum(found.values()) - dead} fragments)")
    groups: dict[tuple[str, ...], list[Place]] = {}
    for key in sorted(set().union(*answers.values())):
        groups.setdefault(tuple(name for name, found in answers.items() if found[key]), []).append(key)
    for names, keys in sorted(groups.items()):
        print(
            f"  found by {', '.join(names)} alone: {len(keys)}"
            if len(names) < len(answers)
            else f"  by all: {len(keys)}"
        )
        if len(names) < len(answers):
            for key in keys[:show]:
                print(f"    {key}")


def main() -> int:
    """Compare on one wiki, and on a mutant of it when asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("wiki", type=Path)
    parser.add_argument("--rumdl", default=shutil.which("rumdl"))
    parser.add_argument("--lychee", default=shutil.which("lychee"))
    parser.add_argument("--mutate", type=int, metavar="SEED")
    parser.add_argument("--show", type=int, default=3)
    options = parser.parse_args()
    root = options.wiki.resolve()
    compare(root, {"rumdl": options.rumdl, "lychee": options.lychee}, options.show)
    if options.mutate is not None:
        mutant = write_mutant(root, options.mutate)
        try:
            compare(mutant, {"rumdl": options.rumdl, "lychee": options.lychee}, options.show)
        finally:
            shutil.rmtree(mutant.parent)
    return 0


if __name__ == "__main__":
    sys.exit(main())
