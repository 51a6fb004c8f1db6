"""Outputs changed pages: as a diff, or written to their files."""

from __future__ import annotations

import difflib
import os
import shlex
import sys
from typing import TYPE_CHECKING

from wikitools import files
from wikitools.cli.terminal import complain, fail, is_terminal, note, output_style, warn, write_patch
from wikitools.project import write_pages
from wikitools.report.screen import visible
from wikitools.report.summary import count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wikitools.cli.startup import AskedWiki
    from wikitools.project.loading import Workspace
    from wikitools.project.write_pages import Written


def write_texts(workspace: Workspace, texts: Mapping[str, str]) -> Written:
    """Write the new texts (see `project.write_pages`), and print an error for each file that cannot be written.

    Ends the run with exit code 2 if another run keeps the wiki locked.
    """
    return _complaining(len(texts), lambda done: write_pages.write_texts(workspace, texts, done))


def write_and_retry(
    workspace: Workspace,
    texts: Mapping[str, str],
    again: Callable[[Workspace, frozenset[str]], Mapping[str, str]],
) -> tuple[Written, Workspace]:
    """Write the new texts, again for files that changed meanwhile; prints errors like `write_texts`."""
    read_last = workspace

    def work(done: list[str]) -> Written:
        nonlocal read_last
        written, read_last = write_pages.write_and_retry(workspace, texts, again, done)
        return written

    return _complaining(len(texts), work), read_last


def _complaining(total: int, work: Callable[[list[str]], Written]) -> Written:
    done: list[str] = []
    try:
        written = work(done)
    except files.FileError as error:
        fail(str(error))
    except KeyboardInterrupt:
        note(f"{len(done)} of {count(total, 'changed page')} {'was' if len(done) == 1 else 'were'} written")
        raise
    # After a full disk all further files fail in the same way.
    for why in dict.fromkeys(written.refused.values()):
        complain(why)
    return written


def write_diff(
    wiki: AskedWiki,
    texts: Mapping[str, str],
    moves: Mapping[str, str] | None = None,
    *,
    old_texts: Mapping[str, str] | None = None,
    created: Mapping[str, str] | None = None,
) -> None:
    """Print what would change as a patch for `git apply`; `moves` are files that get other paths.

    `old_texts` are those of files that are not part of the wiki, `created` those of new files.
    """
    moved, others = moves or {}, old_texts or {}
    seen: set[str] = set()
    shown = _paths_in_patch(wiki, {*texts, *moved, *moved.values(), *(created or {})})
    for path, text in sorted((created or {}).items()):
        write_patch(_new_file(shown(path), text))
    for path in sorted({*texts, *moved}):
        old = others[path] if path in others else wiki.workspace.text_of(path)
        new = texts.get(path, old)
        if path in moved:
            write_patch(_file(shown(path), shown(moved[path]), old, new))
        elif new != old:
            # A patch changes files, not links to them.
            real = files.behind_links(wiki.settings.root, path, follow_links=wiki.settings.follow_links)
            if real is None:
                warn(f"{path}: a link to a file outside of the repository; not in the patch")
            elif real not in seen:
                seen.add(real)
                write_patch(_file(shown(real), shown(real), old, new))


def _paths_in_patch(wiki: AskedWiki, paths: Iterable[str]) -> Callable[[str], str]:
    """Return the paths of files in a patch: from the repository's folder, as git writes and reads them.

    Outside of a repository they are relative to the current folder or, if some files are above it, to the wiki's
    folder. git skips files above the folder where a patch is applied, so in that case a note says where to apply it.
    """
    root = os.fspath(wiki.settings.root)
    real = (
        files.behind_links(wiki.settings.root, path, follow_links=wiki.settings.follow_links) or path for path in paths
    )
    near = not any(os.path.isabs(name) or name.startswith("../") for name in map(wiki.shown, real))
    root = os.path.realpath(root)
    repository = files.find_repository(root)
    if near and repository is None:
        return wiki.shown
    top = repository or root
    if not near and not wiki.request.quiet:
        note(f"paths in the patch begin at {top}: apply it there (git -C {shlex.quote(top)} apply)")
    return lambda path: os.path.relpath(os.path.join(root, path), top).replace(os.sep, "/")


def _new_file(path: str, text: str) -> Iterator[str]:
    """Yield the lines of a patch that creates a file, with their line ends."""
    style = output_style()
    yield style.paint("bold", f"diff --git {_name(f'a/{path}')} {_name(f'b/{path}')}") + "\n"
    yield "new file mode 100644\n"
    yield style.paint("bold", "--- /dev/null") + "\n"
    yield style.paint("bold", f"+++ {_name(f'b/{path}')}") + ("\t\n" if " " in path else "\n")
    lines = _lines(text)
    yield style.paint("info", f"@@ -0,0 +{_range(0, len(lines))} @@") + "\n"
    yield from (style.paint("good", _line("+", line, screen=is_terminal(sys.stdout))) for line in lines)


def _file(path: str, new_path: str, old: str, new: str) -> Iterator[str]:
    """Yield the lines of a patch that are about one file, with their line ends."""
    style = output_style()
    yield style.paint("bold", f"diff --git {_name(f'a/{path}')} {_name(f'b/{new_path}')}") + "\n"
    if new_path != path:
        if new == old:
            yield style.paint("bold", "similarity index 100%") + "\n"
        for words, name in (("rename from", path), ("rename to", new_path)):
            yield style.paint("bold", f"{words} {_name(name)}") + "\n"
    if new != old:
        yield from _diff(path, old, new, new_path)


def _diff(path: str, old: str, new: str, new_path: str) -> Iterator[str]:
    """Yield the lines of the diff of one page, with their line ends."""
    style = output_style()
    # A patch must contain the exact bytes of the page, but a terminal must not obey them.
    screen = is_terminal(sys.stdout)
    before, after = _lines(old), _lines(new)
    # Most changes are local: equal lines at both ends need not be compared.
    head = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    keep = max(head - 3, 0)
    rest = min(len(before), len(after)) - keep
    tail = next((i for i in range(rest) if before[-1 - i] != after[-1 - i]), rest)
    left = max(tail - 3, 0)
    middle = (before[keep : len(before) - left], after[keep : len(after) - left])
    for sign, name in (("---", f"a/{path}"), ("+++", f"b/{new_path}")):
        # A name with blanks ends at a tab.
        yield style.paint("bold", f"{sign} {_name(name)}") + ("\t\n" if " " in name else "\n")
    for group in difflib.SequenceMatcher(None, *middle, autojunk=False).get_grouped_opcodes(3):
        first, last = group[0], group[-1]
        span = (_range(first[1] + keep, last[2] + keep), _range(first[3] + keep, last[4] + keep))
        yield style.paint("info", f"@@ -{span[0]} +{span[1]} @@") + "\n"
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                yield from (_line(" ", line, screen=screen) for line in before[keep + i1 : keep + i2])
                continue
            for sign, look, lines in (
                ("-", "bad", before[keep + i1 : keep + i2]),
                ("+", "good", after[keep + j1 : keep + j2]),
            ):
                yield from (style.paint(look, _line(sign, line, screen=screen)) for line in lines)


_ESCAPES = {ord(char): f"\\{letter}" for char, letter in zip('\a\b\t\n\v\f\r"\\', 'abtnvfr"\\', strict=True)}
_PLAIN = frozenset(range(0x20, 0x7F)) - _ESCAPES.keys()


def _name(path: str) -> str:
    """Return a path as git writes it in a patch: quoted, with C escapes, if it has special or non-ASCII characters."""
    data = os.fsencode(path)
    if _PLAIN.issuperset(data):
        return path
    return (
        '"' + "".join(_ESCAPES.get(byte) or (chr(byte) if byte in _PLAIN else f"\\{byte:03o}") for byte in data) + '"'
    )


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _range(start: int, end: int) -> str:
    """Return a range of lines as in a hunk header."""
    length = end - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def _line(sign: str, line: str, *, screen: bool) -> str:
    ended = line.endswith("\n")
    body = line[:-1] if ended else line
    shown = visible(body.removesuffix("\r")) if screen else body
    return f"{sign}{shown}\n" if ended else f"{sign}{shown}\n\\ No newline at end of file\n"
