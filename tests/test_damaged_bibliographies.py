"""Bibliographies that a crash, a merge or a slip of the pen damaged: what can be read is, and no page loses by it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from growth import is_linear

from wikitools.sources.readers import read_bibliography
from wikitools.sources.readers.encodings import decode
from wikitools.text import line_and_column, line_starts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Call


def item(key: str, **more: object) -> str:
    author = [{"family": key.title(), "given": "Ada"}]
    issued = {"date-parts": [[2019]]}
    return json.dumps({"id": key, "type": "book", "title": f"On {key}", "author": author, "issued": issued, **more})


def entry(key: str) -> str:
    return (
        f"- id: {key}\n  type: book\n  title: On {key}\n  author:\n  - family: {key.title()}\n"
        "  issued:\n    date-parts:\n    - - 2019\n"
    )


def ris(key: str, style: Callable[[str], str] = str) -> str:
    lines = ("TY  - BOOK", f"ID  - {key}", f"AU  - {key.title()}, Ada", f"TI  - On {key}", "PY  - 2019", "ER  - ")
    return "".join(style(line) + "\n" for line in lines) + "\n"


def bibtex(key: str) -> str:
    return f"@book{{{key},\n  author = {{{key.title()}, Ada}},\n  title = {{On {key}}},\n  year = 2019,\n}}\n"


def cff(*references: str) -> str:
    return "cff-version: 1.2.0\ntitle: Shed\nauthors:\n- family-names: Sow\n" + "".join(references)


def reference(key: str) -> str:
    return f"- type: book\n  title: On {key}\n  year: 2019\n  authors:\n  - family-names: {key.title()}\n"


A, B, C = item("ant"), item("bee"), item("cow")
ROWS = "key,title,author,year\n"
READ_ON = {
    # name: (file, its text, the titles that must be found, where problems are)
    "json-two-lists": ("r.json", f"[{A}]\n[{B}]\n", "ant bee", [(2, 1)]),
    "json-two-objects": ("r.json", f'{{"items": [{A}]}}\n{{"items": [{B}]}}\n', "ant bee", [(2, 1)]),
    "json-lines": ("r.json", f"{A}\n{B}\n{C}\n", "ant bee cow", [(2, 1)]),
    "json-lines-by-name": ("r.jsonl", f"{A}\n{B}\n{C}\n", "ant bee cow", []),
    "json-lines-one-broken": ("r.json", f"{A}\n{B[:-1]}\n{C}\n", "ant bee cow", [(2, 1), (3, 1)]),
    "json-closed-too-early": ("r.json", f"[{A}],\n{B},\n{C}]\n", "ant bee cow", [(1, len(A) + 3)]),
    "json-stray-bracket": ("r.json", f"[{A},\n{B}]\n]\n", "ant bee", [(3, 1)]),
    "json-stray-brace": ("r.json", f"[{A}}},\n{B}]\n", "ant bee", [(1, len(A) + 2)]),
    "json-trailing-comma": ("r.json", f"[{A},\n{B},\n]\n", "ant bee", []),
    "json-two-commas": ("r.json", f"[{A},\n,{B}]\n", "ant bee", [(2, 1)]),
    "json-no-comma": ("r.json", f"[{A}\n{B}]\n", "ant bee", [(2, 1)]),
    "json-comments": ("r.json", f"// mine\n[{A}, /* and\n*/ {B}]\n", "ant bee", [(1, 1)]),
    "json-comment-inside": ("r.json", f'[{{"id": "x", // old\n "title": "On x"}},\n{B}]', "x bee", [(1, 14)]),
    "json-list-in-list": ("r.json", f"[[{A}],\n[{B}]]", "ant bee", [(1, 2), (2, 1)]),
    "json-items-twice": ("r.json", f'{{"items": [{A}],\n"items": [{B}]}}', "ant bee", []),
    "json-other-wrapper": ("r.json", f'{{"name": "mine", "tags": ["x"], "sources": [{A}, {B}]}}', "ant bee", []),
    "json-deep-wrapper": ("r.json", f'{{"message": {{"total": 2, "items": [{A}, {B}]}}}}', "ant bee", []),
    "json-by-key-twice": ("r.json", f'{{"ant": {A}, "bee": {B},\n"bee": {C}}}', "ant bee cow", []),
    "json-by-key-one-broken": ("r.json", f'{{"ant": {A},\n"bee": {B[:-1]},\n"cow": {C}}}', "ant bee cow", [(2, 1), (3, 139)]),  # noqa: E501
    "json-not-closed": ("r.json", f"[{A},\n{B}", "ant bee", [(2, len(B))]),
    "json-item-not-closed": ("r.json", f"[{A[:-1]},\n{B}]", "ant bee", [(2, 1)]),
    "json-author-not-closed": ("r.json", f'[{{"id": "x", "title": "On x", "author": [{{}}, {A},\n{B}]', "x ant bee", None),  # noqa: E501
    "json-field-twice": ("r.json", '[{"id": "x", "title": "y",\n "title": "On x"}]', "x", [(1, 2)]),
    "json-bad-escape": ("r.json", '[{"id": "x", "title": "On \\x"},\n' + B + "]", "\\x bee", [(1, 27)]),
    "json-bare-quotes": ("r.json", '[{\n"id": "x",\n"title": "On "x""\n},\n' + B + "]", '"x" bee', [(3, 15)]),
    "json-single-quotes": ("r.json", "[{'id': 'x', 'title': 'On x'},\n" + B + "]", "x bee", [(1, 3)]),
    "json-script": ("r.json", f"var all = [{A}];\n", "ant", [(1, 1), (1, len(A) + 13)]),
    "json-conflict": ("r.json", f"[{A},\n<<<<<<< a\n{B}\n=======\n{C}\n>>>>>>> b\n]", "ant bee cow", None),
    "json-record-separators": ("r.jsonl", f"\x1e{A}\n\x1e{B}\n", "ant bee", []),
    "json-mixed-line-ends": ("r.json", f"[{A},\r\n{B},\r{C}\n]", "ant bee cow", []),
    "yaml-key-twice": ("r.csl.yaml", f"references:\n{entry('ant')}references:\n{entry('bee')}", "ant bee", [(10, 1)]),
    "yaml-documents": ("r.yaml", f"---\nreferences:\n{entry('ant')}---\nreferences:\n{entry('bee')}", "ant bee", [(11, 1)]),  # noqa: E501
    "yaml-lists": ("r.yaml", f"{entry('ant')}---\n{entry('bee')}...\n", "ant bee", [(9, 1)]),
    "yaml-one-document": ("r.yaml", f"%YAML 1.2\n---\n{entry('ant')}...\n# end\n", "ant", []),
    "yaml-key-twice-and-broken": (
        "r.csl.yaml",
        f"references:\n{entry('ant')}- id: x\n  title: 'On x\nreferences:\n{entry('bee')}",
        "ant bee",
        [(11, 14), (12, 1)],
    ),
    "yaml-colon": ("r.yaml", f"- id: x\n  title: On x: y\n{entry('bee')}", "x: y bee", [(2, 14)]),
    "yaml-tab": ("r.yaml", f"- id: x\n\ttitle: On x\n{entry('bee')}", "x bee", [(2, 1)]),
    "yaml-conflict": (
        "r.yaml",
        f"{entry('ant')}<<<<<<< a\n{entry('bee')}=======\n{entry('cow')}>>>>>>> b\n",
        "ant bee cow",
        None,
    ),
    "yaml-field-twice": ("r.yaml", "- id: x\n  title: y\n  title: On x\n", "x", [(3, 3)]),
    "yaml-items": ("references.yaml", f"items:\n{entry('ant')}", "ant", []),
    "yaml-a-word-among-entries": ("r.yaml", f"references:\n{entry('ant')}- word\n{entry('bee')}", "ant bee", [(10, 3)]),
    "yaml-a-word-by-key": ("r.yaml", "references:\n  x: {title: On x}\n  y: word\n", "x", [(3, 6)]),
    "yaml-a-word-for-a-list": ("r.yaml", f"references: word\nitems:\n{entry('ant')}", "ant", [(1, 13), (2, 1)]),
    "yaml-no-list": ("r.yaml", f"references:\nitems:\n{entry('ant')}", "ant", [(2, 1)]),
    "yaml-is-json": ("references.yaml", f"[{A},\n{B}]", "ant bee", []),
    "hayagriva-documents": ("h.yaml", "a:\n  title: On ant\n---\nb:\n  title: On bee\n", "ant bee", [(3, 1)]),
    "ris-glued": ("r.ris", ris("ant", lambda line: line.replace("- ", "-")) + ris("bee"), "ant bee", [(1, 1)]),
    "ris-no-blanks": ("r.ris", ris("ant", lambda line: line.replace("  - ", "-")), "ant", [(1, 1)]),
    "ris-one-blank": ("r.ris", ris("ant", lambda line: line.replace("  - ", " - ")), "ant", []),
    "ris-small-tags": ("r.ris", ris("ant", lambda line: line[:2].lower() + line[2:]), "ant", [(1, 1)]),
    "ris-dashes": ("r.ris", ris("ant", lambda line: line.replace("-", "–")), "ant", [(1, 1)]),
    "ris-one-glued-line": ("r.ris", ris("ant").replace("TI  - ", "TI  -") + ris("bee"), "ant bee", [(4, 1)]),
    "ris-not-closed": ("r.ris", ris("ant").replace("ER  - \n", "") + ris("bee"), "ant bee", [(1, 1)]),
    "ris-mixed-line-ends": ("r.ris", ris("ant").replace("\n", "\r") + ris("bee").replace("\n", "\r\n"), "ant bee", []),
    "cff-one-broken": ("CITATION.cff", cff("references:\n", reference("ant"), "- title: 'On x\n", reference("bee")), "ant bee", [(11, 14)]),  # noqa: E501
    "cff-root-broken": ("CITATION.cff", cff("doi: 'x\n", "references:\n", reference("ant"), "license: MIT\n"), "ant", [(5, 7)]),  # noqa: E501
    "cff-no-title": ("CITATION.cff", "cff-version: 1.2.0\nreferences:\n" + reference("ant"), "ant", [(1, 1)]),
    "cff-a-word-among-entries": ("CITATION.cff", cff("references:\n", reference("ant"), "- word\n- [x]\n"), "ant", [(11, 3), (12, 3)]),  # noqa: E501
    "cff-a-word-for-a-list": ("CITATION.cff", cff("references: word\n"), "", [(5, 13)]),
    "cff-a-word-as-citation": ("CITATION.cff", cff("preferred-citation: word\n"), "", [(5, 1)]),
    "cff-key-twice": ("CITATION.cff", cff("references:\n", reference("ant"), "references:\n", reference("bee")), "ant bee", [(11, 1)]),  # noqa: E501
    "csv-joined": ("r.csv", f"{ROWS}a,On ant,Ant,2019\n{ROWS}b,On bee,Bee,2019\n", "ant bee", [(3, 1)]),
    "csv-joined-other": ("r.csv", f"{ROWS}a,On ant,Ant,2019\nid,author,year,title\nb,Bee,2019,On bee\n", "ant bee", [(3, 1)]),  # noqa: E501
    "csv-separator-line": ("r.csv", "sep=;\nkey;title;author\na;On ant;Ant\n", "ant", []),
    "csv-quote": ("r.csv", f'{ROWS}a,"On ant,Ant,2019\nb,On bee,Bee,2019\n', "ant bee", [(2, 1)]),
    "bib-joined": ("r.bib", bibtex("ant") + "\ufeff" + bibtex("bee"), "ant bee", []),
    "bib-no-head": ("r.bib", bibtex("ant").partition("\n")[2] + bibtex("bee"), "bee", [(1, 3)]),
    "bib-truncated": ("r.bib", bibtex("ant") + bibtex("bee")[:-4], "ant bee", [(6, 1)]),
    "bib-nuls": ("r.bib", bibtex("ant") + "\0" * 9 + bibtex("bee"), "ant bee", []),
}  # fmt: skip


def titles_and_places(path: str, text: str) -> tuple[list[str], list[tuple[int, int]], list[str]]:
    sources, problems = read_bibliography(path, text)
    starts = line_starts(text)
    places = [line_and_column(starts, each.span.start) for each in problems if each.kind == "malformed-source"]
    return [source.title.removeprefix("On ") for source in sources], places, [each.message for each in problems]


@pytest.mark.parametrize("name", READ_ON)
def test_reads_on_and_says_where(name: str) -> None:
    path, text, titles, places = READ_ON[name]
    found, told, messages = titles_and_places(path, text)
    assert " ".join(title for title in found if title != "Shed") == titles
    if places is not None:
        assert sorted(told) == places, messages
    else:
        assert told


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("r.json", '{"name": "x"}'),
        ("r.json", "<html>no such page</html>"),
        ("r.bib", "Nothing to see here.\n"),
        ("r.bib", f"[{A}]"),
        ("r.csv", "a,b\n1,2\n"),
        ("r.ris", "hello\n"),
        ("r.yaml", "- x\n"),
    ],
)
def test_what_holds_no_source_says_so(path: str, text: str) -> None:
    sources, problems = read_bibliography(path, text)
    assert not sources
    assert problems


@pytest.mark.parametrize(
    ("encoding", "name"),
    [(width + order, width.upper()) for width in ("utf-16", "utf-32") for order in ("", "-le", "-be")],
)
@pytest.mark.parametrize("title", ["On Sheep", "Über Schafe", "羊" * 300])
def test_wide_encodings_with_and_without_a_mark(encoding: str, name: str, title: str) -> None:
    text = f"@book{{k,\n  title = {{{title}}},\n  author = {{Ünal, Öz}},\n  year = 2019,\n}}\n"
    read, problems = decode("r.bib", text.encode(encoding))
    assert read.removeprefix("\ufeff") == text
    assert [each.message for each in problems] == [f"not UTF-8 but {name}; read as such"]


def test_a_stray_byte_spoils_no_other_accent() -> None:
    data = f"{bibtex('ant')}% Ünal\n".encode() + b"% \xe9t\xe9\n" + bibtex("bee").replace("bee", "bée").encode()
    text, problems = decode("r.bib", data)
    assert "Ünal" in text
    assert "été" in text
    assert "bée" in text
    assert [each.message for each in problems] == ["not UTF-8 (byte 0xe9, and 1 more); read as Windows-1252"]


def test_nuls_are_told() -> None:
    text, problems = decode("r.bib", bibtex("ant").encode() + b"\0" * 5000)
    assert problems[0].span.start == len(bibtex("ant"))
    assert "5,000 NUL" in problems[0].message
    assert read_bibliography("r.bib", text)[0]


BROKEN = {
    "lists that do not end": ("r.json", '{"id": "a", "author": [{}, ', "["),
    "objects that do not end": ("r.json", '{"a": {"id": "a", ', ""),
    "members that cannot be read": ("r.json", '"x": 1x, ', "{"),
    "quotes": ("r.json", '["', ""),
    "items without commas": ("r.json", '{"id": "a", "title": "b"}\n', "["),
    "items with bad escapes": ("r.json", '{"id": "a", "title": "\\e"},\n', "["),
    "values": ("r.json", '{"id": "a", "title": "b"}\n', ""),
    "comments": ("r.json", "/* */", "["),
    "documents": ("r.csl.yaml", "---\n- id: a\n  title: b\n", ""),
    "keys": ("r.csl.yaml", "references:\n- id: a\n  title: b\n", ""),
    "colons": ("r.csl.yaml", "- id: a\n  title: a: b\n", ""),
    "references": ("CITATION.cff", "references:\n- title: b\n", "cff-version: 1\ntitle: x\n"),
    "glued tags": ("r.ris", "TY  -BOOK\nTI  -x\nER  -\n", ""),
    "other text": ("r.ris", "x\n\n", ""),
    "headers": ("r.csv", "key,title,author\na,b,c\n", ""),
    "lost fields": ("r.bib", "title = {a}\n}\n", ""),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN)
def test_time_is_in_proportion_to_the_damage(name: str) -> None:
    path, piece, head = BROKEN[name]

    def seconds(times: int) -> float:
        text = head + piece * times
        began = time.process_time()
        read_bibliography(path, text)
        return time.process_time() - began

    assert is_linear(seconds, 250, times=8)


# --- from the file to the page ----------------------------------------------------------------------------------------

PAGE = "See (Ant 2019), (Bee 2019) and (Cow 2019).\n\n<!-- wikitools:sources -->\n<!-- /wikitools:sources -->\n"


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "page.md").write_text(PAGE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


SOUND = {
    "refs.json": f"[{A},\n{B},\n{C}]\n",
    "refs.csl.yaml": "references:\n" + entry("ant") + entry("bee") + entry("cow"),
    "refs.ris": ris("ant") + ris("bee") + ris("cow"),
    "refs.bib": bibtex("ant") + bibtex("bee") + bibtex("cow"),
    "refs.csv": f"{ROWS}a,On ant,Ant,2019\nb,On bee,Bee,2019\nc,On cow,Cow,2019\n",
    "CITATION.cff": cff("references:\n", reference("ant"), reference("bee"), reference("cow")),
    "refs.yaml": "".join(f"{key}:\n  type: book\n  title: On {key}\n  author: {key.title()}, A\n  date: 2019\n" for key in ("ant", "bee", "cow")),  # noqa: E501
}  # fmt: skip
CUTS = ("half", "second half", "a hole")
"""At the end of a line of a table or of YAML, nothing shows whether there was more."""
UNTOLD = {"refs.csv", "CITATION.cff", "refs.yaml", "refs.csl.yaml"}
DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _data: b"",
    "zeros": lambda data: b"\0" * len(data),
    "half": lambda data: data[: len(data) // 2 - 3],
    "second half": lambda data: data[len(data) // 2 - 3 :],
    "a hole": lambda data: data[: len(data) // 3] + data[len(data) // 2 :],
    "zeros within": lambda data: data[: len(data) // 3] + b"\0" * 50 + data[len(data) // 3 + 50 :],
    "twice": lambda data: data + data,
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "UTF-16 without a mark": lambda data: data.decode().encode("utf-16-be"),
    "UTF-32": lambda data: data.decode().encode("utf-32"),
    "half of UTF-16": lambda data: data.decode().encode("utf-16")[: len(data) - 1],
    "a page of HTML": lambda _data: b"<!DOCTYPE html>\n<html><body>502 Bad Gateway</body></html>\n",
    "conflict": lambda data: b"<<<<<<< HEAD\n" + data + b"=======\n" + data + b">>>>>>> other\n",
    "old line ends": lambda data: data.replace(b"\n", b"\r"),
}


@pytest.mark.parametrize("name", SOUND)
def test_no_damage_takes_an_entry_off_a_page(name: str, wiki: Path, call: Call) -> None:
    (wiki / "wikitools.toml").write_text(f'bibliography = ["{name}"]\n')
    (wiki / name).write_text(SOUND[name])
    assert call("backfill", "-q")[0] == 0
    written = (wiki / "page.md").read_bytes()
    assert all(f"On {key}".encode() in written for key in ("ant", "bee", "cow"))
    for damage, spoil in DAMAGES.items():
        if name in UNTOLD and damage in CUTS:
            continue
        (wiki / name).write_bytes(spoil(SOUND[name].encode()))
        code, out, _err = call("backfill", "--check", "--json")
        told = json.loads(out)["pages"][0]
        assert (told["state"], code) in (("unchanged", 0), ("sources-lost", 1)), (damage, told)
        for command in (["backfill", "-q"], ["lint", "--fix", "-q", "--exit-zero"]):
            call(*command)
            assert (wiki / "page.md").read_bytes() == written, (damage, command)


def test_what_damage_took_is_told_everywhere(wiki: Path, call: Call) -> None:
    (wiki / "refs.json").write_text(SOUND["refs.json"])
    assert call("backfill", "-q")[0] == 0
    written = (wiki / "page.md").read_bytes()
    cut = len(A) + len(B) - 20
    (wiki / "refs.json").write_text(SOUND["refs.json"][:cut])
    why = '"On bee" would be lost: refs.json:2:'
    code, out, _err = call("backfill")
    assert (code, "missing from a damaged bibliography" in out, why in out) == (1, True, True)
    code, _out, err = call("backfill", "--diff")
    assert (code, why in err) == (1, True)
    code, out, _err = call("lint", "--fix", "--output-format", "concise")
    assert (code, why in out) == (1, True)
    assert (wiki / "page.md").read_bytes() == written
    assert call("backfill", "--force", "-q")[0] == 0
    assert "On bee" not in (wiki / "page.md").read_text()


def test_an_entry_that_only_lost_a_field_stays_as_listed(wiki: Path, call: Call) -> None:
    sound = bibtex("ant").replace("year", "url = {https://example.org/ant},\n  year") + bibtex("bee") + bibtex("cow")
    (wiki / "refs.bib").write_text(sound)
    assert call("backfill", "-q")[0] == 0
    written = (wiki / "page.md").read_bytes()
    assert b"(https://example.org/ant)" in written
    (wiki / "refs.bib").write_text(sound.replace("url = {https", "{https"))
    assert call("backfill", "-q")[0] == 1
    assert (wiki / "page.md").read_bytes() == written


def test_what_somebody_removed_goes_though_another_entry_is_damaged(wiki: Path, call: Call) -> None:
    (wiki / "refs.bib").write_text(SOUND["refs.bib"] + "@book{old, title = {Old\n")
    assert call("backfill", "-q")[0] == 0
    text = (wiki / "page.md").read_text()
    (wiki / "page.md").write_text(text.replace(", (Bee 2019)", ""))
    assert call("backfill", "-q")[0] == 0
    assert "On bee" not in (wiki / "page.md").read_text()
    # Without damage it goes from the bibliography as well.
    (wiki / "refs.bib").write_text(bibtex("ant"))
    assert call("backfill", "-q")[0] == 0
    assert "On cow" not in (wiki / "page.md").read_text()


@pytest.mark.parametrize("style", ["", 'template = "{authors}. {title}. Cited: {referenced_as}"\n'])
def test_other_templates(style: str, wiki: Path, call: Call) -> None:
    (wiki / "wikitools.toml").write_text(f"[block]\n{style}")
    (wiki / "refs.bib").write_text(SOUND["refs.bib"].replace("On bee", "On the habits of bees"))
    assert call("backfill", "-q")[0] == 0
    (wiki / "refs.bib").write_text((wiki / "refs.bib").read_text()[:-4])
    text = (wiki / "page.md").read_text()
    (wiki / "page.md").write_text(text.replace(", (Bee 2019)", ""))
    assert call("backfill", "-q")[0] == 0
    written = (wiki / "page.md").read_text()
    assert ("habits" in written, "On cow" in written) == (False, True)
    (wiki / "refs.bib").write_text(bibtex("ant") + bibtex("cow")[:20])
    assert call("backfill", "-q")[0] == 1
    assert (wiki / "page.md").read_text() == written


def test_a_missing_bibliography(wiki: Path, call: Call) -> None:
    (wiki / "refs.bib").write_text(SOUND["refs.bib"])
    # No file of that name is taken for a bibliography unless somebody names it.
    dog = "- {id: dog, type: book, title: On dog, author: [{family: Dog}], issued: 2019}\n"
    (wiki / "own.yaml").write_text(f"references:\n{dog}")
    own = (
        "---\nbibliography: own.yaml\n---\nSee (Dog 2019).\n\n<!-- wikitools:sources -->\n<!-- /wikitools:sources -->\n"
    )
    (wiki / "own.md").write_text(own)
    assert call("backfill", "-q")[0] == 0
    before = {path.name: path.read_bytes() for path in wiki.glob("*.md")}
    assert b"On dog" in before["own.md"]
    # One that is found by looking around: the page's own are all that is left.
    (wiki / "refs.bib").unlink()
    assert call("backfill", "-q")[0] == 1
    # One that a page names.
    (wiki / "refs.bib").write_text(SOUND["refs.bib"])
    (wiki / "own.yaml").unlink()
    code, out, _err = call("backfill")
    assert (code, 'the bibliography "own.yaml" cannot be read' in out) == (1, True)
    # One that the configuration names.
    (wiki / "refs.bib").unlink()
    (wiki / "wikitools.toml").write_text('bibliography = ["refs.bib"]\n')
    assert call("backfill")[0] == 2
    assert call("lint", "--fix")[0] == 2
    assert {path.name: path.read_bytes() for path in wiki.glob("*.md")} == before


@pytest.mark.parametrize(
    "front_matter", ["---\ntitle: On: dog\nauthors: [Dog, Ada\nyear: 2019\nurl: https://example.org/dog\n---\n"]
)
def test_a_source_note_whose_front_matter_cannot_be_read(front_matter: str, wiki: Path, call: Call) -> None:
    (wiki / "refs.bib").write_text(SOUND["refs.bib"])
    note = "---\ntitle: On dog\nauthors: [Dog, Ada]\nyear: 2019\nurl: https://example.org/dog\n---\nA dog.\n"
    (wiki / "dog.md").write_text(note)
    (wiki / "other.md").write_text(PAGE.replace("(Ant 2019)", "(Dog 2019)"))
    assert call("backfill", "-q")[0] == 0
    written = (wiki / "other.md").read_bytes()
    assert b"https://example.org/dog" in written
    (wiki / "dog.md").write_text(front_matter + "A dog.\n")
    code, out, _err = call("backfill")
    assert (code, "dog.md:" in out) == (1, True)
    assert call("lint", "--select", "stale-sources")[0] == 1
    assert (wiki / "other.md").read_bytes() == written
    # A note that is no source any more takes its entry along, as before.
    (wiki / "dog.md").write_text("A dog.\n")
    assert call("backfill", "-q")[0] == 0
    assert b"https://example.org/dog" not in (wiki / "other.md").read_bytes()
