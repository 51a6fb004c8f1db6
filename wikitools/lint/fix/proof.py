"""The proof before writing: fixes changed only what they say, repaired what they promise and broke nothing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wikitools.text import Edit

Key = tuple[str, str, str]
"""Page, rule and subject of a diagnostic: what stays the same when lines move."""


class FixProofError(Exception):
    """Fixes of some files did not do what they promised: a bug in wikitools. Their new texts must not be written."""

    def __init__(self, message: str, *paths: str) -> None:
        super().__init__(message)
        self.paths = paths
        """The files; empty if they are unknown."""


def check_edits(path: str, old: str, new: str, edits: Sequence[Edit]) -> None:
    """Raise `FixProofError` unless `new` is `old` with exactly these edits, every other character being the same.

    Compares both texts step by step, without the code that made the edits.
    """
    here, there = 0, 0
    for edit in sorted(edits, key=lambda edit: edit.span):
        span = edit.span
        if span.path != path or not here <= span.start <= span.end <= len(old):
            raise FixProofError(f"{path}: an edit of {span.start} to {span.end} does not fit the file", path)
        kept = span.start - here
        if not new.startswith(edit.text, there + kept) or old[here : span.start] != new[there : there + kept]:
            raise FixProofError(f"{path}: the text around {span.start} is not what it was", path)
        here, there = span.end, there + kept + len(edit.text)
    if old[here:] != new[there:]:
        raise FixProofError(f"{path}: the text after {here} is not what it was", path)
    try:
        new.encode("utf-8")
    except UnicodeEncodeError as error:
        raise FixProofError(f"{path}: the new text cannot be written as UTF-8 ({error.reason})", path) from error


def new_among(after: Iterable[Key], before: Iterable[Key]) -> Counter[Key]:
    """Return the keys of which there are more after the fixes than before, with the difference."""
    return Counter(after) - Counter(before)


def check_cured(fixed: Iterable[Key], after: Iterable[Key], before: Iterable[Key]) -> None:
    """Raise `FixProofError` if something that was fixed is still there."""
    cures, had = Counter(fixed), Counter(before)
    stuck: dict[str, str] = {}
    for key, count in sorted(Counter(after).items()):
        # Findings that appeared in between, and were fixed in a later round, did not exist before.
        if cures[key] and count > max(0, had[key] - cures[key]):
            path, rule, subject = key
            stuck.setdefault(path, f"{path}: {rule} was fixed and is still there{f' ({subject})' if subject else ''}")
    if stuck:
        raise FixProofError("; ".join(stuck.values()), *stuck)
