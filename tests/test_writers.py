"""Works written into bibliographies of all formats, as the file writes its others."""

from __future__ import annotations

import textwrap

import pytest
from small_records import ARTICLE

from wikitools.project.additions import Bibliography, with_work
from wikitools.sources.names import Name
from wikitools.sources.record import Record
from wikitools.sources.writers.write_error import CannotWriteError

PREPRINT = Record(
    service="arxiv",
    kind="article",
    title="Sleeper agents and LLMs: Bayes & Gödel",
    names=(Name("van der Waals", "Jan"), Name("Müller", "Änne-Marie")),
    date=(2024, 1, 10),
    years=("2024",),
    doi="10.48550/arxiv.2401.05566",
    arxiv="2401.05566",
    arxiv_class="cs.CR",
)
BOOK = Record(
    service="openlibrary",
    kind="book",
    title="The Art of War",
    names=(Name("Sun", "Tzu"), Name("RAND Corporation", literal=True)),
    date=(2007,),
    years=("2007",),
    publisher="Press & Sons",
    isbn=("9780306406157",),
)


def bib(text: str) -> str:
    return textwrap.dedent(text).lstrip("\n")


# A bibliography, the work that is added, and the new entry that is expected.
HANDS = {
    "google scholar": (
        """
        @article{vaswani2017attention,
          title={Attention is all you need},
          author={Vaswani, Ashish and Shazeer, Noam},
          journal={Advances in neural information processing systems},
          volume={30},
          year={2017}
        }
        @article{hochreiter1997long,
          title={Long short-term memory},
          author={Hochreiter, Sepp and Schmidhuber, J{\\"u}rgen},
          journal={Neural computation},
          volume={9},
          number={8},
          pages={1735--1780},
          year={1997},
          publisher={MIT press}
        }
        """,
        ARTICLE,
        """
        @article{lecun2015deep,
          title={Deep learning},
          author={LeCun, Yann and Bengio, Yoshua and Hinton, Geoffrey},
          journal={Nature},
          volume={521},
          number={7553},
          pages={436--444},
          year={2015},
          publisher={Springer},
          doi={10.1038/nature14539}
        }
        """,
    ),
    "zotero": (
        """
        @misc{olahZoomIntroductionCircuits2020,
        \ttitle = {Zoom {In}: {An} {Introduction} to {Circuits}},
        \turl = {http://arxiv.org/abs/2001.00001},
        \tdoi = {10.48550/arXiv.2001.00001},
        \tpublisher = {arXiv},
        \tauthor = {Olah, Chris},
        \tmonth = mar,
        \tyear = {2020},
        \teprint = {2001.00001},
        \tarchiveprefix = {arXiv},
        }

        @misc{nandaProgressMeasuresGrokking2023,
        \ttitle = {Progress measures for grokking},
        \turl = {http://arxiv.org/abs/2301.05217},
        \tauthor = {Nanda, Neel and Lindström, Åsa},
        \tmonth = jan,
        \tyear = {2023},
        \teprint = {2301.05217},
        \tarchiveprefix = {arXiv},
        }
        """,
        PREPRINT,
        """
        @misc{vanderwaalsSleeperAgentsLLMs2024,
        \ttitle = {Sleeper agents and {LLMs}: Bayes \\& Gödel},
        \turl = {https://arxiv.org/abs/2401.05566},
        \tauthor = {van der Waals, Jan and Müller, Änne-Marie},
        \tmonth = jan,
        \tyear = {2024},
        \teprint = {2401.05566},
        \tarchiveprefix = {arXiv},
        }
        """,
    ),
    "biblatex": (
        """
        @Article{Einstein:1935,
            author       = "Einstein, A. and Podolsky, B. and Rosen, N.",
            title        = "{Can Quantum-Mechanical Description Be Complete?}",
            journaltitle = "Phys. Rev.",
            date         = "1935-05-15",
            volume       = 47,
            pages        = "777--780",
            doi          = "10.1103/PhysRev.47.777",
        }


        @Article{Bell:1964,
            author       = "Bell, J. S.",
            title        = "{On the Paradox}",
            journaltitle = "Physics",
            date         = "1964-11-01",
            volume       = 1,
            pages        = "195--200",
            doi          = "10.1103/PhysicsPhysiqueFizika.1.195",
        }
        """,
        ARTICLE,
        """

        @Article{LeCun:2015,
            author       = "LeCun, Y. and Bengio, Y. and Hinton, G.",
            title        = "{Deep learning}",
            journaltitle = "Nature",
            date         = "2015-05-28",
            volume       = 521,
            number       = 7553,
            pages        = "436--444",
            doi          = "10.1038/nature14539",
        }
        """,
    ),
    "ascii and given names first": (
        """
        @book{SICP,
          author = {Harold Abelson and Gerald Jay Sussman},
          title = {Structure and Interpretation},
          publisher = {MIT Press},
          year = 1985
        }

        @misc{Goedel31,
          author = {Kurt G{\\"o}del},
          title = {{\\"U}ber formal unentscheidbare S{\\"a}tze},
          year = 1931
        }
        """,
        PREPRINT,
        """
        @misc{vanderwaals2024sleeper,
          author = {Jan van der Waals and {\\"A}nne-Marie M{\\"u}ller},
          title = {Sleeper agents and {LLMs}: Bayes \\& G{\\"o}del},
          year = 2024,
          eprint = {2401.05566},
          archiveprefix = {arXiv},
          primaryclass = {cs.CR}
        }
        """,
    ),
    "arXiv as a journal": (
        """
        @article{brown2020language,
          title={Language models},
          author={Brown, Tom and others},
          journal={arXiv preprint arXiv:2005.14165},
          year={2020}
        }
        """,
        PREPRINT,
        """
        @article{van2024sleeper,
          title={Sleeper agents and LLMs: Bayes \\& G{\\"o}del},
          author={van der Waals, Jan and M{\\"u}ller, {\\"A}nne-Marie},
          journal={arXiv preprint arXiv:2401.05566},
          year={2024}
        }
        """,
    ),
    "a book, in order of keys, its comment kept": (
        """
        % Mine.
        @book{bacon1620,
          author    = {Bacon, Francis},
          title     = {Novum Organum},
          publisher = {Bill},
          year      = {1620}
        } % first
        % The second.
        @book{descartes1637,
          author    = {Descartes, René},
          title     = {Discours},
          publisher = {Maire},
          year      = {1637}
        }
        @book{hume1739,
          author    = {Hume, David},
          title     = {Treatise},
          publisher = {Noon},
          year      = {1739}
        }
        @book{zeno1999,
          author    = {Zeno},
          title     = {Ways},
          publisher = {Stoa},
          year      = {1999}
        }
        @comment{jabref-meta: x;}
        """,
        BOOK,
        """
        @book{sun2007,
          author    = {Sun, Tzu and {RAND Corporation}},
          title     = {The Art of War},
          publisher = {Press \\& Sons},
          year      = {2007},
          isbn      = {9780306406157}
        }
        """,
    ),
}


OTHER_FORMS = {
    "references.yaml": (
        """
        ---
        references:
        - id: doe2019
          type: book
          title: A
          author:
          - family: Doe
            given: Jane
          issued: 2019
        - id: roe2020
          type: book
          title: "B: c"
          author:
          - family: Roe
            given: Jan
          issued: 2020
        ...
        """,
        """
        - id: lecun2015
          type: article-journal
          title: Deep learning
          container-title: Nature
          publisher: Springer
          volume: 521
          issue: 7553
          page: 436-444
          author:
          - family: LeCun
            given: Yann
          - family: Bengio
            given: Yoshua
          - family: Hinton
            given: Geoffrey
          issued: 2015
          DOI: 10.1038/nature14539
        """,
    ),
    "hayagriva.yml": (
        """
        doe2019:
          type: book
          title: "A"
          author: ["Doe, Jane"]
          date: 2019

        roe2020:
          type: book
          title: "B: c"
          author: ["Roe, Jan"]
          date: 2020-01-02
        """,
        """
        lecun2015:
          type: article
          title: "Deep learning"
          author: ["LeCun, Yann", "Bengio, Yoshua", "Hinton, Geoffrey"]
          date: 2015-05-28
          parent:
            type: periodical
            title: "Nature"
            volume: 521
            issue: 7553
          page-range: 436-444
          serial-number:
            doi: 10.1038/nature14539
        """,
    ),
    "sources.csv": (
        """
        Title,Author(s),Year,URL,Key,Type,Notes
        "Land, Rent and Reason","Doe, Jane; Roe, Rex",1998,https://example.org/land,doe1998,Article,mine
        A Report,Institute for Slow Policy,2003,,institute2003,Report,
        """,
        """
        Deep learning,"LeCun, Yann; Bengio, Yoshua; Hinton, Geoffrey",2015,https://doi.org/10.1038/nature14539,lecun2015,Article,
        """,
    ),
    "sources.tsv": (
        """
        key\tauthors\tyear\ttitle\tdoi
        doe1998land\tJane Doe and Rex Roe\t1998\tLand\t10.1000/1
        """,
        """
        lecun2015deep\tYann LeCun and Yoshua Bengio and Geoffrey Hinton\t2015\tDeep learning\t10.1038/nature14539
        """,
    ),
    "zotero.csv": (
        """
        "Key","Item Type","Year","Author","Title","Publication Title","DOI","Date","Pages","Issue","Vol."
        "doe1998","journalArticle","1998","Doe, Jane; Roe, Rex","Land","Lands","10.5555/1","1998-03","1–9","2","3"
        """,
        """
        "lecun2015","journalArticle","2015","LeCun, Yann; Bengio, Yoshua; Hinton, Geoffrey","Deep learning","Nature",\
"10.1038/nature14539","2015-05","436–444","7553","521"
        """,
    ),
    "library.json": (
        """
        [
          {"id": "doe2019", "type": "book", "title": "A", "author": [{"family": "Doe", "given": "Jane"}]},
          {"id": "roe2020", "type": "book", "title": "B", "issued": {"date-parts": [["2020"]]}}
        ]
        """,
        """
          {"id": "lecun2015deep", "type": "article-journal", "title": "Deep learning", "container-title": "Nature", \
"publisher": "Springer", "volume": "521", "issue": "7553", "page": "436-444", "author": [{"family": "LeCun", \
"given": "Yann"}, {"family": "Bengio", "given": "Yoshua"}, {"family": "Hinton", "given": "Geoffrey"}], \
"issued": {"date-parts": [["2015"]]}, "DOI": "10.1038/nature14539"}
        """,
    ),
    "library.ris": (
        """
        TY  - JOUR
        AU  - Doe, Jane
        T1  - A
        Y1  - 2019
        ER  -

        TY  - JOUR
        AU  - Roe, Jan
        T1  - B
        Y1  - 2020
        ER  -
        """,
        """
        TY  - JOUR
        AU  - LeCun, Yann
        AU  - Bengio, Yoshua
        AU  - Hinton, Geoffrey
        T1  - Deep learning
        JO  - Nature
        VL  - 521
        IS  - 7553
        SP  - 436
        EP  - 444
        PB  - Springer
        Y1  - 2015
        DO  - 10.1038/nature14539
        ER  -
        """,
    ),
}


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
@pytest.mark.parametrize("path", OTHER_FORMS)
def test_each_format_is_written_as_it_is_there(path: str, eol: str) -> None:
    text, expected = map(bib, OTHER_FORMS[path])
    before = text.replace("\n", eol)
    new, _key = with_work(Bibliography(path, before), ARTICLE, ())
    assert new.text.count("\n") == new.text.count(eol)
    after = new.text.replace("\r\n", "\n")
    assert expected.strip("\n") in after
    rest = after.replace(expected.strip("\n"), "", 1)
    assert [line.rstrip(",") for line in rest.splitlines() if line.strip()] == [
        line.rstrip(",") for line in text.splitlines() if line.strip()
    ]


def test_a_table_without_a_column_for_the_identifier_is_refused() -> None:
    with pytest.raises(CannotWriteError, match="no column for its arXiv id"):
        with_work(Bibliography("a.tsv", "key\tauthors\tyear\ttitle\tdoi\n"), PREPRINT, ())
    with pytest.raises(CannotWriteError, match="brackets"):
        with_work(Bibliography("references.yaml", "[{id: a, title: b}]\n"), ARTICLE, ())


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
@pytest.mark.parametrize("name", HANDS)
def test_an_entry_is_written_as_the_others_are(name: str, eol: str) -> None:
    text, record, expected = (bib(each) if isinstance(each, str) else each for each in HANDS[name])
    assert isinstance(text, str)
    assert isinstance(record, Record)
    before = text.replace("\n", eol)
    new, _key = with_work(Bibliography("a.bib", before), record, ())
    assert ("\r" in new.text) == (eol == "\r\n")
    assert new.text.count("\n") == new.text.count(eol)
    after = new.text.replace("\r\n", "\n")
    assert str(expected).strip("\n") in after
    # Nothing else changed, down to the last byte.
    at = after.index(str(expected).strip("\n"))
    rest = after[:at].rstrip("\n") + after[at + len(str(expected).strip("\n")) :]
    assert rest.replace("\n", "") == text.replace("\n", "")


def test_the_place_is_that_of_the_order_that_the_file_keeps() -> None:
    text = bib(HANDS["a book, in order of keys, its comment kept"][0])  # type: ignore[arg-type]
    new, _key = with_work(Bibliography("a.bib", text), BOOK, ())
    assert new.text.index("@book{hume1739") < new.text.index("@book{sun2007") < new.text.index("@book{zeno1999")
    new, _key = with_work(Bibliography("a.bib", text), ARTICLE, ())
    assert new.text.index("@book{hume1739") < new.text.index("@article{lecun2015") < new.text.index("@book{zeno1999")
    early = Record("x", kind="book", title="Of Plants", names=(Name("Aristotle"),), years=("1500",), publisher="P")
    new, _key = with_work(Bibliography("a.bib", text), early, ())
    assert new.text.startswith("% Mine.\n@book{aristotle1500,")
    between = Record("x", kind="book", title="Of Things", names=(Name("Cato"),), years=("1630",), publisher="P")
    new, _key = with_work(Bibliography("a.bib", text), between, ())
    assert "} % first\n@book{cato1630," in new.text
    assert "}\n% The second.\n@book{descartes1637," in new.text


@pytest.mark.parametrize("text", ["", "% Nothing yet.\n", "% No line end", "\ufeff", "@string{x = {y}}\n\n"])
def test_the_first_entry_of_a_file(text: str) -> None:
    new, key = with_work(Bibliography("a.bib", text), ARTICLE, ())
    assert key == "lecun2015deep"
    assert new.text.startswith(text)
    assert new.text.endswith("}\n")
    again, key = with_work(new, ARTICLE, ())
    assert key == "lecun2015deepa"
    assert again.text.startswith(new.text.rstrip("\n"))


def test_people_are_cut_where_the_file_cuts_them() -> None:
    text = "".join(
        f"@misc{{k{number},\n  author = {{Abe, Bo and Cox, Di and others}},\n  title = {{T{number}}}\n}}\n"
        for number in range(4)
    )
    new, _key = with_work(Bibliography("a.bib", text), ARTICLE, ())
    assert "author = {LeCun, Yann and Bengio, Yoshua and others}" in new.text


def test_a_file_of_another_form_is_refused() -> None:
    with pytest.raises(CannotWriteError, match="BibTeX"):
        with_work(Bibliography("CITATION.cff", "cff-version: 1.2.0\n"), ARTICLE, ())
