"""What pages ask of sources: the live check says what a new one says, and a question that is not recorded is noticed.

In the random wikis each page has one citation, and another page the same words, so that nothing else has a page matched
again; each edit changes one field of one source, so that few questions have another answer. In `WIKIS_BY_QUESTION` just
one question has another answer that matters: without it the live check is wrong.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

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
from wikitools.sources.questions import COUNT, PLACES, SOURCES, TABLES

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
"""With these, the bibliography is sorted by author, and large enough to have rare and frequent words."""

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
    """Edit sources one field at a time: each time the live check reports what a new one does; it never starts over."""
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


RANDOM = {
    "lines": st.lists(st.sampled_from(LINES), min_size=1, max_size=5, unique=True),
    "entries": st.lists(Choice, min_size=1, max_size=4),
    "edits": EDITS,
    "fillers": st.booleans(),
}


@settings(max_examples=5)
@given(**RANDOM)
def test_each_field_of_a_source_is_followed(
    lines: list[str], entries: list[dict[str, int]], edits: list[Edit], *, fillers: bool
) -> None:
    follow(lines, entries, edits, fillers=fillers)


@pytest.mark.slow
@pytest.mark.nightly
@settings(max_examples=200)
@given(**RANDOM)
def test_each_field_of_a_source_is_followed_in_many_wikis(
    lines: list[str], entries: list[dict[str, int]], edits: list[Edit], *, fillers: bool
) -> None:
    follow(lines, entries, edits, fillers=fillers)


# One question each


@dataclass(frozen=True)
class Wiki:
    """A wiki before and after an edit that changes the answer to one question only."""

    page: str
    before: str
    """The bibliography."""
    after: str
    files: dict[str, str] = field(default_factory=dict)
    later: dict[str, str] = field(default_factory=dict)
    """Files with another text after the edit."""


def one(key: str, author: str, year: str, title: str, **fields: str) -> str:
    """Return an entry."""
    return bibtex({"key": key, "author": author, "year": year, "title": title, **fields}) + "\n\n"


def doe(author: str = "Doe, J.", year: str = "2020", title: str = "On tides", **fields: str) -> str:
    return one("doe", author, year, title, **fields)


def second(author: str, year: str = "1999") -> str:
    """Return an entry with this second author."""
    return one("zed", f"Zed, Z. and {author}", year, "Other")


def many(number: int, title: str = "Filler", **fields: str) -> list[str]:
    """Return entries that are sorted by author."""
    return [
        one(f"f{at:03}", f"{chr(65 + at // 26)}{chr(97 + at % 26)}zz, I.", "1990", f"{title} {at}", **fields)
        for at in range(number)
    ]


def note(author: str, title: str) -> str:
    return f"---\ntype: source\nauthors: [{author}]\nyear: 2001\ntitle: {title}\n---\nA work.\n"


def block(line: str) -> str:
    return f"Words.\n\n## Sources cited\n\n<!-- wikitools:sources -->\n{line}\n<!-- /wikitools:sources -->"


NAMESAKES = one("d1", "Doe, Jane", "2020", "On elk and tides") + one("d2", "Doe, Jane", "2020", "Bone chemistry")
SORTED = many(26)
IN_ELK = {"journal": "Nature Elk"}
NAMES = ("Roe", "Poe", "Moe", "Loe", "Koe", "Hoe")
SAME_JOURNAL = (
    "".join(one(f"k{at}", f"{name}, A.", f"200{at}", f"Item {name}", **IN_ELK) for at, name in enumerate(NAMES))
    + one("d1", "Doe, Jane", "2020", "Salt works", **IN_ELK)
    + one("d2", "Doe, Jane", "2020", "Bone chemistry")
)
OF_ELK = "Elk and tides, elk, tides of elk (Doe 2020)."
WIKIS_BY_QUESTION = {
    "_keys": Wiki("See [@doe].", doe(), one("poe", "Doe, J.", "2020", "On tides")),
    "_note_paths": Wiki(
        "See [[Tides]].",
        "",
        "",
        {"Tides.md": "Words.\n", "Elk.md": note("Poe, P.", "Elk")},
        {"Tides.md": note("Roe, R.", "T")},
    ),
    "in_year": Wiki("It is so (Douglass 2020).", doe("Douglas, J.", "2021"), doe("Douglas, J.", "2020")),
    "first_words": Wiki("It is so (Doe 2020).", doe("Zed, Z.", "1990"), doe("Doe, J.", "1990")),
    "number of first_words": Wiki("It is so (Salt Atlas Ch. 7).", doe("Zed, Z."), doe("Salt, Z.")),
    "first_words_and_years": Wiki("It is so (Doe 2020).", doe(), doe("Zed, J.")),
    "address_keys": Wiki(
        "See [it](https://example.org/elk).", doe(url="https://example.org/elk"), doe(url="https://example.org/salt")
    ),
    "_journal_letters": Wiki(
        "(Nat Elk 2020)", doe(year="1999", journal="Nature Elk"), doe(year="1999", journal="Salt")
    ),
    "_last_words": Wiki(
        "See Salt Atlas Ch. 7.", doe(booktitle="Salt Atlas", chapter="7"), doe(booktitle="Elk Handbook", chapter="7")
    ),
    "_ends_of_titles": Wiki("It is so (Handbook Ch. 2).", doe(title="Salt Tides"), doe(title="Salt Handbook")),
    "titles_of": Wiki(
        "It is so (Handbook of Elk 2025).", doe(year="2025", title="Handbook of Elk"), doe(year="2025", title="Salt")
    ),
    "_first_letter": Wiki("See [@dow22].", doe(), one("dow23", "Doe, J.", "2020", "On tides")),
    "_second_authors": Wiki("It is so (Roe 2020).", doe("Doe, J. and Poe, R."), doe("Doe, J. and Roe, R.")),
    SOURCES: Wiki('---\nnocite: "@*"\n---\n' + block(""), doe(), doe() + one("roe", "Roe, J.", "2020", "On salt")),
    COUNT: Wiki(OF_ELK, NAMESAKES + "".join(many(296)), NAMESAKES + "".join(many(300))),
    PLACES: Wiki("It is so (Doe 2021).", doe(), f"% a comment\n\n{doe()}"),
    "notes": Wiki("See [[Tides]].", "", "", {"Tides.md": "Words.\n"}, {"Tides.md": note("Roe, R.", "T")}),
    "small names": Wiki(
        "It is so (Doe & boyd 2020).",
        doe("Doe, J. and Boyd, D.") + second("Boyd, D."),
        doe("Doe, J. and Boyd, D.") + second("boyd, d."),
    ),
    "latest year": Wiki("It is so (Doe, forthcoming).", doe() + second("Roe, R."), doe() + second("Roe, R.", "2041")),
    "reference list": Wiki(
        "It is so (Doe 2020a) and (Doe 2020b).",
        "".join(SORTED) + NAMESAKES,
        "".join((*SORTED[13:], *SORTED[:13])) + NAMESAKES,
    ),
    "words of titles": Wiki(OF_ELK, NAMESAKES + "".join(many(310)), NAMESAKES + "".join(many(310, "Elk tides"))),
    "journals": Wiki(
        f"({'; '.join(f'{name} 200{at}' for at, name in enumerate(NAMES))}).\n\nOn the salt (Doe 2020).",
        SAME_JOURNAL + "".join(many(310)),
        SAME_JOURNAL + "".join(many(310, **IN_ELK)),
    ),
    "particles": Wiki(
        "It is so (Aasen and qua Hock, 2020).",
        doe("Aasen, A. and Hock, Q.") + second("Horst, Q."),
        doe("Aasen, A. and Hock, Q.") + second("qua Horst, Q."),
    ),
    "_title_as_shown": Wiki(
        "Words (Doe 2020)." + block("- On salt — referenced as `Zed 1999`").removeprefix("Words."),
        doe() + one("zed", "Zed, Z.", "1999", "On peat"),
        doe() + one("zed", "Zed, Z.", "1999", "On salt"),
    ),
}


def check(wiki: Wiki) -> tuple[list[str], list[str], list[str]]:
    """Return what is reported before an edit, by the live check after it, and by a new check."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "wiki"
        root.mkdir()
        texts = {"p.md": f"{wiki.page}\n", "refs.bib": _ALWAYS + wiki.before, **wiki.files}
        # Most pages do not matter, so that the check goes on.
        texts |= {f"other{number}.md": "Nothing.\n" for number in range(30)}
        for path, text in texts.items():
            (root / path).write_text(text)
        asked = Settings(root=root)
        live = Live(asked, ALL_BUT_THESE, asked=lambda _inventory, _others: None, jobs=1)
        before = told(live.start().outcome)
        later = wiki.later or {"refs.bib": _ALWAYS + wiki.after}
        for path, text in later.items():
            (root / path).write_text(text)
        found = live.update([str(root / path) for path in later])
        assert found is None or not found.whole
        return before, before if found is None else told(found.checked.outcome), told(fresh(asked, ALL_BUT_THESE))


_ALWAYS = one("zoe", "Zoe, A.", "1970", "Always there")


@pytest.mark.parametrize("question", WIKIS_BY_QUESTION)
def test_an_edit_that_one_question_tells_of_is_followed_only_by_it(
    question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, live, new = check(WIKIS_BY_QUESTION[question])
    assert live == new != before
    monkeypatch.setattr(
        live_sources, "changes", lambda old, now: (each for each in changes.changes(old, now) if each[0] != question)
    )
    _before, live, new = check(WIKIS_BY_QUESTION[question])
    assert live != new


def test_every_table_of_sources_has_such_an_edit() -> None:
    assert TABLES.keys() <= WIKIS_BY_QUESTION.keys()
