"""Writes comments that silence current findings, without changing anything that readers see.

A heading, and the first line of a paragraph, get a comment on a line of its own above; other lines of text and rows of
tables get one at their end. Where neither is possible (front matter, code, a page without text), the comment is for the
whole page.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from wikitools.block.block import generated_ranges
from wikitools.lint.fix.proof import new_among
from wikitools.lint.run import lint
from wikitools.markdown.blocks import read_blocks
from wikitools.markdown.page import Problem
from wikitools.markdown.reads_alike import reads_alike
from wikitools.sources.source import Source
from wikitools.text import Edit, Span, apply, line_and_column, line_starts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from wikitools.lint.facts import Facts
    from wikitools.lint.fix.proof import Key
    from wikitools.lint.policy import Policy
    from wikitools.lint.run import Diagnostic
    from wikitools.markdown.page import Page


class ReasonError(ValueError):
    """A reason cannot be part of a comment; the message says why."""


@dataclass(frozen=True, slots=True)
class Silenced:
    """The result of silencing; nothing is written yet."""

    texts: Mapping[str, str]
    """The new text of each page that changes."""
    findings: tuple[Diagnostic, ...]
    """The findings that are silenced."""
    left: tuple[Diagnostic, ...]
    """The findings that no comment can silence: those in bibliographies, about comments, and on unreadable pages."""


def check_reason(reason: str) -> str:
    """Return the reason in a form that can be part of a comment. Raises `ReasonError`."""
    if "-->" in reason or "--!>" in reason or "<!--" in reason:
        raise ReasonError("the reason must hold no <!-- or -->")
    if any(char < " " for char in reason):
        raise ReasonError("the reason must be one line of text")
    return reason.strip()


def silence(
    facts: Facts,
    policy: Policy,
    diagnostics: Iterable[Diagnostic],
    *,
    reason: str = "",
    rebuild: Callable[[Mapping[str, str]], Facts],
) -> Silenced:
    """Write comments that silence these diagnostics, and prove it.

    The rest of each page is read as before, the diagnostics are silent, and nothing else is found. A page for which
    that cannot be proven is left alone. `rebuild` returns the facts as they would be with new texts for some pages.
    Raises `ReasonError`.
    """
    words = check_reason(reason)
    wanted = tuple(diagnostics)
    unreadable = {each.span.path for each in facts.each(Problem) if each.kind == "unreadable-page"}
    pages = facts.wiki.pages
    able = [each for each in wanted if can_be_silenced(each, facts) and each.path not in unreadable]
    by_page: dict[str, list[Diagnostic]] = {}
    for each in able:
        by_page.setdefault(each.path, []).append(each)
    whole = replace(policy, paths=None)
    before = _keys(facts, whole)
    texts = {path: _commented(pages[path], facts, found, words) for path, found in sorted(by_page.items())}
    heard: dict[str, set[str]] = {path: set() for path in texts}
    for _ in range(_ATTEMPTS):
        diagnostics_now = lint(rebuild(texts), whole).diagnostics if texts else ()
        after = [each.key for each in diagnostics_now] if texts else before
        expected = Counter(before) - Counter(each.key for path in texts for each in by_page[path])
        wrong = new_among(after, expected)
        if not wrong:
            break
        guilty = {path for path, _, _ in wrong} & texts.keys()
        if not guilty:
            # A finding elsewhere that names one of the changed pages.
            named = {place.span.path for each in diagnostics_now if wrong[each.key] for place in each.related}
            guilty = named & texts.keys()
        if not guilty:
            # Other findings elsewhere come from a page with sources that is read differently.
            for path in sorted({each.span.path for each in facts.each(Source)} & texts.keys() or set(texts)):
                del texts[path]
        for path in sorted(guilty):
            # A comment that silences nothing made its finding disappear, as one inside of a list does.
            idle = {subject for where, rule, subject in wrong if where == path and rule == "unused-suppression"}
            still = {each.rule for each in by_page[path] if wrong[each.key] or each.rule in idle}
            # If a comment causes a new finding, the same comment may be harmless at the top of the page.
            heard[path] |= still - heard[path] or {each.rule for each in by_page[path]}
            text = _commented(pages[path], facts, by_page[path], words, whole=heard[path])
            if text != texts[path]:
                texts[path] = text
            else:
                del texts[path]
    else:
        texts = {}
    silent = tuple(each for each in able if each.path in texts)
    kept = set(map(id, silent))
    return Silenced(
        texts=texts,
        findings=silent,
        left=tuple(each for each in wanted if id(each) not in kept),
    )


_ABOUT = "suppressions"
"""The group of rules about comments, which would only silence one another."""
_ATTEMPTS = 5


def can_be_silenced(diagnostic: Diagnostic, facts: Facts) -> bool:
    """Say whether a comment can silence a finding: it is on a page, and not about a comment."""
    return diagnostic.path in facts.wiki.pages and diagnostic.group != _ABOUT


def _keys(facts: Facts, policy: Policy) -> list[Key]:
    return [each.key for each in lint(facts, policy).diagnostics]


# One page


@dataclass(frozen=True, slots=True, order=True)
class _Comment:
    """A comment to insert: its offset, its order among comments there, and the blanks and line ends around it."""

    at: int
    rank: int
    before: str
    text: str
    after: str

    @property
    def inserted(self) -> str:
        return self.before + self.text + self.after


def _commented(page: Page, facts: Facts, found: Sequence[Diagnostic], reason: str, whole: Iterable[str] = ()) -> str:
    return apply(page.text, comment_edits(page, facts, found, reason, whole))


def comment_edits(
    page: Page, facts: Facts, found: Sequence[Diagnostic], reason: str = "", whole: Iterable[str] = ()
) -> list[Edit]:
    """Return the insertions of comments that silence findings on a page; rules in `whole` are silenced for all of it.

    No reader sees them. That nothing else is found then is for the caller to prove.
    """
    starts = line_starts(page.text)
    places = _Places(page, starts, generated_ranges(page, facts.style))
    on_page = set(whole)
    lines: dict[int, set[str]] = {}
    for each in found:
        if each.rule not in on_page:
            lines.setdefault(line_and_column(starts, each.span.start)[0], set()).add(each.rule)
    near: list[tuple[_Comment, set[str]]] = []
    for line, rules in sorted(lines.items()):
        comment = places.comment(line, ", ".join(sorted(rules)), reason)
        if comment is None:
            on_page |= rules
        else:
            near.append((comment, rules))
    if near and not _is_unseen(page, [comment for comment, _ in near]):
        sound = []
        for comment, rules in near:
            if _is_unseen(page, [comment]):
                sound.append((comment, rules))
            else:
                on_page |= rules
        near = sound
    comments = [comment for comment, rules in near if not rules <= on_page]
    if on_page:
        comments.append(places.about_page(", ".join(sorted(on_page)), reason))
    return _edits(page.path, comments)


def _edits(path: str, comments: Iterable[_Comment]) -> list[Edit]:
    """Return the insertions of comments; comments at the same offset become one insertion."""
    places = groupby(sorted(comments), key=lambda comment: comment.at)
    return [Edit(Span(path, at, at), "".join(each.inserted for each in some)) for at, some in places]


def _comment(kind: str, rules: str, reason: str) -> str:
    return f"<!-- wikitools-ignore-{kind} {rules}{f' -- {reason}' if reason else ''} -->"


class _Places:
    """Finds where comments can be on a page."""

    def __init__(self, page: Page, starts: Sequence[int], generated: Iterable[tuple[int, int]]) -> None:
        self.page = page
        self.starts = starts
        self.generated = tuple(generated)
        self.line_end = next((end for end in ("\r\n", "\n", "\r") if end in page.text), "\n")
        self.leaves: dict[int, tuple[str, bool, int, int]] = {}
        for block in read_blocks(page):
            for index, (start, end) in enumerate(block.pieces):
                # Only the last cell of a row: a comment goes there.
                self.leaves[line_and_column(starts, start)[0]] = (block.kind, index == 0, start, end)

    def comment(self, line: int, rules: str, reason: str) -> _Comment | None:
        """Return the comment that silences a line; `None` if any comment would be visible there."""
        text = self.page.text
        start = self.starts[line - 1]
        inside = next(((first, last) for first, last in self.generated if first <= start < last), None)
        if inside is not None and inside[0] != start:
            # Generated text will be generated again, without the comment.
            return None
        kind, first, begin, end = self.leaves.get(line, ("", False, 0, 0))
        above = _Comment(start, 1, "", _comment("next-line", rules, reason), self.line_end)
        if text.startswith("\ufeff") and start == 0:
            above = replace(above, at=1)
        # An element that starts with its line is not in a list, quote or footnote.
        outermost = first and begin == above.at
        match kind:
            case "heading":
                return above if outermost or text.startswith("#", above.at) else None
            case "paragraph" | "definition" | "html" if outermost:
                return above
            case "paragraph" | "html" | "cell" if end > start:
                return _Comment(self._before_tail(start, end), 1, " ", _comment("line", rules, reason), "")
        return None

    def _before_tail(self, start: int, end: int) -> int:
        """Return where the text of a line ends, before a block id or a hard line break, which must stay last."""
        text = self.page.text
        ids = [each.span.start for each in self.page.block_ids if start <= each.span.start < end]
        end = min([end, *ids])
        while end > start and text[end - 1] in " \t":
            end -= 1
        if text[end - 1 : end] == "\\" and text[end : end + 1] in "\r\n":
            end -= 1
        return end

    def about_page(self, rules: str, reason: str) -> _Comment:
        """Return the comment for the whole page, below its front matter."""
        head = self.page.front_matter_span
        at = head.end if head is not None else int(self.page.text.startswith("\ufeff"))
        fence = head is not None and self.page.text[at - 1 : at] not in {"\n", "\r"}
        before = self.line_end if fence else ""
        return _Comment(at, 0, before, _comment("file", rules, reason), self.line_end)


def _is_unseen(page: Page, comments: Sequence[_Comment]) -> bool:
    """Say whether the page with the comments is the same to a reader, and each of them a comment to a renderer."""
    from wikitools.markdown.parse import parse

    edits = _edits(page.path, comments)
    new = parse(page.path, apply(page.text, edits), page.dialect)
    return len(new.comments) == len(page.comments) + len(comments) and reads_alike(page, new, edits)
