"""`bib verify --fix`: adds what registries know for certain to entries, and proves that nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from wikitools.cli.repair import Repaired
from wikitools.cli.run_rules import end, find
from wikitools.cli.startup import open_wiki
from wikitools.cli.terminal import complain, note, warn
from wikitools.cli.writing import write_diff, write_texts
from wikitools.lint.fix.fixing import without_fixes
from wikitools.lint.usage import identity
from wikitools.project.additions import with_dois
from wikitools.report.summary import count, places
from wikitools.sources.source import Source
from wikitools.text import Safety

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wikitools.lint.facts import Facts
    from wikitools.lint.run import Diagnostic
    from wikitools.lint.usage import Identity
    from wikitools.sources.verdict import Judged


class _Repairs(NamedTuple):
    texts: dict[str, str]
    """The new text of each file that changes."""
    fixed: tuple[Diagnostic, ...]
    refused: dict[str, str]
    """Why files are left as they are."""


def preview(found: Repaired, *, silent: int, exit_zero: bool) -> NoReturn:
    """Print the repairs as a diff, write nothing, and end the run; `silent` sources were not compared."""
    made = _repairs(found)
    write_diff(found.wiki, made.texts)
    if not found.wiki.request.quiet:
        files = places(made.texts)
        note(f"Would fix {count(len(made.fixed), 'problem')} in {files}." if made.texts else "Nothing to fix.")
    end(0 if exit_zero else 1 if made.texts else 2 * bool(silent), found.outcome)


def repair(found: Repaired) -> Repaired:
    """Write the repairs; return what is left to report, with the places that things have now."""
    made = _repairs(found)
    written = write_texts(found.wiki.workspace, made.texts)
    for path in written.changed:
        complain(f"{found.wiki.shown(path)}: changed on disk while wikitools ran; not written, run again")
    lost = {*written.refused, *written.changed}
    fixed = tuple(each for each in made.fixed if each.path not in lost)
    if not fixed:
        outcome = without_fixes(found.outcome, made.refused)
        return replace(found, outcome=outcome, refused=tuple(written.refused), changed=written.changed)
    wiki = open_wiki(replace(found.wiki.request, quiet=True, verbose=False, progress=False))
    wiki = replace(wiki, request=found.wiki.request)
    facts = replace(wiki.workspace.facts, verdicts=_moved(found.facts, wiki.workspace.facts))
    outcome = without_fixes(find(wiki, facts), made.refused)
    return Repaired(wiki, facts, outcome, fixed, tuple(written.refused), written.changed)


def _repairs(found: Repaired) -> _Repairs:
    """Return the files with their safe repairs, each proven; says which could not be."""
    wiki, facts = found.wiki, found.facts
    by_path: dict[str, list[Diagnostic]] = {}
    for each in found.outcome.diagnostics:
        if each.fix is not None and each.fix.safety is Safety.SAFE:
            by_path.setdefault(each.path, []).append(each)
    texts: dict[str, str] = {}
    fixed: list[Diagnostic] = []
    refused: dict[str, str] = {}
    for path, wanted in sorted(by_path.items()):
        text = facts.text_of(path)
        if wiki.data_of(path) != text.encode("utf-8", "replace"):
            refused[path] = "the file is not UTF-8, or changed while it was read"
            warn(f"{wiki.shown(path)}: {refused[path]}; nothing was added")
            continue
        edits = {edit: each for each in wanted if each.fix is not None for edit in each.fix.edits}
        texts[path], kept = with_dois(path, text, tuple(edits), is_page=path in facts.wiki.pages)
        fixed += [edits[edit] for edit in kept]
        for edit in edits.keys() - set(kept):
            warn(f"{wiki.shown(path)}: {edits[edit].subject} was not repaired: it could not be proven harmless")
        if not kept:
            del texts[path]
    return _Repairs(texts, tuple(fixed), refused)


def _moved(before: Facts, after: Facts) -> Mapping[Identity, Judged]:
    """Return the verdicts with the places that their sources have now: entries keep their order in a file."""
    verdicts = before.verdicts or {}
    now = dict(zip(_in_order(before), _in_order(after), strict=True))
    return {now[each]: verdict for each, verdict in verdicts.items()}


def _in_order(facts: Facts) -> list[Identity]:
    return sorted({identity(each) for each in facts.each(Source)})
