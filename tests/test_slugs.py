"""Anchors of headings, compared with the programs that make them."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wikitools.markdown.slugs import (
    SLUGGERS,
    github_slug,
    github_slugs,
    gollum_slug,
    gollum_slugs,
    hugo_slug,
    hugo_slugs,
    pandoc_slug,
    pandoc_slugs,
    python_markdown_slug,
    python_markdown_slugs,
)

SLUGS = {
    "github": (
        github_slug,
        {
            "Hello World": "hello-world",
            "A & B": "a--b",
            "1. Intro": "1-intro",
            "Über straße": "über-straße",
            "日本語": "日本語",
            "emoji 😀 here": "emoji--here",
            "Étude — suite": "étude--suite",
            "v1.0.0": "v100",
            "a\u00a0b": "ab",
            "snake_case": "snake_case",
            "  two  blanks": "--two--blanks",
            "don't": "dont",
            "²": "",
            "Ⅳ": "ⅳ",
            "Ⓐ": "ⓐ",
            "ΑΣ": "ας",
            "हिन्दी": "हिन्दी",
            "a\u203fb": "a\u203fb",
            "tab\there": "tabhere",
        },
    ),
    "python-markdown": (
        python_markdown_slug,
        {
            "Hello World": "hello-world",
            "A & B": "a-b",
            "1. Intro": "1-intro",
            "Über straße": "uber-strae",
            "日本語": "",
            "emoji 😀 here": "emoji-here",
            "Étude — suite": "etude-suite",
            "v1.0.0": "v100",
            "snake_case - x": "snake_case-x",
        },
    ),
    "pandoc": (
        pandoc_slug,
        {
            "Hello World": "hello-world",
            "A & B": "a-b",
            "1. Intro": "intro",
            "Über straße": "über-straße",
            "日本語": "日本語",
            "emoji 😀 here": "emoji-here",
            "Étude — suite": "étude-suite",
            "v1.0.0": "v1.0.0",
            "33": "section",
            "ΑΣ": "ασ",
            "a - b": "a---b",
            "wait...": "wait",
        },
    ),
    "hugo": (
        hugo_slug,
        {
            "Hello World": "hello-world",
            "A & B": "a--b",
            "1. Intro": "1-intro",
            "Über straße": "über-straße",
            "日本語": "日本語",
            "emoji 😀 here": "emoji--here",
            "Étude — suite": "étude--suite",
            "v1.0.0": "v100",
            "main.go": "maingo",
            "< a, b, & c >": "-a-b--c-",
        },
    ),
    "gollum": (
        gollum_slug,
        {
            "Hello World": "hello-world",
            "A & B": "a-b",
            "1. Intro": "1-intro",
            "Über straße": "über-straße",
            "Étude — suite": "étude-suite",
            "v1.0.0": "v1-0-0",
        },
    ),
}


@pytest.mark.parametrize(
    ("name", "heading"), [(name, heading) for name, (_slug, table) in SLUGS.items() for heading in table]
)
def test_slug(name: str, heading: str) -> None:
    slug_of, table = SLUGS[name]
    assert slug_of(heading) == table[heading]


NUMBERED = {
    "github": (github_slugs, ["a", "A", "a!", "?", "!"], ("a", "a-1", "a-2", "", "-1")),
    "github: taken before": (github_slugs, ["a-1", "a", "a"], ("a-1", "a", "a-2")),
    "github: taken after": (github_slugs, ["a", "a", "a-1"], ("a", "a-1", "a-1-1")),
    "python-markdown": (python_markdown_slugs, ["a", "A", "a!", "?", "!"], ("a", "a_1", "a_2", "_1", "_2")),
    "python-markdown: taken before": (python_markdown_slugs, ["a-1", "a", "a"], ("a-1", "a", "a_1")),
    "python-markdown: counts on": (python_markdown_slugs, ["a_7", "a_7", "a", "a"], ("a_7", "a_8", "a", "a_1")),
    "pandoc": (pandoc_slugs, ["a", "A", "a!", "?", "!"], ("a", "a-1", "a-2", "section", "section-1")),
    "pandoc: taken before": (pandoc_slugs, ["a-1", "a", "a"], ("a-1", "a", "a-2")),
    "hugo": (hugo_slugs, ["a", "A", "a!", "?", "!"], ("a", "a-1", "a-2", "heading", "heading-1")),
    "hugo: taken before": (hugo_slugs, ["a-1", "a", "a"], ("a-1", "a", "a-2")),
    "hugo: taken after": (hugo_slugs, ["a", "a", "a-1"], ("a", "a-1", "a-1-1")),
    "gollum": (gollum_slugs, ["a", "A", "a!"], ("a", "a-1", "a-2")),
    "gollum: takes no heed": (gollum_slugs, ["a-1", "a", "a"], ("a-1", "a", "a-1")),
}


@pytest.mark.parametrize(("slugger", "headings", "expected"), NUMBERED.values(), ids=NUMBERED)
def test_duplicates(slugger: object, headings: list[str], expected: tuple[str, ...]) -> None:
    assert callable(slugger)
    assert slugger(headings) == expected


@given(st.lists(st.text(alphabet="aA1-_ é😀.", max_size=4), max_size=30), st.sampled_from(sorted(SLUGGERS)))
def test_anchors_are_unique(headings: list[str], name: str) -> None:
    slugs = SLUGGERS[name](headings)
    assert len(slugs) == len(headings)
    if name != "gollum":
        assert len(set(slugs)) == len(slugs)


@pytest.mark.parametrize("name", SLUGGERS)
def test_many_equal_headings_stay_quick(name: str) -> None:
    started = time.process_time()
    SLUGGERS[name](["same"] * 30_000 + ["same 1", "same_1"] * 1_000 + ["x" * 100_000])
    assert time.process_time() - started < 5, "linear: a fraction of a second"


# ---- the real programs -----------------------------------------------------------------------------------------------

WORDS = (
    "Install the API of von Neumann naïve Über straße Étude café ΑΣΤΡΑ привет Мир 日本語 한국어 "
    "हिन्दी עברית العربية İstanbul snake_case kebab-case camelCase v1.0.0 2.5 3rd 1. a.b C++ "
    "C# & @home #tag $x^2 50% (see) [x] {y} it's “quoted” ‘so’ don’t — – - -- ... … · • № ² "
    "½ Ⅳ Ⓐ ﬁ ✓ → ∑ 😀 \U0001f469\u200d\U0001f469\u200d\U0001f467 🇩🇪 e\u0301 a\xa0b x\u200dy = "
    "+ ~ ; : ? ! , / | \" '"
).split(" ")


def headings_of(seed: int, number: int, words: tuple[str, ...]) -> list[str]:
    """Headings of one to five words; every fifth one repeats an earlier one, or that one's next number."""
    chance = random.Random(seed)
    found: list[str] = []
    for count in range(number):
        if count % 5 == 4:
            found.append(chance.choice(found) + chance.choice(("", "", " 1", "_1", "-1")))
        else:
            found.append(" ".join(chance.choice(words) for _ in range(chance.randint(1, 5))))
    return found


PAGES = [headings_of(seed, 60, tuple(WORDS)) for seed in range(6)]
NODE_MODULES = Path(
    os.environ.get("WIKITOOLS_NODE_MODULES") or Path(tempfile.gettempdir(), "wikitools-npm/node_modules")
)


def test_github_slugger() -> None:
    module = NODE_MODULES / "github-slugger" / "index.js"
    node = shutil.which("node")
    if node is None or not module.is_file():
        pytest.skip(f"node or {module} is missing: npm install --prefix {NODE_MODULES.parent} github-slugger")
    script = (
        "const {default: Slugger} = await import(process.argv[1]);"
        "let text = ''; for await (const part of process.stdin) text += part;"
        "const slugs = JSON.parse(text).map(page => { const slugger = new Slugger();"
        " return page.map(heading => slugger.slug(heading)); });"
        "console.log(JSON.stringify(slugs));"
    )
    done = subprocess.run(
        [node, "--input-type=module", "-e", script, module.as_uri()],
        input=json.dumps(PAGES),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        timeout=300,
    )
    for headings, slugs in zip(PAGES, json.loads(done.stdout), strict=True):
        assert github_slugs(headings) == tuple(slugs)


def test_python_markdown_toc() -> None:
    toc = pytest.importorskip("markdown.extensions.toc", reason="markdown is in the dev group")
    for headings in PAGES:
        used: set[str] = set()
        assert python_markdown_slugs(headings) == tuple(
            toc.unique(toc.slugify(heading, "-"), used) for heading in headings
        )


# What Pandoc would read as markup is left out: its own reading of headings is not what is compared.
PLAIN_WORDS = tuple(word for word in WORDS if not re.search(r"[#$^\[\]{}*`<>|~\\@&=\"']", word))
PLAIN_PAGES = [headings_of(seed, 60, PLAIN_WORDS) for seed in range(6)]


def test_pandoc() -> None:
    pypandoc = pytest.importorskip("pypandoc", reason="pypandoc-binary is in the dev group")
    for headings in PLAIN_PAGES:
        text = "".join(f"# {heading}\n\n" for heading in headings)
        html = pypandoc.convert_text(text, "html", "markdown", extra_args=["--wrap=none"])
        assert pandoc_slugs(headings) == tuple(re.findall(r'<h1 id="([^"]*)"', html))
