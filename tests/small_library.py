"""A small bibliography, and the citations of a text that it resolves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wikitools.cite.match import cite_page
from wikitools.markdown.parse import parse
from wikitools.sources.names import Name
from wikitools.sources.source import Bibliography, Source
from wikitools.text import Span
from wikitools.wiki.resolution import Ambiguous, Found

if TYPE_CHECKING:
    from wikitools.cite.citation import Cited
    from wikitools.markdown.page import Wikilink


def source(key: str, authors: str, years: str, title: str = "", **more: Any) -> Source:
    """Authors as "Last, First; {Organisation}", years as "2023 2022"."""
    names = tuple(
        Name(author[1:-1], literal=True) if author.startswith("{") else Name(*author.partition(", ")[::2])
        for author in authors.split("; ")
        if author
    )
    return Source(Span("references.bib", 0, 0), key, names, tuple(years.split()), title=title or f"The {key}", **more)


LIBRARY = Bibliography(
    [
        source(
            "hubinger2019",
            "Hubinger, Evan; van Merwijk, Chris; Mikulik, Vladimir",
            "2019",
            "Risks from Learned Optimization in Advanced Machine Learning Systems",
            arxiv="1906.01820",
            url="https://arxiv.org/abs/1906.01820",
        ),
        source("hubinger2024", "Hubinger, Evan; Denison, Carson; Mu, Jesse", "2024", "Sleeper Agents"),
        source(
            "greenblatt2024",
            "Greenblatt, Ryan; Denison, Carson; Wright, Benjamin",
            "2024",
            "Alignment Faking in Large Language Models",
            note="summaries/alignment-faking-in-large-language-models.md",
        ),
        source("shah2023", "Shah, Rohin; Varma, Vikrant; Kumar, Ramana", "2023 2022", "Goal Misgeneralization"),
        source("shah-jones", "Shah, Rohin; Jones, Erik", "2023", "Two Authors"),
        source("shah-jones-li", "Shah, Rohin; Jones, Erik; Li, Bo", "2023", "Three Authors"),
        source("shah2020", "Shah, Rohin", "2020"),
        source("langosco2022", "Langosco, Lauro; Koch, Jack; Sharkey, Lee", "2022"),
        source("christiano-a", "Christiano, Paul", "2019", "First", suffix="a"),
        source("christiano-b", "Christiano, Paul", "2019", "Second", suffix="b"),
        source("meehl1978", "Meehl, Paul", "1978"),
        source("meehl1990", "Meehl, Paul", "1990", suffix="a"),
        source("bostrom2014", "Bostrom, Nick", "2014", "Superintelligence"),
        source("krakovna2020", "Krakovna, Victoria; Uesato, Jonathan; Mikulik, Vladimir", "2020"),
        source("vandermaaten2008", "van der Maaten, Laurens; Hinton, Geoffrey", "2008"),
        source("neumann1945", "von Neumann, John", "1945"),
        source("zuur2009", "Zuur, Alain; Ieno, Elena", "2009"),
        source("oneill2010", "O’Neill, Onora", "2010"),
        source("alsafadi2000", "Al-Safadi, Bassam; Simon, P. W.", "2000"),
        source("who2021", "{World Health Organization}", "2021"),
        source("commerce2024", "{Department of Commerce, Bureau of Industry and Security}", "2024"),
        source("dlr2020", "{Deutsches Zentrum für Raumfahrt}", "2020"),
        source("rteam2016", "{R Core Team}", "2016"),
        source("wang2020", "王, 伟; 李, 明; 张, 三", "2020"),
        source("kant1781", "Kant, Immanuel", "1998 1781", "Kritik der reinen Vernunft"),
        source("uslaner", "Uslaner, Jason; Smith, Ann; Klee, Paul", "2013"),
        source("chen-nd", "Chen, Xianshun", "", "A Toolbox"),
        source("goodwin1996", "Goodwin, William; Ellis, Ann; Roe, Max", "1996"),
        source("garcia2005", "García Márquez, Gabriel", "2005"),
        source("muller2011", "Müller, Jörg", "2011"),
        source("kass1995", "Kass, Robert; Raftery, Adrian", "1995"),
        source("axer2011", "Axer, Markus; Amunts, Katrin; Grässel, David; Palm, Christoph", "2011"),
        source("grimshaw", "", "1981", "Grimshaw v. Ford Motor Co."),
        source("benjamini2016", "Benjamini, Yoav", "2016"),
        source("muenchow2012", "Muenchow, Jannes; Brenning, Alexander; Richter, Michael", "2012"),
        source("may1973", "May, Robert", "1973"),
        source("doi2001", "Smith, Ann", "2001", "On Dust", doi="10.1000/xyz.123"),
    ]
)


def cited(text: str, bibliography: Bibliography = LIBRARY, notes: dict[str, str] | None = None) -> tuple[Cited, ...]:
    def note_of(link: Wikilink) -> str | None:
        return (notes or {}).get(link.target)

    return cite_page(parse("page.md", text), bibliography, note_of=note_of)


def keys(found: Cited) -> str:
    if isinstance(found.resolution, Found):
        return found.resolution.target.key
    if isinstance(found.resolution, Ambiguous):
        return " ".join(each.key for each in found.resolution.candidates)
    return ""


def only(text: str, *sources: Source) -> tuple[str, tuple[str, ...]]:
    """Return keys and evidence of the first citation in `text`."""
    found = cited(text, Bibliography(sources))[0]
    return keys(found), found.evidence


GOALS = source("goals", "", "", "AI Safety Atlas Ch.7 — Goal-Directedness", note="goals.md")
