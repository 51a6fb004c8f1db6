"""The HTML report: what it holds, that page text stays text, and that it needs nothing from outside."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Call

HOSTILE = "<script>alert(1)</script> \"><img src=x onerror=alert(2)> '&amp; javascript:alert(3)"
ELEMENTS = frozenset(
    "html head meta title style body header h1 h2 p nav ul li a main section div table caption thead tbody tr th td "
    "details summary code script".split()
)
ATTRIBUTES = frozenset("lang charset name content http-equiv aria-label href id role tabindex class scope rel".split())


class Seen(HTMLParser):
    """Elements, attributes, links and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes.update(name for name, _value in attrs)
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "wiki").mkdir()
    monkeypatch.chdir(tmp_path / "wiki")
    files = {
        "a.md": "# A\n\n[[Nowhere]] and [[Nowhere]] (Doe 2019; Nobody 2001).\n",
        "b.md": "# B\n\n[[a]] (Nobody 2001) [[nowhere]]\n",
        "c.md": "---\ntitle: '" + HOSTILE.replace("'", "''") + "'\n---\n\n[[" + HOSTILE + "]] [[b]]\n",
        "r.bib": "@book{doe, author = {Doe, Ann}, title = {Tides}, year = {2019}, url = {javascript:alert(1)}}\n"
        "@book{roe, author = {Roe, Bo}, title = {Moons}, year = {2020}, url = {https://example.org/moons}}\n",
    }
    for name, text in files.items():
        Path(name).write_text(text)
    return Path.cwd()


def written(call: Call, *options: str) -> str:
    code, out, _err = call("report", "-o", "../report.html", *options)
    assert (code, out) == (0, "")
    return Path("../report.html").read_text(encoding="utf-8")


def test_works_wanted_come_first_and_equal_findings_are_one_row(wiki: Path, call: Call) -> None:
    text = written(call)
    titles = re.findall(r"<h2 id=\"([a-z]+)\">", text)
    assert titles[:2] == ["wanted", "links"]
    assert '<tr><td>Nobody 2001</td><td class="number">2</td><td class="number">2</td>' in text
    assert "<details><summary>2 citations on 2 pages</summary><ul><li>a.md:3:40</li><li>b.md:3:8</li></ul>" in text
    assert '<tr><td>no page is named &quot;Nowhere&quot;</td><td>broken-wikilink</td><td class="number">3</td>' in text
    assert "<li>a.md:3:1, 3:17</li>" in text
    assert "<td>roe</td>" in text


def test_page_text_stays_text(wiki: Path, call: Call) -> None:
    seen = Seen(written(call))
    assert seen.elements <= ELEMENTS
    assert seen.attributes <= ATTRIBUTES
    assert all(link.startswith(("#", "https://")) for link in seen.links)
    assert any("<script>alert(1)</script>" in words for words in seen.words)


def test_nothing_is_let_in(wiki: Path, call: Call) -> None:
    text = written(call)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert policy[1].startswith("default-src &#x27;none&#x27;; ")
    for kind in ("style", "script"):
        content = re.search(rf"<{kind}>(.*?)</{kind}>", text, re.DOTALL)
        assert content is not None
        digest = base64.b64encode(hashlib.sha256(content[1].encode()).digest()).decode()
        assert f"{kind}-src &#x27;sha256-{digest}&#x27;" in policy[1]


def test_the_same_wiki_gives_the_same_bytes(wiki: Path, call: Call) -> None:
    assert written(call) == written(call) == written(call, "--no-cache")


def test_what_changed_since_an_earlier_report(wiki: Path, call: Call) -> None:
    call("lint", "-o", "../before.json")
    (wiki / "b.md").write_text("# B\n\n[[a]] (Nobody 2001) [[Elsewhere]]\n")
    text = written(call, "--against", "../before.json")
    assert "<caption>1 finding new, 1 gone</caption>" in text
    row = '<tr><td>broken-wikilink</td><td class="number">1</td><td class="number">1</td><td class="number">2</td>'
    assert f'{row}<td class="where">b.md:3:21</td>' in text


@pytest.mark.usefixtures("wiki")
def test_what_the_baseline_has_is_counted(call: Call) -> None:
    assert "The baseline has" not in written(call)
    call("baseline", "create")
    assert "The baseline has" in written(call)


def test_another_engine_is_named_where_its_links_are_counted_as_dead(wiki: Path, call: Call) -> None:
    (wiki / "a.b.md").write_text("# B\n\n" + "[[B page|a.c]]\n" * 30)
    (wiki / "a.c.md").write_text("# C\n")
    assert "set engine = &quot;dendron&quot; in the configuration.</p>" in written(call)


def test_what_a_look_up_proposes(wiki: Path, call: Call) -> None:
    one = '[[work]]\ntake = false\nidentifier = "doi:10.1000/1"\ncited-as = "Nobody 2001"\ntitle = "<b>Air</b>"\n'
    other = (
        '[[work]]\ntake = false\nidentifier = "arxiv:2001.00001"\ncited-as = "Nobody 2001"\ncertainty = "possible"\n'
    )
    Path("../proposals.toml").write_text(f'{one}certainty = "likely"\n{other}')
    text = written(call, "--proposals", "../proposals.toml")
    assert "<td>doi:10.1000/1 &lt;b&gt;Air&lt;/b&gt; (likely); arxiv:2001.00001 (possible)</td>" in text
    assert "bib add --from" in text
    Path("../proposals.toml").write_text("[[work]]\ntake = 3\n")
    code, _out, err = call("report", "-o", "../report.html", "--proposals", "../proposals.toml")
    assert (code, err.partition(" (")[0]) == (2, "error: --proposals ../proposals.toml: not a file of proposals")


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"diagnostics": [3]}', '{"diagnostics": [{"path": "a", "rule": [], "subject": ""}]}', "[" * 100_000],
)
def test_what_is_no_earlier_report(content: str, wiki: Path, call: Call) -> None:
    Path("../other.json").write_text(content)
    code, _out, err = call("report", "-o", "../report.html", "--against", "../other.json")
    assert (code, err.partition(" (")[0]) == (2, "error: --against ../other.json: not a report of wikitools")


def test_it_is_written_nowhere_else(wiki: Path, call: Call) -> None:
    assert call("report", "-o", "../report.txt")[0] == 2
    assert call("report", "-o", "../no/report.html")[0] == 2
    Path("../target").write_text("mine")
    Path("link.html").symlink_to("../target")
    assert call("report", "-o", "link.html")[0] == 2
    assert Path("../target").read_text() == "mine"


def test_a_wiki_without_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    (tmp_path / "wiki").mkdir()
    monkeypatch.chdir(tmp_path / "wiki")
    text = written(call)
    assert "No problems found." in text
    assert "<table" not in text


AXE = Path(__file__).parent / "validators" / "node_modules" / "axe-core" / "axe.min.js"
DARK, LIGHT = 0, 1


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
@pytest.mark.skipif(not AXE.exists(), reason="needs: npm ci --ignore-scripts --prefix tests/validators")
@pytest.mark.parametrize(("scheme", "width"), [(LIGHT, 1200), (LIGHT, 320), (DARK, 320)])
@pytest.mark.parametrize("problems", [0, 30])
def test_axe_finds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call, *, problems: int, scheme: int, width: int
) -> None:
    (tmp_path / "wiki").mkdir()
    monkeypatch.chdir(tmp_path / "wiki")
    for number in range(6):
        line = f"[[gone{number}]] [x](gone.md) (Nobody {1990 + number}) [[b#no]] ![i](x.png)\n" if problems else ""
        Path(f"p{number}.md").write_text(f"# P{number}\n\n{line}[[p{(number + 1) % 6}]]\n")
    Path("r.bib").write_text("@book{doe, author = {Doe, Ann}, title = {Tides}, year = {2019}}\n")
    text = written(call)
    # axe is not the report's own script.
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    then = """then(found => {
      const faults = found.violations.map(each => [each.id, each.nodes[0].html]);
      const said = document.createElement("pre");
      said.id = "axe";
      said.textContent = JSON.stringify({faults, passed: found.passes.length});
      document.body.append(said);
    })"""
    script = f"<script>{AXE.read_text(encoding='utf-8')}</script><script>axe.run().{then}</script>"
    page = tmp_path / "axe.html"
    page.write_text(text.replace("</body>", f"{script}</body>"), encoding="utf-8")
    options = (f"--blink-settings=preferredColorScheme={scheme}", f"--window-size={width},900")
    headless = ("--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", "--dump-dom")
    done = subprocess.run(
        ["chromium", *headless, *options, page.as_uri()], capture_output=True, text=True, timeout=120, check=True
    )
    said = re.search(r'<pre id="axe">(.*)</pre>', done.stdout)
    assert said is not None
    found = json.loads(unescape(said[1]))
    assert found["faults"] == []
    assert found["passed"] > 30


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_only_tables_are_wider_than_a_small_screen(wiki: Path, call: Call) -> None:
    framed = f'<iframe id="page" width="320" srcdoc="{escape(written(call))}"></iframe>'
    # What a browser calls its window is at least 500 pixels wide.
    script = """<script>onload = () => {
      const root = document.getElementById("page").contentDocument.documentElement;
      document.body.append(`wide: ${root.scrollWidth} of ${root.clientWidth}`);
    };</script>"""
    page = wiki.parent / "frame.html"
    page.write_text(f"<!doctype html><body>{framed}{script}", encoding="utf-8")
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000", "--dump-dom")
    done = subprocess.run(
        ["chromium", *options, page.as_uri()], capture_output=True, text=True, timeout=120, check=True
    )
    said = re.search(r"wide: (\d+) of (\d+)<", done.stdout)
    assert said is not None
    assert said[1] == said[2]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_a_browser_lets_its_own_script_run(wiki: Path, call: Call) -> None:
    written(call)
    address = (Path.cwd().parent / "report.html").as_uri()
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000", "--dump-dom")
    done = subprocess.run(
        ["chromium", *options, f"{address}#filter=Nobody"], capture_output=True, text=True, timeout=120, check=True
    )
    # The search field and the buttons are the script's; it has hidden the rows and sections without the word.
    assert '<form id="filter" role="search">' in done.stdout
    assert "<tr><td>Nobody 2001</td>" in done.stdout
    assert '<tr hidden=""><td>no page is named' in done.stdout
    assert '<section hidden="">\n<h2 id="links">' in done.stdout
    assert '<option value="broken-wikilink">' in done.stdout


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
@pytest.mark.parametrize("scripts", [True, False])
def test_print_shows_all_places_on_few_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call, *, scripts: bool
) -> None:
    (tmp_path / "wiki").mkdir()
    monkeypatch.chdir(tmp_path / "wiki")
    for page in range(20):
        Path(f"page-{page}.md").write_text("# Page\n\n" + "[[one]] [[two]]\n" * 9)
    text = written(call)
    page = tmp_path / "printed.html"
    page.write_text(text if scripts else re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL))
    pdf = tmp_path / "printed.pdf"
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={pdf}")
    subprocess.run(["chromium", *options, page.as_uri()], capture_output=True, timeout=120, check=True)
    # 360 places: folded they would be one page, one line for each they would be five or more, the first nearly empty.
    assert 2 <= len(re.findall(rb"/Type /Page\b", pdf.read_bytes())) <= 4


def test_the_numbers_are_those_of_lint(wiki: Path, call: Call) -> None:
    found = json.loads(call("lint", "--output-format", "json")[1])["summary"]["problems"]
    assert f"<p>Found {found} problems: " in written(call)
