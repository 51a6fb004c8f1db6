"""The works that the fakes of services know.

They are real, as facts: names, titles, years and identifiers. `10.5555/…` is the prefix that Crossref keeps for
examples.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Work:
    title: str
    names: tuple[tuple[str, str], ...]
    """Family and given name; an organisation without the latter."""
    year: int
    month: int = 0
    agency: str = "crossref"
    """Who registered the DOI: "crossref", "datacite", another; "" for none."""
    doi: str = ""
    arxiv: str = ""
    arxiv_class: str = ""
    arxiv_doi: str = ""
    comment: str = ""
    isbn: str = ""
    pmid: str = ""
    kind: str = "journal-article"
    subtitle: str = ""
    container: str = ""
    volume: str = ""
    issue: str = ""
    page: str = ""
    publisher: str = ""
    online: int = 0
    retracted: str = ""
    """The DOI of the notice."""
    preprint_of: str = ""
    cites: tuple[str, ...] = ()
    """DOIs of works in its list of references."""
    also_cites: tuple[tuple[str, int], ...] = ()
    """First author and year of works in that list that have no DOI."""


HUBINGER = Work(
    "Risks from Learned Optimization in Advanced Machine Learning Systems",
    (
        ("Hubinger", "Evan"),
        ("van Merwijk", "Chris"),
        ("Mikulik", "Vladimir"),
        ("Skalse", "Joar"),
        ("Garrabrant", "Scott"),
    ),
    2019,
    6,
    arxiv="1906.01820",
    arxiv_class="cs.AI",
    agency="",
)
LECUN = Work(
    "Deep learning",
    (("LeCun", "Yann"), ("Bengio", "Yoshua"), ("Hinton", "Geoffrey")),
    2015,
    5,
    doi="10.1038/nature14539",
    pmid="26017442",
    container="Nature",
    volume="521",
    issue="7553",
    page="436-444",
    cites=("10.24963/ijcai.2017/32", "10.5555/markup", "10.14454/3w3z-sa82"),
    publisher="Springer Science and Business Media LLC",
)
OFF_SWITCH = Work(
    "The Off-Switch Game",
    (("Hadfield-Menell", "Dylan"), ("Dragan", "Anca"), ("Abbeel", "Pieter"), ("Russell", "Stuart")),
    2017,
    8,
    doi="10.24963/ijcai.2017/32",
    kind="proceedings-article",
    container="Proceedings of the Twenty-Sixth International Joint Conference on Artificial Intelligence",
    page="220-227",
    publisher="International Joint Conferences on Artificial Intelligence Organization",
)
OFF_SWITCH_PREPRINT = Work(
    OFF_SWITCH.title,
    OFF_SWITCH.names,
    2016,
    11,
    arxiv="1611.08219",
    arxiv_class="cs.AI",
    arxiv_doi=OFF_SWITCH.doi,
    agency="",
)
WAKEFIELD = Work(
    "RETRACTED: Ileal-lymphoid-nodular hyperplasia, non-specific colitis, and pervasive developmental disorder in "
    "children",
    (("Wakefield", "AJ"), ("Murch", "SH"), ("Anthony", "A")),
    1998,
    2,
    doi="10.1016/s0140-6736(97)11096-0",
    pmid="9500320",
    container="The Lancet",
    volume="351",
    issue="9103",
    page="637-641",
    publisher="Elsevier BV",
    retracted="10.1016/s0140-6736(10)60175-4",
)
BOSTROM = Work(
    "Superintelligence",
    (("Bostrom", "Nick"),),
    2014,
    subtitle="Paths, Dangers, Strategies",
    isbn="9780199678112",
    publisher="Oxford University Press",
    kind="book",
    agency="",
)
SCHEMA = Work(
    "DataCite Metadata Schema Documentation for the Publication and Distribution of Research Data and Other Research "
    "Outputs v4.4",
    (("DataCite Metadata Working Group", ""),),
    2021,
    agency="datacite",
    doi="10.14454/3w3z-sa82",
    publisher="DataCite",
)
ELSEWHERE = Work(
    "Una prova", (("Rossi", "Maria"),), 2011, agency="mEDRA", doi="10.5555/medra.11", container="Prove", volume="3"
)
COMMA = Work("A comma, in a DOI", (("Comma", "Ada"),), 2003, doi="10.5555/a,b", container="Journal of Commas")
MARKUP = Work(
    "The <i>lac</i> operon &amp;amp; H<sub>2</sub>O",
    (("García-López", "José"), ("O’Neill", "Úna")),
    2020,
    1,
    online=2019,
    doi="10.5555/markup",
    container="Journal of Physics &amp; Chemistry",
    page="1-9",
)
WITHDRAWN = Work(
    "A theorem that does not hold",
    (("Nobody", "A."),),
    2012,
    4,
    arxiv="1204.00001",
    arxiv_class="math.NT",
    comment="Withdrawn by the author due to an error in Lemma 2",
    agency="",
)
NGO = Work(
    "The Alignment Problem from a Deep Learning Perspective",
    (("Ngo", "Richard"), ("Chan", "Lawrence"), ("Mindermann", "Sören")),
    2022,
    8,
    arxiv="2209.00626",
    arxiv_class="cs.AI",
    agency="",
)
LIBRARY = (
    HUBINGER,
    LECUN,
    OFF_SWITCH,
    OFF_SWITCH_PREPRINT,
    WAKEFIELD,
    BOSTROM,
    SCHEMA,
    ELSEWHERE,
    COMMA,
    MARKUP,
    WITHDRAWN,
    NGO,
)

NAMESAKES = tuple(
    Work(title, (("Ngo", "Anh"), ("Tran", "Bao"), ("Le", "Chi")), 2022, 5, arxiv=f"2205.9999{number}", agency="")
    for number, title in enumerate(
        ("Sparse Recovery of Graph Signals", "Quantum Walks on Trees", "Deep Nets Segment Medical Images")
    )
)
"""Works by others of the same name from the same year; invented, but there are such works."""
