"""Unusual forms of bibliographies: a new entry is written as the others are, or refused where the file is damaged."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_records import ARTICLE
from test_writers import bib

from wikitools.markdown.parse import parse
from wikitools.project.additions import Bibliography, with_note, with_work
from wikitools.sources.names import Name
from wikitools.sources.readers.notes import read_note
from wikitools.sources.writers.note import Note
from wikitools.sources.writers.write_error import CannotWriteError

WORK = replace(ARTICLE, names=(Name("LeCun", "Yann"), Name("Bengio", "Yoshua")), issue="", publisher="", pages="436-44")

FORMS = {
    "commas first": (
        "a.bib",
        """
        @article{ doe2001
          , author  = {Doe, Ann}
          , title   = {Kelp}
          , year    = {2001}
          }
        """,
        """
        @article{ lecun2015
          , author  = {LeCun, Yann and Bengio, Yoshua}
          , title   = {Deep learning}
          , journal = {Nature}
          , volume  = {521}
          , pages   = {436--44}
          , year    = {2015}
          , doi     = {10.1038/nature14539}
          }
        """,
    ),
    "one line": (
        "a.bib",
        """
        @article{doe2001, author="Doe, Ann", title="Kelp", year=2001}
        @article{roe2002, author="Roe, Ben", title="Moss", year=2002}
        """,
        """
        @article{lecun2015, author="LeCun, Yann and Bengio, Yoshua", title="Deep learning", journal="Nature", \
volume=521, pages="436--44", year=2015, doi="10.1038/nature14539"}
        """,
    ),
    "a name beyond the column": (
        "a.bib",
        """
        @misc{doe2001,
          author  = {Doe, Ann},
          title   = {Kelp},
          archiveprefix = {arXiv},
          eprint  = {2001.00001},
          year    = {2001}
        }
        """,
        """
        @article{lecun2015,
          author  = {LeCun, Yann and Bengio, Yoshua},
          title   = {Deep learning},
          journal = {Nature},
          volume  = {521},
          pages   = {436--44},
          year    = {2015},
          doi     = {10.1038/nature14539}
        }
        """,
    ),
    "round brackets": (
        "a.bib",
        """
        @Article(doe2001,
          author = {Doe, Ann},
          title = {Kelp},
          year = {2001}
        )
        """,
        """
        @Article(lecun2015,
          author = {LeCun, Yann and Bengio, Yoshua},
          title = {Deep learning},
          journal = {Nature},
          volume = {521},
          pages = {436--44},
          year = {2015},
          doi = {10.1038/nature14539}
        )
        """,
    ),
    "Hayagriva with four columns": (
        "a.hayagriva.yaml",
        """
        doe2001:
            type: article
            title: Kelp
            author: Doe, Ann
            date: 2001-04-01
            parent:
                type: periodical
                title: Kelps
        """,
        """
        lecun2015:
            type: article
            title: Deep learning
            author:
            - "LeCun, Yann"
            - "Bengio, Yoshua"
            date: 2015-05-28
            parent:
                type: periodical
                title: Nature
                volume: 521
            page-range: 436-44
            serial-number:
                doi: 10.1038/nature14539
        """,
    ),
    "Hayagriva on one line": (
        "a.hayagriva.yaml",
        """
        doe2001: {type: article, title: Kelp, author: 'Doe, Ann', date: 2001}
        """,
        """
        lecun2015: {type: article, title: Deep learning, author: ['LeCun, Yann', 'Bengio, Yoshua'], date: 2015, \
parent: {type: periodical, title: Nature, volume: 521}, page-range: 436-44, serial-number: {doi: 10.1038/nature14539}}
        """,
    ),
    "CSL-YAML on one line": (
        "references.yaml",
        """
        references:
        - {id: doe2001, type: book, title: Kelp, author: [{family: Doe, given: Ann}], issued: {date-parts: [[2001]]}}
        """,
        """
        - {id: lecun2015, type: article-journal, title: Deep learning, container-title: Nature, volume: 521, \
page: 436-44, author: [{family: LeCun, given: Yann}, {family: Bengio, given: Yoshua}], issued: {date-parts: [[2015]]}, \
DOI: 10.1038/nature14539}
        """,
    ),
    "CSL-YAML in quotes": (
        "references.yaml",
        """
        references:
          - id: 'doe2001'
            type: 'book'
            title: 'Kelp'
            author:
              - family: 'Doe'
                given: 'Ann'
            issued:
              year: 2001
        """,
        """
          - id: 'lecun2015'
            type: 'article-journal'
            title: 'Deep learning'
            container-title: 'Nature'
            volume: 521
            page: 436-44
            author:
              - family: 'LeCun'
                given: 'Yann'
              - family: 'Bengio'
                given: 'Yoshua'
            issued:
              year: 2015
            DOI: 10.1038/nature14539
        """,
    ),
    "CSL-YAML with four columns": (
        "references.yaml",
        """
        references:
            -   id: doe2001
                type: book
                author:
                -   family: Doe
                    given: Ann
                issued:
                -   year: 2001
        """,
        """
            -   id: lecun2015
                type: article-journal
                title: Deep learning
                container-title: Nature
                volume: 521
                page: 436-44
                author:
                -   family: LeCun
                    given: Yann
                -   family: Bengio
                    given: Yoshua
                issued:
                -   year: 2015
                DOI: 10.1038/nature14539
        """,
    ),
}


@pytest.mark.parametrize("eol", ["\n", "\r"])
@pytest.mark.parametrize("form", FORMS)
def test_an_unusual_form_is_kept(form: str, eol: str) -> None:
    path, before, entry = (each if number == 0 else bib(each) for number, each in enumerate(FORMS[form]))
    new = with_work(Bibliography(path, before.replace("\n", eol)), WORK, ())[0].text
    assert new.startswith(before.replace("\n", eol).rstrip(eol))
    added = new.removeprefix(before.replace("\n", eol).rstrip(eol)).strip(eol).split(eol)
    assert [line.removeprefix(added[0][: -len(added[0].lstrip())] or "") for line in added] == entry.strip("\n").split(
        "\n"
    )


UNCLOSED = {
    "no brace": ("a.bib", "@article{a, title={T}}\n\n@article{b,\n  title = {U},\n  year = 2001\n", "3:1"),
    "no brace of a value": ("a.bib", "@article{a, title={T}}\n@article{b,\n  title = {U\n", "2:1"),
    "no quote": ("a.csv", 'key,author,year,title,doi\na,"A, B",2001,"T,10.5555/a\n', "2:1"),
    "no ER": ("a.ris", "TY  - JOUR\nAU  - A, B\nTI  - T\n", "1:1"),
    "no bracket": ("a.json", '[\n  {"id": "a", "type": "book", "title": "T"}\n', "2:44"),
}


@pytest.mark.parametrize("name", UNCLOSED)
def test_nothing_is_added_behind_what_is_not_closed(name: str) -> None:
    path, text, place = UNCLOSED[name]
    with pytest.raises(CannotWriteError, match=f"{path}:{place}: .*not closed"):
        with_work(Bibliography(path, text), ARTICLE, ())


def test_an_unclosed_entry_elsewhere_hinders_nobody() -> None:
    text = "@article{a,\n  title = {T}\n\n@article{b,\n  title = {U}\n}\n"
    assert with_work(Bibliography("a.bib", text), ARTICLE, ())[0].text.startswith(text)


def test_two_initials_stand_together_where_those_of_others_do() -> None:
    people = "Doe, AB and Roe, C and Poe, DE and Moe, F"
    text = f"@article{{doe2001,\n  author = {{{people}}},\n  title = {{Kelp}},\n  year = 2001\n}}\n"
    work = replace(ARTICLE, names=(Name("LeCun", "Yann A."), Name("Hinton", "Geoffrey")))
    assert "author = {LeCun, YA and Hinton, G}," in with_work(Bibliography("a.bib", text), work, ())[0].text


def test_numbers_are_written_as_latex_too() -> None:
    work = replace(ARTICLE, volume="12 & 13", issue="suppl_1", pages="S1_2–S1_9")
    text = with_work(Bibliography("a.bib", ""), work, ())[0].text
    assert [line for line in text.splitlines() if "\\" in line] == [
        r"  volume = {12 \& 13},",
        r"  number = {suppl\_1},",
        r"  pages = {S1\_2--S1\_9},",
    ]


def _note(path: str, text: str) -> Note:
    return Note(path, text, read_note(parse(path, text))[0][0])


PLAIN_NOTE = "---\ntitle: Kelp\nauthors: [Ann Doe]\nyear: 2001\nurl: https://doi.org/10.5555/kelp\n---\n"


def test_a_doi_is_whole_in_the_address_of_a_note() -> None:
    model = _note("sources/kelp.md", PLAIN_NOTE)
    sici = "10.1002/(sici)1097-0258(19980815)17:15<1661::aid-sim968>3.0.co;2-#"
    note, _key = with_note([model], replace(ARTICLE, doi=sici), (), [model.source])
    assert "17:15%3C1661::aid-sim968%3E3.0.co;2-%23" in note.text
    assert note.source.doi == sici


def test_an_organisation_that_would_be_read_as_several_names_is_refused() -> None:
    work = replace(ARTICLE, names=(Name("Board of Kelp, Moss & Trees", literal=True),))
    model = _note("sources/kelp.md", PLAIN_NOTE)
    with pytest.raises(CannotWriteError, match="read as several names"):
        with_note([model], work, (), [model.source])
    with pytest.raises(CannotWriteError, match="read as several names"):
        with_work(Bibliography("a.csv", "key,author,year,title,doi\na,Doe,2001,T,10.5555/a\n"), work, ())


@pytest.mark.parametrize(
    ("tags", "written"),
    [
        (("[source, kelp]", "[source, moss]", "[moss, source]"), "tags: [source]\n"),
        (("\n  - source\n  - kelp", "\n  - source", "\n  - moss\n  - source"), "tags:\n  - source\n"),
        (('["#source", a]', '["#source", b]', '["#source", c]'), 'tags: ["#source"]\n'),
        (("[kelp]", "[moss]", "[source]"), ""),
        (("kelp", "source", "source"), ""),
    ],
)
def test_a_note_has_the_tags_that_nearly_all_have(tags: tuple[str, ...], written: str) -> None:
    notes = []
    for number, each in enumerate(tags):
        gap = "" if each.startswith("\n") else " "
        text = f"---\ntitle: Work {number}\nauthors: [Ann Doe]\nyear: 2001\ntags:{gap}{each}\n---\n"
        notes.append(_note(f"sources/work-{number}.md", text))
    text = with_note(notes, ARTICLE, (), [note.source for note in notes])[0].text
    assert ("tags:" in text) == bool(written)
    assert written in text
