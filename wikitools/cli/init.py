"""`wikitools init`: a configuration file for a wiki, made from what is found in it."""

# Typer reads the annotations when the program runs, so they are not postponed here.

from typing import TYPE_CHECKING, Annotated

import typer

from wikitools.cli import options
from wikitools.cli.terminal import choose_colour, fail, note, write

if TYPE_CHECKING:
    from pathlib import Path

    from wikitools.wiki.wiki import Wiki

NAME = "wikitools.toml"


def init(  # noqa: PLR0917  # typer turns the parameters into options; nobody passes them by position
    folder: Annotated[
        str, typer.Argument(metavar="[FOLDER]", help="The wiki's root. Default: the current folder.")
    ] = ".",
    force: Annotated[bool, typer.Option("--force", help="Replace a configuration that is there.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the file and write nothing.")] = False,
    color: options.Color = "auto",
    jobs: options.Jobs = None,
    quiet: options.Quiet = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Write a commented wikitools.toml from what is found in the wiki.

    Tries every engine on the wiki's links and proposes one, with figures; names the bibliographies found. Says what it
    decided and why. A file that is there is only replaced with --force.
    """
    from pathlib import Path

    choose_colour(color)
    root = Path(folder).resolve()
    if not root.is_dir():
        fail(f"{folder}: no such folder")
    place = root / NAME
    if place.exists() and not (force or dry_run):
        fail(f"{place} is there already", "--force replaces it, --dry-run prints what would be written")
    text, decisions = _propose(root, jobs=jobs, progress=not (no_progress or quiet))
    if dry_run:
        write(text)
    else:
        from wikitools import files

        try:
            if place.exists():
                files.write_atomic(root, NAME, place.read_bytes(), text)
            else:
                place.write_text(text, encoding="utf-8", newline="\n")
        except files.FileError as error:
            fail(str(error))
        except OSError as error:
            fail(f"{place}: {(error.strerror or str(error)).lower()}")
        if not quiet:
            write(f"Wrote {place}\n")
    if not quiet:
        for decision in decisions:
            note(decision)


def _propose(root: "Path", *, jobs: int | None, progress: bool) -> tuple[str, list[str]]:
    """Return the text of the file, and what was decided, a line each."""
    from wikitools import pipeline
    from wikitools.cli.progress import ProgressBar
    from wikitools.cli.start import or_fail
    from wikitools.config import Settings
    from wikitools.wiki.compare import choose_engine

    with ProgressBar(wanted=progress) as bar:
        wiki, inventory = or_fail(lambda: pipeline.load_wiki(Settings(root=root), jobs=jobs, progress=bar))
    choice = choose_engine(wiki, _marks(root))
    bibliographies = inventory.bibliographies
    text = _text(choice.engine, choice.lines(), bibliographies, _pages(wiki), _templates(wiki))
    named = ", ".join(bibliographies) if bibliographies else "none found"
    return text, [f"pages: {_pages(wiki)}", f"engine: {choice.engine} ({choice.why})", f"bibliographies: {named}"]


_MARKS = (
    ("quartz", ("quartz.config.ts", "../quartz.config.ts")),
    ("dendron", ("dendron.yml", "../dendron.yml")),
    ("logseq", ("logseq/config.edn",)),
    ("foam", (".foam", ".vscode/foam.json", "_layouts/foam.html")),
    ("gollum", (".gollum", "custom.css.gollum")),
    ("obsidian", (".obsidian",)),
)
"""What programs leave in, or just above, the root of their wikis."""


def _marks(root: "Path") -> dict[str, str]:
    """Return the engines that left a mark, each with the mark."""
    found: dict[str, str] = {}
    for engine, names in _MARKS:
        for name in names:
            if (root / name).exists():
                found.setdefault(engine, name)
    return found


def _pages(wiki: "Wiki") -> str:
    """Return where the pages are: "214 in 9 folders, most in notes/"."""
    from collections import Counter

    folders = Counter(path.partition("/")[0] + "/" if "/" in path else "the root" for path in wiki.pages)
    most = ", ".join(f"{count:,} in {name}" for name, count in sorted(folders.items(), key=lambda each: -each[1])[:4])
    return f"{len(wiki.pages):,}" + (f" ({most})" if most else "")


def _templates(wiki: "Wiki") -> tuple[str, ...]:
    """Return folders whose pages look like templates by their names."""
    words = {"template", "templates", "_templates"}
    found = {
        "/".join(parts[: place + 1]) + "/"
        for path in wiki.pages
        for parts in [path.split("/")]
        for place, part in enumerate(parts[:-1])
        if part.lower().strip("_- ") in words or part.lower() in words
    }
    return tuple(sorted(found))


def _text(
    engine: str, figures: tuple[str, ...], bibliographies: tuple[str, ...], pages: str, templates: tuple[str, ...]
) -> str:
    lines = [
        "# Configuration of wikitools; docs/configuration.md explains all keys.",
        f"# Pages: {pages}",
        "",
        "# The program whose rules say where a link leads. Broken links under each:",
        *(f"#   {line}" for line in figures),
        f"engine = {toml(engine)}",
        "",
        "# What citations are looked up in. Without it, the wiki's own files are found.",
    ]
    if bibliographies:
        lines.append(f"bibliography = {toml(bibliographies)}")
    else:
        lines.append('# bibliography = ["references.bib"]')
    lines += [
        "",
        "# Pages that are not part of the wiki, in .gitignore syntax. Links to them are",
        "# not called broken.",
    ]
    # Proposed, not set: whether a template's links should hold is the editor's decision.
    lines.append(f"# exclude = {toml(templates or ('drafts/',))}")
    lines += [
        "",
        "# Rules besides those that are on by default, and rules to leave out; all rules:",
        "# `wikitools explain`.",
        '# extend-select = ["orphan-page", "case-mismatch", "untracked-target"]',
        "# ignore = []",
        "",
        "# [per-file-ignores]",
        '# "archive/**" = ["links"]',
    ]
    return "\n".join(lines) + "\n"


def toml(value: str | tuple[str, ...]) -> str:
    """Return a text, or a list of texts, as TOML has it."""
    import json

    # Texts of JSON are texts of TOML, but for the one control character that JSON leaves bare.
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return f"[{', '.join(map(toml, value))}]"
