"""Entries of BibTeX files, field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bibtex_entries import BEFORE, read

from wikitools.sources.names import Name
from wikitools.sources.readers.bibtex import read_bibtex
from wikitools.sources.readers.bibtex_names import read_bibtex_names
from wikitools.sources.readers.latex import to_unicode

if TYPE_CHECKING:
    from wikitools.sources.source import Source


def only(text: str) -> Source:
    sources, problems = read(text)
    assert not problems
    assert len(sources) == 1
    return sources[0]


def test_a_byte_order_mark_is_no_damage() -> None:
    text = "\ufeff" + BEFORE
    sources, problems = read_bibtex("refs.bib", text)
    assert sources[0].span.start == 1
    assert not problems


@pytest.mark.parametrize("text", ["", "\n", "words only", "@", "@article", "@article{", "}", "\ufeff", "@comment"])
def test_nothing_to_read(text: str) -> None:
    sources, _problems = read_bibtex("refs.bib", text)
    assert not any(source.title or source.names for source in sources)


def test_the_parser_does_not_talk_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    read("@article{k,\n  title = {One}\n\n@article{l, title = {Two}}")
    assert capfd.readouterr() == ("", "")


def test_an_entry_whole() -> None:
    source = only(
        "@inproceedings{vaswani2017attention,\n"
        "  author    = {Vaswani, Ashish and others},\n"
        "  title     = {Attention is {All} You Need},\n"
        "  booktitle = {Advances in {NIPS} 30},\n"
        "  year      = {2017},\n  pages = {1--11},\n"
        "  url       = {https://arxiv.org/abs/1706.03762v5},\n"
        "  doi       = {https://doi.org/10.5555/ABC\\_1},\n"
        "  abstract  = {Long}\n}"
    )
    assert source.names == (Name("Vaswani", "Ashish"),)
    assert source.title == "Attention is All You Need"
    assert source.years == ("2017",)
    assert (source.arxiv, source.doi) == ("1706.03762", "10.5555/abc_1")
    assert source.kind == "paper-conference"
    assert source.fields == {"booktitle": "Advances in NIPS 30", "pages": "1–11", "others": "and others"}


@pytest.mark.parametrize(
    ("fields", "years", "suffix"),
    [
        ("year = 2019", ("2019",), ""),
        ("year = {2019a}", ("2019",), "a"),
        ("year = {2019/2020}", ("2019", "2020"), ""),
        ("year = {1998/99}", ("1998", "1999"), ""),
        ("year = {in press}", ("in press",), ""),
        ("year = {In Press}", ("in press",), ""),
        ("year = {to appear}", ("forthcoming",), ""),
        ("year = {n.d.}", ("n.d.",), ""),
        ("year = {2022 [Online]}", ("2022",), ""),
        ("date = {2019-05-01}", ("2019",), ""),
        ("date = {2019-05/2020-01}", ("2019", "2020"), ""),
        ("date = {1998}, origdate = {1781}", ("1998", "1781"), ""),
        ("year = {2020}, eventdate = {2019-12-08}", ("2020", "2019"), ""),
        ("pubstate = {inpress}", ("in press",), ""),
        ("year = {2018}, eprint = {1706.03762}, archiveprefix = {arXiv}", ("2018", "2017"), ""),
        ("urldate = {2021-01-01}", (), ""),
        ("year = {MMXX}", (), ""),
    ],
)
def test_years(fields: str, years: tuple[str, ...], suffix: str) -> None:
    source = only(f"@misc{{k, title = {{T}}, {fields}}}")
    assert (source.years, source.suffix) == (years, suffix)


@pytest.mark.parametrize(
    ("fields", "arxiv"),
    [
        ("eprint = {1706.03762v2}, archiveprefix = {arXiv}", "1706.03762"),
        ("eprint = {hep-th/9901001}, eprinttype = {arxiv}", "hep-th/9901001"),
        ("eprint = {arXiv:1706.03762}", "1706.03762"),
        ("journal = {arXiv preprint arXiv:1706.03762}", "1706.03762"),
        ("journal = {CoRR}, volume = {abs/1706.03762}", "1706.03762"),
        ("howpublished = {\\url{https://arxiv.org/pdf/1706.03762.pdf}}", "1706.03762"),
        ("doi = {10.48550/arXiv.1706.03762}", "1706.03762"),
        ("arxivId = {1706.03762}", "1706.03762"),
        ("eprint = {1706.03762}, eprinttype = {pubmed}", ""),
        ("pages = {1706.03762}", ""),
    ],
)
def test_arxiv_ids(fields: str, arxiv: str) -> None:
    assert only(f"@misc{{k, title = {{T}}, {fields}}}").arxiv == arxiv


@pytest.mark.parametrize(
    ("fields", "url", "doi"),
    [
        ("url = {https://example.org/a\\_b\\%20c}", "https://example.org/a_b%20c", ""),
        ("howpublished = {\\url{https://example.org/~me}}", "https://example.org/~me", ""),
        ("howpublished = {\\url{https://example.org/\\~{}me}}", "https://example.org/~me", ""),
        ("note = {Available at https://example.org/a.}", "https://example.org/a", ""),
        ("url = {https://doi.org/10.1000/A1}", "https://doi.org/10.1000/A1", "10.1000/a1"),
        ("doi = {10.1016/S0140-6736(20)30183-5}", "", "10.1016/s0140-6736(20)30183-5"),
        ("doi = {doi:10.1000/182.}", "", "10.1000/182"),
    ],
)
def test_addresses(fields: str, url: str, doi: str) -> None:
    source = only(f"@misc{{k, title = {{T}}, {fields}}}")
    assert (source.url, source.doi) == (url, doi)


def test_something_that_is_no_doi_stays_a_field() -> None:
    source = only("@misc{k, title = {T}, doi = {978-3-16}}")
    assert (source.doi, source.fields["doi"]) == ("", "978-3-16")


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Doe, Jane", [Name("Doe", "Jane")]),
        ("Jane Doe", [Name("Doe", "Jane")]),
        ("Doe", [Name("Doe")]),
        ("van der Maaten, Laurens", [Name("van der Maaten", "Laurens")]),
        ("Laurens van der Maaten", [Name("van der Maaten", "Laurens")]),
        ("Ludwig van Beethoven and Doe, J.", [Name("van Beethoven", "Ludwig"), Name("Doe", "J.")]),
        ("Ford, Jr., Henry", [Name("Ford", "Henry", "Jr.")]),
        ("King, Jr., Martin Luther", [Name("King", "Martin Luther", "Jr.")]),
        ("Sammy Davis Jr.", [Name("Davis", "Sammy", "Jr.")]),
        ("Souza, Filho, Ana", [Name("Souza", "Ana", "Filho")]),
        # "Last, First, Somebody": a comma that should be another one, and no suffix.
        ("Orrin, Ann, Bo and Pim, C.", [Name("Orrin", "Ann Bo"), Name("Pim", "C.")]),
        ("{\\'O}rrin, Ann, Bo", [Name("Órrin", "Ann Bo")]),
        ("{World Health Organization}", [Name("World Health Organization", literal=True)]),
        (
            "{Simon and Schuster} and {Barnes {\\&} Noble}",
            [Name("Simon and Schuster", literal=True), Name("Barnes & Noble", literal=True)],
        ),
        ("{Gelman, Andrew and Hill, Jennifer}", [Name("Gelman", "Andrew"), Name("Hill", "Jennifer")]),
        ("Parliament of Canada", [Name("Parliament of Canada", literal=True)]),
        ('G{\\"o}del, Kurt', [Name("Gödel", "Kurt")]),
        ("{\\'E}mile Durkheim", [Name("Durkheim", "Émile")]),
        (
            "Charles Louis Xavier Joseph de la Vall{\\'e}e Poussin",
            [Name("de la Vallée Poussin", "Charles Louis Xavier Joseph")],
        ),
        ("Smith JA and Roe B", [Name("Smith", "JA"), Name("Roe", "B")]),
        ("One, A., Two, B., and Three, C.", [Name("One", "A."), Name("Two", "B."), Name("Three", "C.")]),
        ("One, Ann; Two, Ben", [Name("One", "Ann"), Name("Two", "Ben")]),
        (
            "family=Maaten, given=Laurens, prefix=van der and Doe, Jane",
            [Name("van der Maaten", "Laurens"), Name("Doe", "Jane")],
        ),
        ("Doe, Jane\n   and\n   Roe, Rex", [Name("Doe", "Jane"), Name("Roe", "Rex")]),
        ("Doe, Jane AND Roe, Rex", [Name("Doe", "Jane"), Name("Roe", "Rex")]),
        ("and", [Name("and")]),
        ("", []),
    ],
)
def test_names(written: str, names: list[Name]) -> None:
    assert read_bibtex_names(written) == (tuple(names), False)


def test_others_are_no_author() -> None:
    assert read_bibtex_names("Doe, Jane and others") == ((Name("Doe", "Jane"),), True)


def test_without_authors_the_editors_then_the_body_stand_in() -> None:
    assert only("@book{k, editor = {Doe, Jane}, title = {T}}").names == (Name("Doe", "Jane"),)
    body = only("@techreport{k, institution = {World Health Organization}, title = {T}}")
    assert body.names == (Name("World Health Organization", literal=True),)


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        ("plain", "plain"),
        (
            "{\\'e}t\\'{e} \\\"o {\\o} {\\ss} \\aa ngstrom \\c{c} \\v{s} \\H{o} {\\L}{\\'o}d{\\'z} \\i",
            "été ö ø ß ångstrom ç š ő Łódź ı",
        ),
        ("\\'{\\i}", "í"),
        ("Tom \\& Jerry, 50\\% off {\\textendash} a\\_b", "Tom & Jerry, 50% off – a_b"),
        ("50% and more", "50% and more"),
        ("{50% and \\emph{more}}", "50% and more"),
        ("``quoted'' a--b", "“quoted” a–b"),
        ("Vol.~2", "Vol. 2"),
        ("$\\alpha$-test", "α-test"),
        ("{a\n   b}", "a b"),
        ("unbalanced } {", "unbalanced"),
    ],
)
def test_latex(latex: str, text: str) -> None:
    assert to_unicode(latex) == text


def test_strings_months_and_concatenation() -> None:
    source = only(
        '@STRING{jox = "Journal of "}\n@string(xs = {Xs})\n'
        '@article{k, title = "O" # {n} # "e", journal = JOX # xs, month = 1 # "~" # jan, year = 2019}'
    )
    assert source.title == "One"
    assert source.fields == {"journal": "Journal of Xs", "month": "1 January"}


def test_crossref_and_xdata() -> None:
    sources, problems = read(
        "@inproceedings{part, author = {Doe, Jane}, title = {Part}, crossref = {whole}, pages = 7}\n"
        "@proceedings{whole, editor = {Roe, Rex}, title = {Whole}, year = 2019, doi = {10.1000/whole}, xdata = {pub}}\n"
        "@xdata{pub, publisher = {Press}}\n"
    )
    assert not problems
    part, whole = sources
    assert part.years == ("2019",)
    assert part.doi == ""
    assert (part.fields["booktitle"], part.fields["publisher"]) == ("Whole", "Press")
    assert whole.names == (Name("Roe", "Rex"),)


def test_crossref_to_itself_ends() -> None:
    assert read("@misc{a, crossref = {b}}\n@misc{b, crossref = {a}, year = 2019}")[0][0].years == ("2019",)


def test_shorthands_are_aliases_and_ids_a_field() -> None:
    source = only("@misc{k, title = {T}, shorthand = {WHO}, shortauthor = {{W.H.O.}}, ids = {old, older}}")
    assert source.aliases == ("WHO", "W.H.O.")
    assert source.fields["ids"] == "old, older"


def test_title_and_subtitle() -> None:
    assert only("@book{k, title = {Main}, subtitle = {More}}").title == "Main: More"
    assert only("@book{k, title = {Why?}, subtitle = {More}}").title == "Why? More"
