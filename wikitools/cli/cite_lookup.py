"""`wikitools cite --unmatched --lookup`: which works the open citations mean, and the proposals that can be added."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from wikitools import files
from wikitools.cite.beside import Identifiers
from wikitools.cli.network import ask_web, seconds_of
from wikitools.cli.progress import ProgressBar
from wikitools.cli.startup import AskedWiki, or_fail
from wikitools.cli.terminal import fail, note, warn, write
from wikitools.report.screen import visible
from wikitools.report.summary import count
from wikitools.sources.identifiers import url_key
from wikitools.sources.source import Bibliography

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from wikitools.cli.request import Request
    from wikitools.config import Settings
    from wikitools.lint.facts import Facts
    from wikitools.report.wanted import Wanted
    from wikitools.sources.source import Source
    from wikitools.web.asking import Web
    from wikitools.web.unlisted_works import Candidate, Looked, Want

_AROUND = (400, 200)
"""How many characters before and after a citation say what it is about."""
_LONGEST = 300.0
"""The most seconds that a look-up takes, unless the user sets another limit."""


def look_up(
    wiki: AskedWiki, groups: Sequence[Wanted], *, offline: bool, max_time: str | None, proposals: str | None
) -> bool:
    """Show each wanted work with the works that may be meant, and write them to a file of proposals.

    Returns false if a service gave no answer that some of them needed.
    """
    before = () if proposals is None else _proposed(proposals)
    groups, wants, looked = find(wiki, groups, offline=offline, max_time=max_time)
    for group, want in zip(groups, wants, strict=True):
        write(shown(wiki, group, looked.candidates[want]))
    if proposals is not None:
        text = "".join(_proposals(groups, wants, looked, [each for each in before if not _is_there(wiki, each)]))
        or_fail(lambda: files.make_file(os.path.abspath(proposals), [text], root=wiki.settings.root))
    if not wiki.request.quiet:
        _tell(wants, looked, proposals)
    return not looked.failed


def find(
    wiki: AskedWiki, groups: Sequence[Wanted], *, offline: bool, max_time: str | None
) -> tuple[list[Wanted], list[Want], Looked]:
    """Return the groups, the work that each of them needs, and the works that may be meant.

    An identifier next to a citation that certainly belongs to its work is not counted as another work.
    """
    question = question_about(wiki.workspace.facts, groups)
    wants, looked = question.wants, question.ask(wiki.request, wiki.settings, offline=offline, max_time=max_time)
    found = (looked.candidates[want] for want in wants if not want.identifier)
    sure = [candidates[0].record for candidates in found if is_certain(candidates)]
    certain = {subject for record in sure for subject in (f"doi:{record.doi}", f"arxiv:{record.arxiv}")}
    kept = [
        (group, want)
        for group, want in zip(groups, wants, strict=True)
        if not want.identifier or want.identifier not in certain
    ]
    whole = _joined(kept, looked)
    return [group for group, _want in whole], [want for _group, want in whole], looked


def _joined(kept: Sequence[tuple[Wanted, Want]], looked: Looked) -> list[tuple[Wanted, Want]]:
    """Return the wanted works, each once: forms of citation for which one work is certain or likely mean this work.

    The evidence is that for the form in which it is the strongest.
    """
    from wikitools.report.wanted import in_order, joined
    from wikitools.web.unlisted_works import CERTAIN, POSSIBLE

    forms: dict[object, list[tuple[Wanted, Want]]] = {}
    for group, want in kept:
        found = looked.candidates[want]
        is_one = len(found) == 1 and found[0].certainty != POSSIBLE
        forms.setdefault(identifier(found[0]) if is_one else want, []).append((group, want))
    wants = {}
    for each in forms.values():
        best = min(each, key=lambda form: [found.certainty != CERTAIN for found in looked.candidates[form[1]]])
        wants[joined([group for group, _want in each])] = best[1]
    return [(group, wants[group]) for group in in_order(wants)]


@dataclass(frozen=True, slots=True)
class Question:
    """What services are asked about works, and what is needed to choose among their answers."""

    wants: list[Want]
    sources_on: Mapping[str, Sequence[Source]]
    bibliography: Bibliography
    text_of: Callable[[str], str]
    """Returns the text of a page, of which nothing is sent."""

    def ask(self, asked: Request, settings: Settings, *, offline: bool, max_time: str | None) -> Looked:
        """Ask the services."""
        from wikitools.web.unlisted_works import look_up as ask

        seconds = seconds_of(max_time, settings)
        with ProgressBar(wanted=asked.progress) as progress:

            async def question(web: Web) -> Looked:
                web.progress = progress
                web.until(_LONGEST if seconds is None else seconds)
                known = self.bibliography.by_url
                return await ask(web, self.wants, self.sources_on, known=known, text_of=self.text_of)

            return ask_web(asked, settings, question, offline=offline, insist=False)


def question_about(facts: Facts, groups: Sequence[Wanted]) -> Question:
    """Return what to ask about wanted works."""
    pages = sorted({row.path for group in groups for row in group.rows})
    on_pages = {path: Identifiers(facts.wiki.pages[path]) for path in pages}
    return Question(
        [_want(facts, group, on_pages) for group in groups],
        {page: _sources_on(facts, page) for page in pages},
        facts.bibliography,
        facts.text_of,
    )


def question_apart(facts: Facts, groups: Sequence[Wanted]) -> Callable[[Request, Settings], Looked]:
    """Return what asks about wanted works, in another thread and while the facts change."""
    question = question_about(facts, groups)
    texts = {page: facts.text_of(page) for page in question.sources_on}
    apart = replace(question, bibliography=Bibliography(facts.bibliography.sources), text_of=texts.__getitem__)
    return partial(apart.ask, offline=False, max_time=None)


def _want(facts: Facts, group: Wanted, on_pages: Mapping[str, Identifiers]) -> Want:
    from wikitools.web.unlisted_works import Want

    before, after = _AROUND
    around = (facts.text_of(row.path)[max(0, row.start - before) : row.end + after] for row in group.rows[:50])
    row = group.first
    pages = frozenset(each.path for each in group.rows)
    key = url_key(group.address)
    identifier = key if key.startswith(("doi:", "arxiv:", "pmid:")) else ""
    known = facts.bibliography.by_url
    beside = [each for row in group.rows for each in on_pages[row.path].beside(row.start, row.end)]
    if row.names and identifier:
        # The names say whether it belongs to the work.
        beside, identifier = [identifier, *beside], ""
    return Want(
        row.names,
        row.et_al,
        row.year.rstrip("abcdefghijklmnopqrstuvwxyz"),
        pages,
        " ".join(around),
        # What is in the bibliography need not be added.
        tuple(each for each in dict.fromkeys(beside) if not known(each)),
        tuple(dict.fromkeys(each for page in sorted(pages) for each in on_pages[page].all() if not known(each))),
        identifier,
    )


def _sources_on(facts: Facts, page: str) -> tuple[Source, ...]:
    """Return the source that a page itself is, and the sources that it is about or certainly cites."""
    from wikitools.wiki.resolution import Found

    cited = (each.resolution.target for each in facts.cited.get(page, ()) if isinstance(each.resolution, Found))
    own = (*facts.bibliography_of(page).by_note(page), *cited)
    return tuple({(source.span, source.key): source for source in own}.values())


def shown(wiki: AskedWiki, group: Wanted, candidates: Sequence[Candidate], *, numbered: bool = False) -> Iterator[str]:
    """Yield the lines on a wanted work and what may be meant."""
    row = group.first
    often = f"{count(len(group.rows), 'citation')} on {count(group.pages, 'page')}"
    also = f"; also as {visible(', '.join(group.also))}" if group.also else ""
    yield f"{visible(group.label)}: {often}{also}; first at {visible(wiki.shown(row.path))}:{row.line}:{row.column}\n"
    for number, each in enumerate(candidates, 1):
        record = each.record
        families = [name.family for name in record.names or record.editors]
        people = ", ".join(families[:4]) + (" et al." if len(families) > 4 else "")
        is_preprint = not record.doi or record.doi.startswith("10.48550/")
        bare = f"arXiv:{record.arxiv}" if record.arxiv and is_preprint else record.doi or f"PMID {record.pmid}"
        what = visible(f"{people} {record.year}. {record.title}")
        yield f"  {f'{number}  ' * numbered}{each.certainty:<8}  {bare}  {what} ({visible(each.evidence)})\n"


_HEAD = '# Change "take" to true for the works that are meant, then run: wikitools bib add --from FILE\n'


def _proposed(path: str) -> Sequence[Mapping[str, Any]]:
    """Return the works of the file of proposals that is there. Ends the run if another file would be overwritten."""
    import tomllib

    if not path.lower().endswith(".toml"):
        fail(f"-o {path}: the file of proposals is TOML; give it a name that ends in .toml")
    if os.path.basename(path) in files.CONFIG_NAMES:
        # Written where there is none yet, it would be taken for a configuration with mistakes.
        fail(f"-o {path}: this name is for configurations", "choose another name")
    if not os.path.lexists(path):
        return ()
    text = or_fail(lambda: files.read_text(path))
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        fail(f"-o {path}: not overwritten, for the choices in it cannot be read: {error}")
    works = data.get("work", [])
    if set(data) - {"work"} or not (works or text.startswith(_HEAD)) or not are_proposals(works):
        fail(f"-o {path}: not a file of proposals; not overwritten", "choose another name")
    return list(works)


def are_proposals(works: object) -> bool:
    """Say whether this is the list of works of a file of proposals."""
    return isinstance(works, list) and all(
        isinstance(each, dict) and isinstance(each.get("identifier"), str) and isinstance(each.get("take"), bool)
        for each in works
    )


def _is_there(wiki: AskedWiki, proposed: Mapping[str, Any]) -> bool:
    return bool(wiki.workspace.facts.bibliography.by_url(proposed["identifier"]))


def _proposals(
    groups: Sequence[Wanted], wants: Sequence[Want], looked: Looked, before: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """Yield the file of proposals. Only certain works are marked to be added; a person decides about the others.

    What a person chose `before` is kept, also of works that were not found again: a service may be down.
    """
    yield _HEAD
    chosen = {(each["identifier"], each.get("cited-as")): each for each in before}
    for group, want in zip(groups, wants, strict=True):
        for each in looked.candidates[want]:
            record = each.record
            labels = (group.label, *group.also)
            earlier = [
                at["take"] for label in labels if (at := chosen.pop((identifier(each), label), None)) is not None
            ]
            taken = any(earlier) if earlier else is_certain(looked.candidates[want])
            yield f"\n[[work]]\ntake = {str(taken).lower()}\n"
            fields = (
                ("identifier", identifier(each)),
                ("cited-as", group.label),
                ("title", record.title),
                ("certainty", each.certainty),
                ("evidence", each.evidence),
            )
            for name, value in fields:
                yield f"{name} = {_toml(value)}\n"
            yield f"citations = {len(group.rows)}\n"
    for kept in chosen.values():
        if kept["take"]:
            yield "\n[[work]]\ntake = true\n"
            texts = ((name, kept[name]) for name in _TEXTS if isinstance(kept.get(name), str))
            yield from (f"{name} = {_toml(value)}\n" for name, value in texts)


_TEXTS = ("identifier", "cited-as", "title", "certainty", "evidence")


def identifier(candidate: Candidate) -> str:
    """Return the identifier by which `bib add` finds a work."""
    record = candidate.record
    if record.doi or record.arxiv:
        return f"doi:{record.doi}" if record.doi else f"arxiv:{record.arxiv}"
    return f"pmid:{record.pmid}"


def is_certain(candidates: Sequence[Candidate]) -> bool:
    """Say whether the work is certain, so that nobody has to choose."""
    from wikitools.web.unlisted_works import CERTAIN

    return len(candidates) == 1 and candidates[0].certainty == CERTAIN


def _toml(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(char if char >= " " and char != "\x7f" else f"\\u{ord(char):04x}" for char in escaped) + '"'


def _tell(wants: Sequence[Want], looked: Looked, proposals: str | None) -> None:
    from collections import Counter

    from wikitools.web.unlisted_works import CERTAIN, LIKELY, POSSIBLE

    best = Counter(found[0].certainty if (found := looked.candidates[want]) else "" for want in wants)
    certain = f"{best[CERTAIN]} found for certain, " if best[CERTAIN] else ""
    some = len(wants) - best[""]
    open_ends = sum(want in looked.undetermined for want in wants)
    note(
        f"{count(len(wants), 'work')} wanted: {certain}{best[LIKELY]} likely found, {best[POSSIBLE]} possibly, "
        f"{best[''] - open_ends} not{f', {open_ends} undetermined' if open_ends else ''}"
    )
    tell_silence(looked)
    if proposals is not None and some:
        note(f'proposals in {proposals}: change "take" to true, then "wikitools bib add --from {proposals}"')
    elif proposals is not None:
        note(f"no proposals in {proposals}")
    elif some:
        note('add one with "wikitools bib add IDENTIFIER"; -o FILE writes all, for "wikitools bib add --from FILE"')


def tell_silence(looked: Looked) -> None:
    """Report which questions got no answer, and why."""
    for why, number in looked.silent.most_common(5):
        warn(f"{count(number, 'question')} without an answer: {why}")
