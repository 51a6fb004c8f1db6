"""What pages ask of sources: the live check says what a new one says, and a question that is not recorded is noticed.

Each page has one citation, and another page the same words, so that nothing else has a page matched again; each edit
changes one field of one source, so that few questions have another answer.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from checks import told
from hypothesis import given, settings
from hypothesis import strategies as st
from test_live import fresh
from test_live_sources import ALL_BUT_THESE

from wikitools.config import Settings
from wikitools.project import cache as store
from wikitools.project import live_sources
from wikitools.project.live import Live
from wikitools.sources import changes
from wikitools.sources.questions import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.sources.questions import Question
    from wikitools.sources.source import Layer

    Entry = dict[str, str]
    Edit = tuple[int, str, int]


@pytest.fixture(autouse=True)
def old_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Believe the times of files that were written a moment ago."""
    monkeypatch.setattr(store, "_RACY", -(10**18))


FIELDS = {
    "key": ("doe2020", "doe2021", "roe", "salty"),
    "author": (
        "Doe, Jane",
        "Doe, Jo and Roe, Ann",
        "Roe, Ann",
        "boyd, danah",
        "van der Lee, Ko",
        "{Elk Fund}",
        "Dow, J.",
    ),
    "year": ("2020", "2021", "2020a", "in press", "2031"),
    "title": ("On tides and salt", "Tides of salt", "The Salt Atlas", "A handbook of elk", "Elk"),
    "doi": ("10.1000/1", "10.1000/2"),
    "url": ("https://example.org/elk", "https://example.org/salt"),
    "journal": ("Nature Elk", "Quarterly Journal of Elks"),
    "ids": ("salty", "atlas"),
    "shorttitle": ("Networks", "Atlas"),
    "chapter": ("7",),
    "booktitle": ("The Salt Atlas",),
}
LINES = (
    *(
        "Tides (Doe 2020).",
        "Doe (2020a) says.",
        "As Doe et al. (2021).",
        "(Doe & Roe, 2021)",
        "(Roe 2020)",
        "(Roe 1999)",
    ),
    *(
        "See [@doe2020].",
        "See [@doe2022].",
        "[@salty, p. 3]",
        "[it](https://example.org/elk)",
        "[d](https://doi.org/10.1000/1)",
    ),
    *(
        "(boyd 2007)",
        "boyd (2020) says.",
        "(danah boyd, 2020)",
        "(van der Lee in press)",
        "(Lee, forthcoming)",
        "(Doe, 2030)",
    ),
    *("See Salt Atlas Ch. 7.", "(The Salt Atlas, Ch. 7)", "(Atlas)", "(A handbook of elk, n.d.)", "(Nature Elk 2020)"),
    *(
        "(Elk Fund 2020)",
        "(EF 2020)",
        "(Dow 2020)",
        "(Dou 2020)",
        "(Doe and Poe 2020)",
        "(Poe & Roe 2021)",
        "(QJE 2020)",
    ),
    *(
        "A note.[^1]\n\n[^1]: Doe, J. 2020. On tides and salt.",
        "Elk: doi:10.1000/2.",
        "See [[@doe2020]].",
        "[[@doe2022]]",
    ),
    *("*On tides and salt* (Doe 2020)", "(Doe, Tides of salt, 2020)", "Salt and tides. Salt (Doe 2020) of tides."),
    "## Sources cited\n\n<!-- wikitools:sources -->\n- On tides and salt: Doe 2020\n<!-- /wikitools:sources -->",
)
FILLERS = tuple(
    {"key": f"fill{letter}", "author": f"{letter.upper()}zz, I.", "title": f"Filler {letter}", "year": "1990"}
    for letter in "abcdefghijkl"
)
"""With these, the bibliography is sorted by author, and large enough to tell rare words from others."""

Choice = st.fixed_dictionaries({name: st.integers(-1, len(values) - 1) for name, values in FIELDS.items()})
"""Of each field of an entry the number of its value; -1 for none."""
EDITS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(("entry", *FIELDS)), st.integers(-1, 6)), min_size=1, max_size=10
)


class Library:
    """A wiki whose sources somebody edits."""

    def __init__(self, root: Path, lines: list[str], entries: list[dict[str, int]], *, fillers: bool) -> None:
        self.root = root
        self.entries = entries
        self.gone: set[int] = set()
        self.fillers = FILLERS if fillers else FILLERS[:1]
        root.mkdir()
        for number, line in enumerate(lines):
            for name in "pq":
                (root / f"{name}{number}.md").write_text(f"{line}\n")
        self.write()

    def apply(self, edit: Edit) -> str:
        """Do an edit, and return the path of the file (absolute)."""
        number, name, value = edit
        number %= len(self.entries)
        if name == "entry":
            (self.gone.add if value < 2 else self.gone.discard)(number)
        else:
            self.entries[number][name] = min(value, len(FIELDS[name]) - 1)
        return self.write()

    def write(self) -> str:
        chosen = [each for number, each in enumerate(self.entries) if number not in self.gone]
        entries = [{name: FIELDS[name][value] for name, value in each.items() if value >= 0} for each in chosen]
        path = self.root / "refs.bib"
        path.write_text("\n".join(map(bibtex, (*self.fillers, *entries))))
        return str(path)


def bibtex(entry: Entry) -> str:
    fields = ", ".join(f"{name} = {{{value}}}" for name, value in entry.items() if name != "key")
    return f"@{'inbook' if 'chapter' in entry else 'article'}{{{entry.get('key', 'nokey')}, {fields}}}"


def follow(lines: list[str], entries: list[dict[str, int]], edits: list[Edit], *, fillers: bool) -> None:
    """Edit sources one field at a time: after each, the live check says what a new one says, and never begins anew."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "wiki"
        library = Library(root, lines, entries, fillers=fillers)
        asked = Settings(root=root)
        live = Live(asked, ALL_BUT_THESE, asked=lambda _inventory, _others: None, jobs=1)
        last = told(live.start().outcome)
        for edit in edits:
            found = live.update([library.apply(edit)])
            if found is not None:
                assert not found.whole, edit
                last = told(found.checked.outcome)
            assert last == told(fresh(asked, ALL_BUT_THESE)), edit


WIKIS = {
    "lines": st.lists(st.sampled_from(LINES), min_size=1, max_size=5, unique=True),
    "entries": st.lists(Choice, min_size=1, max_size=4),
    "edits": EDITS,
    "fillers": st.booleans(),
}


@settings(max_examples=15)
@given(**WIKIS)
def test_each_field_of_a_source_is_followed(
    lines: list[str], entries: list[dict[str, int]], edits: list[Edit], *, fillers: bool
) -> None:
    follow(lines, entries, edits, fillers=fillers)


@pytest.mark.slow
@settings(max_examples=400)
@given(**WIKIS)
def test_each_field_of_a_source_is_followed_in_many_wikis(
    lines: list[str], entries: list[dict[str, int]], edits: list[Edit], *, fillers: bool
) -> None:
    follow(lines, entries, edits, fillers=fillers)
