"""The graph of a wiki: what is a node and an edge, what is near, and that other programs read what is written."""

from __future__ import annotations

import json
import shutil
import subprocess
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call

XMLNS = "{http://graphml.graphdrawing.org/xmlns}"


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    files = {
        "index.md": "# Start\n\n[[tides]], [[tides|again]], [[index]], [[nowhere]], ![](moon.png) <https://example.org>\n",
        "sea/tides.md": '---\ntitle: "Tides \\"and\\" <more>"\n---\n\n[Start](../index.md) (Doe 2019; Doe 2019).\n',
        "alone.md": "# Alone\n",
        "far.md": "[[tides]]\n",
        "moon.png": "",
        "r.bib": "@book{doe, author = {Doe, Ann}, title = {Seas}, year = {2019}}\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def edges(data: str) -> list[tuple[str, str, str, int]]:
    return [(each["start"], each["end"], each["kind"], each["count"]) for each in json.loads(data)["edges"]]


def test_links_between_pages_are_edges_and_nothing_else(wiki: Path, call: Call) -> None:
    code, out, err = call("graph")
    assert (code, err) == (0, "")
    assert edges(out) == [
        ("far.md", "sea/tides.md", "link", 1),
        ("index.md", "sea/tides.md", "link", 2),
        ("sea/tides.md", "index.md", "link", 1),
    ]
    nodes = {each["id"]: each for each in json.loads(out)["nodes"]}
    assert list(nodes) == ["alone.md", "far.md", "index.md", "sea/tides.md"]
    assert nodes["sea/tides.md"] == {
        "id": "sea/tides.md",
        "kind": "page",
        "title": 'Tides "and" <more>',
        "folder": "sea",
        "incoming": 2,
        "outgoing": 1,
        "dead": 0,
    }
    assert nodes["index.md"]["dead"] == 1


def test_sources_are_nodes_when_asked_for(wiki: Path, call: Call) -> None:
    _code, out, _err = call("graph", "--citations")
    assert ("sea/tides.md", "@doe", "citation", 2) in edges(out)


@pytest.mark.parametrize(
    ("options", "near"),
    [
        (("--around", "index"), {"index.md", "sea/tides.md"}),
        (("--around", "index.md", "--depth", "0"), {"index.md"}),
        (("--around", "index.md", "--depth", "2"), {"index.md", "sea/tides.md", "far.md"}),
        (("--citations", "--around", "@doe"), {"@doe", "sea/tides.md"}),
        (("--around", "alone"), {"alone.md"}),
    ],
)
def test_what_is_near(options: tuple[str, ...], near: set[str], wiki: Path, call: Call) -> None:
    nodes = json.loads(call("graph", *options)[1])["nodes"]
    assert {each["id"] for each in nodes} == near


def test_nothing_is_near_what_is_not_there(wiki: Path, call: Call) -> None:
    assert call("graph", "--around", "nowhere")[::2] == (
        2,
        "error: --around nowhere: no such page or source (a source is @KEY, with --citations)\n",
    )


def test_similar_names_are_named(wiki: Path, call: Call) -> None:
    assert call("graph", "--around", "sea/tide")[::2] == (2, "error: --around sea/tide: no such page (near: tides)\n")


def test_lists(wiki: Path, call: Call) -> None:
    assert call("graph", "--orphans")[1] == "0  alone.md  Alone\n0  far.md  far\n"
    assert call("graph", "--hubs")[1] == '2  sea/tides.md  Tides "and" <more>\n1  index.md  Start\n'
    assert call("graph", "--components")[1] == "3  far.md, index.md, sea/tides.md\n1  alone.md\n"
    assert call("graph", "--orphans", "--hubs")[0] == 2


def test_no_option_is_without_effect(wiki: Path, call: Call) -> None:
    assert "--orphans prints a list for people" in call("graph", "--orphans", "--format", "graphml")[2]
    code, out, err = call("graph", "--depth", "3")
    assert (code, out) == (2, "")
    assert "name it with --around" in err


def test_graphml_is_xml_with_the_same_graph(wiki: Path, call: Call) -> None:
    root = ET.fromstring(call("graph", "--citations", "--format", "graphml")[1])
    found = root.findall(f".//{XMLNS}edge")
    assert [(each.get("source"), each.get("target")) for each in found] == [
        ("far.md", "sea/tides.md"),
        ("index.md", "sea/tides.md"),
        ("sea/tides.md", "@doe"),
        ("sea/tides.md", "index.md"),
    ]
    titles = [each.text for each in root.findall(f".//{XMLNS}data[@key='title']")]
    assert 'Tides "and" <more>' in titles
    declared = {each.get("id") for each in root.findall(f"{XMLNS}key")}
    assert {each.get("key") for each in root.findall(f".//{XMLNS}data")} <= declared


def test_dot(wiki: Path, call: Call) -> None:
    out = call("graph", "--format", "dot")[1]
    assert '  "sea/tides.md" [label="Tides \\"and\\" <more>"];\n' in out
    assert '  "index.md" -> "sea/tides.md" [weight=2];\n' in out


@pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz is not installed")
def test_graphviz_reads_it(wiki: Path, call: Call) -> None:
    out = call("graph", "--format", "dot", "--citations")[1]
    subprocess.run(["dot", "-Tplain"], input=out.encode(), check=True, capture_output=True)
