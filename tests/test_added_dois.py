"""A missing DOI is added to an entry in its own form, and nothing else in the file reads or looks differently."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wikitools.markdown.parse import parse
from wikitools.project.additions import with_dois
from wikitools.sources.names import Name
from wikitools.sources.readers import read_bibliography
from wikitools.sources.readers.notes import read_note
from wikitools.sources.record import Record
from wikitools.sources.same_version import is_same_version
from wikitools.sources.source import Source
from wikitools.sources.writers import doi_insertion
from wikitools.sources.writers.note import Note
from wikitools.sources.writers.note import doi_insertion as insertion_into_note
from wikitools.sources.writers.write_error import CannotWriteError
from wikitools.text import Edit, Span

DOI = "10.5555/new"


def added(path: str, text: str, key: str = "a") -> str:
    """Return the file with the DOI in the entry `key`."""
    sources, _problems = read_bibliography(path, text)
    source = next((each for each in sources if each.key == key), sources[0])
    edit = doi_insertion(path, text, sources, source, DOI)
    new, kept = with_dois(path, text, [edit], is_page=False)
    assert kept == (edit,)
    assert DOI in {each.doi for each in read_bibliography(path, new)[0]}
    return new


# Each file, its text, and the text that replaces it.
FORMS = {
    "BibTeX": (
        "r.bib",
        "@book{a,\n  title = {A},\n  year = {2001}\n}",
        "  year = {2001}",
        "  year = {2001},\n  doi = {10.5555/new}",
    ),
    "a comma at the end": (
        "r.bib",
        "@book{a,\n\ttitle={A},\n\tyear=2001,\n}",
        "year=2001,",
        "year=2001,\n\tdoi={10.5555/new},",
    ),
    "aligned": (
        "r.bib",
        "@book{a,\n  title     = {A},\n  year      = 2001,\n  publisher = {P}\n}",
        "{P}",
        "{P},\n  doi       = {10.5555/new}",
    ),
    "as others": (
        "r.bib",
        '@book{b,\n  DOI = "https://doi.org/10.5555/b",\n  title = "B",\n}\n@book{a,\n  title = "A",\n}',
        "@book{a,\n",
        '@book{a,\n  DOI = "https://doi.org/10.5555/new",\n',
    ),
    "on one line": ("r.bib", "@book{a, title={A}, year={2001}}", "2001}", "2001}, doi={10.5555/new}"),
    "on one line, ended": ("r.bib", "@book{a, title = {A}, year = {2001},}", "2001},", "2001}, doi = {10.5555/new},"),
    "leading commas": (
        "r.bib",
        "@book{a\n , title = {A}\n , year = {2001}\n}",
        "2001}",
        "2001}\n , doi = {10.5555/new}",
    ),
    "CRLF": (
        "r.bib",
        "@book{a,\r\n  title = {A},\r\n  year = 2001\r\n}\r\n",
        "= 2001",
        "= 2001,\r\n  doi = {10.5555/new}",
    ),
    "round": ("r.bib", "@book(a,\n  title = {A}\n)", "{A}", "{A},\n  doi = {10.5555/new}"),
    "a value of two lines": (
        "r.bib",
        "@book{a,\n  title = {A\n    B},\n  year = 2001\n}",
        "= 2001",
        "= 2001,\n  doi = {10.5555/new}",
    ),
    "two on a line": ("r.bib", "@book{a,\n  title = {A}, year = 2001\n}", "= 2001", "= 2001, doi = {10.5555/new}"),
    "CSL-JSON": (
        "r.json",
        '[\n  {\n    "id": "a",\n    "title": "A",\n    "type": "book"\n  }\n]\n',
        '"book"',
        '"book",\n    "DOI": "10.5555/new"',
    ),
    "CSL-JSON, before an address": (
        "r.json",
        '[{"id":"a","title":"A","URL":"https://a.example"}]',
        '"A",',
        '"A","DOI":"10.5555/new",',
    ),
    "CSL-JSON, one field": ("r.json", '[{"title": "a"}]', '"a"', '"a", "DOI": "10.5555/new"'),
    "CSL-YAML": (
        "r.yaml",
        "references:\n- id: a\n  title: A\n  author:\n  - family: Roe\n  issued: 2001\n- id: b\n  title: B\n",
        "issued: 2001\n",
        "issued: 2001\n  DOI: 10.5555/new\n",
    ),
    "CSL-YAML, as others": (
        "r.yaml",
        "- id: b\n  DOI: 10.5555/b\n  title: B\n  type: book\n- id: a\n  type: book\n  title: A\n",
        "- id: a\n",
        "- id: a\n  DOI: 10.5555/new\n",
    ),
    "Hayagriva": (
        "r.yaml",
        "a:\n    type: article\n    title: A\n    parent:\n        title: J\n\nb:\n    type: book\n    title: B\n",
        "        title: J\n",
        "        title: J\n    serial-number:\n      doi: 10.5555/new\n",
    ),
    "Hayagriva, with a number": (
        "r.yaml",
        "a:\n  type: article\n  title: A\n  serial-number:\n    isbn: '9780306406157'\n  date: 2001\n",
        "  serial-number:\n",
        "  serial-number:\n    doi: 10.5555/new\n",
    ),
    "RIS": (
        "r.ris",
        "TY  - JOUR\r\nID  - a\r\nTI  - A\r\nPY  - 2001\r\nUR  - https://a.example\r\nER  - \r\n",
        "PY  - 2001\r\n",
        "PY  - 2001\r\nDO  - 10.5555/new\r\n",
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_doi_is_added_as_the_entry_is_written(form: str) -> None:
    path, before, old, new = FORMS[form]
    assert before.count(old) == 1
    assert added(path, before) == before.replace(old, new)


REFUSED = {
    "a table": ("r.csv", "key,title,year,author\na,A,2001,Roe\n"),
    "YAML in brackets": ("r.yaml", "- {id: a, title: A, type: book}\n"),
    "a serial number alone": ("r.yaml", "a:\n  type: article\n  title: A\n  serial-number: 12\n"),
}


@pytest.mark.parametrize("form", REFUSED)
def test_what_cannot_be_written_is_refused(form: str) -> None:
    with pytest.raises(CannotWriteError):
        added(*REFUSED[form])


def test_an_edit_that_would_change_more_is_left_out() -> None:
    text = "@book{a,\n  title = {A}\n}\n@book{b,\n  title = {B}\n}\n"
    sources, _problems = read_bibliography("r.bib", text)
    good = doi_insertion("r.bib", text, sources, sources[1], DOI)
    wrong = {
        "another title": Edit(Span("r.bib", 20, 21), f"A}}, doi={{{DOI}}}, title={{C"),
        "a new entry": Edit(Span("r.bib", 0, 0), f"@misc{{x, doi={{{DOI}}}}}\n"),
        "a broken entry": Edit(Span("r.bib", 20, 22), ""),
    }
    for name, edit in wrong.items():
        new, kept = with_dois("r.bib", text, (edit, good), is_page=False)
        assert (new, kept) == (text.replace("{B}", "{B},\n  doi = {10.5555/new}"), (good,)), name


NOTES = {
    "others have it first": (
        "doi: 10.5555/b\ntitle: B\nyear: 2001\nauthors: [Roe]",
        "---\n",
        "---\ndoi: 10.5555/new\n",
    ),
    "an address in quotes": (
        'title: B\nyear: 2001\nDOI: "https://doi.org/10.5555/b"\nauthors: [Roe]',
        "year: 2001\n",
        'year: 2001\nDOI: "https://doi.org/10.5555/new"\n',
    ),
    "no other has it": (
        "title: B\nauthors: [Roe]\nyear: 2001",
        "authors: [Roe]\n",
        "authors: [Roe]\ndoi: 10.5555/new\n",
    ),
}


@pytest.mark.parametrize("form", NOTES)
def test_a_doi_is_added_to_a_note_as_others_have_it(form: str) -> None:
    model, old, new = NOTES[form]
    text = "---\ntitle: A\nyear: 2001\nauthors: [Roe]\n---\nBody: 10.\n"
    source = read_note(parse("a.md", text))[0][0]
    edit = insertion_into_note(Note("a.md", text, source), [f"---\n{model}\n---\n"], DOI)
    made, kept = with_dois("a.md", text, [edit], is_page=True)
    assert kept == (edit,)
    assert made == text.replace(old, new, 1)


FIELDS = st.lists(
    st.sampled_from(
        ["author = {Roe, Ann}", 'journal = "J # K"', "year = 2001", "title = {A {B} c}", "url = {https://a.example/}"]
    ),
    min_size=1,
    max_size=5,
    unique=True,
)


@given(
    entries=st.lists(FIELDS, min_size=1, max_size=4),
    at=st.integers(0, 3),
    between=st.sampled_from([",\n  ", ", ", "\n , ", ",\n\n\t"]),
    end=st.sampled_from(["\n}", "}", ",\n}", " }"]),
)
def test_whatever_an_entry_looks_like_no_other_changes(
    entries: list[list[str]], at: int, between: str, end: str
) -> None:
    text = "\n".join(f"@article{{k{n}{between}{between.join(fields)}{end}" for n, fields in enumerate(entries))
    sources, _problems = read_bibliography("r.bib", text)
    source = sources[at % len(sources)]
    new, kept = with_dois("r.bib", text, [doi_insertion("r.bib", text, sources, source, DOI)], is_page=False)
    assert len(kept) == 1
    assert [each.doi for each in read_bibliography("r.bib", new)[0]] == [
        DOI if each is source else "" for each in sources
    ]


RECORD = Record(
    "crossref",
    kind="article-journal",
    title="Deep Learning",
    names=(Name("LeCun", "Yann"), Name("Müller", "A.")),
    years=("2015", "2014"),
    container="Journal of Machine Learning Research",
    volume="12",
    pages="436-444",
    doi=DOI,
)
ENTRY = Source(
    Span("r.bib", 0, 1),
    "a",
    (Name("LeCun", "Y."), Name("Muller", "Anna")),
    ("2014",),
    title="Deep learning",
    kind="article-journal",
    fields={"journal": "Journal of Machine Learning Research", "volume": "12", "pages": "436--444"},
)
OTHER_VERSIONS = {
    "one author": {"names": ENTRY.names[:1]},
    "another author": {"names": (ENTRY.names[0], Name("Muster", "A."))},
    "another year": {"years": ("2013",)},
    "a subtitle": {"title": "Deep learning: a review"},
    "another journal": {"fields": {"journal": "Nature"}},
    "another volume": {"fields": {**ENTRY.fields, "volume": "13"}},
    "other pages": {"fields": {**ENTRY.fields, "pages": "1--9"}},
    "no journal": {"fields": {}},
    "a preprint": {"fields": {"journal": "arXiv preprint arXiv:1404.7828"}},
}


@pytest.mark.parametrize("other", OTHER_VERSIONS)
def test_another_version_of_a_work_is_not_this_one(other: str) -> None:
    assert is_same_version(ENTRY, RECORD)
    assert is_same_version(replace(ENTRY, fields={"journal": "J. Mach. Learn. Res."}), RECORD)
    assert not is_same_version(replace(ENTRY, **OTHER_VERSIONS[other]), RECORD)
    book = replace(RECORD, kind="book", container="", publisher="MIT Press", isbn=("9780306406157",))
    mine = replace(ENTRY, kind="book", fields={"publisher": "The MIT Press"})
    assert is_same_version(mine, book)
    assert is_same_version(replace(mine, fields={"isbn": "978-0-306-40615-7"}), book)
    assert not is_same_version(replace(mine, fields={"isbn": "978-0-306-40615-8"}), book)
