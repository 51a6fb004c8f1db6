"""What wikitools answers to the examples of the docs: each table here is made by asking the code."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from wikitools.cite.match import cite_page
from wikitools.markdown.page import MarkdownLink, Wikilink
from wikitools.markdown.parse import parse
from wikitools.markdown.slugs import SLUGGERS
from wikitools.sources.readers import read_bibliography
from wikitools.sources.source import Bibliography
from wikitools.wiki.engines import ENGINES
from wikitools.wiki.resolution import Ambiguous, Found
from wikitools.wiki.wiki import Wiki

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.cite.citation import Cited

# Engines

LINKS = (
    "[[Set up]]",
    "[[set up]]",
    "[[set-up]]",
    "[[guides/Set up]]",
    "[[../guides/Set up]]",
    "[[Install]]",
    "[[Installation]]",
    "[[text|Set up]]",
    "[text](../guides/Set%20up)",
    "[text](Set%20up.md)",
)
"""Links on the page `notes/Tools.md`."""

SET_UP = "---\naliases: [Install]\n---\n# Installation\n"


def engines() -> Iterator[str]:
    """Yield a table of the engines."""
    yield from ("| engine | how a wikilink finds its page |", "|---|---|")
    for name, engine in ENGINES.items():
        yield f"| [`{name}`](#{name.split('-')[0].replace('github', 'github-wiki')}) | {_cell(engine.summary)} |"


def links() -> Iterator[str]:
    """Yield a table: which engines follow which link to `guides/Set up.md`."""
    yield from ("| link | followed by |", "|---|---|")
    page = parse("notes/Tools.md", "\n\n".join(LINKS))
    wikis = {name: Wiki([page, parse("guides/Set up.md", SET_UP)], engine=name) for name in ENGINES}
    for written, link in zip(LINKS, page.links, strict=True):
        follow, others = [], []
        for name, wiki in wikis.items():
            answer = wiki.resolve_link(link) if isinstance(link, MarkdownLink) else wiki.resolve(_wikilink(link))
            (follow if isinstance(answer, Found) else others).append(name)
        names = ", ".join(follow) if len(others) > 2 else f"all but {' and '.join(others)}"
        yield f"| {_code(written)} | {names} |"


def _wikilink(link: object) -> Wikilink:
    if not isinstance(link, Wikilink):
        raise TypeError(link)
    return link


HEADINGS = (
    "Hello World",
    "A & B",
    "1. Intro",
    "v1.0.0",
    "Über straße",
    "日本語",
    "Étude — suite",
    "emoji 😀 here",
    "Twice",
    "Twice",
)


def anchors() -> Iterator[str]:
    """Yield a table of the anchors that headings of one page get."""
    yield f"| heading | {' | '.join(SLUGGERS)} |"
    yield "|---" * (len(SLUGGERS) + 1) + "|"
    columns = [slugs(HEADINGS) for slugs in SLUGGERS.values()]
    for heading, *row in zip(HEADINGS, *columns, strict=True):
        yield f"| {heading} | {' | '.join(f'`{slug}`' for slug in row)} |"


# Citations

LIBRARY = """\
@article{hubinger2019, title = {Risks from Learned Optimization in Advanced Machine Learning Systems}, year = {2019},
  author = {Hubinger, Evan and van Merwijk, Chris and Mikulik, Vladimir}, eprint = {1906.01820}, eprinttype = {arxiv}}
@book{bostrom2014, author = {Bostrom, Nick}, title = {Superintelligence}, year = {2014}}
@article{kass1995, author = {Kass, Robert E. and Raftery, Adrian E.}, title = {Bayes Factors}, year = {1995},
  doi = {10.1080/01621459.1995.10476572}}
@article{maaten2008, author = {van der Maaten, Laurens and Hinton, Geoffrey}, title = {Visualizing Data using t-SNE},
  year = {2008}}
@article{christiano2018a, author = {Christiano, Paul}, title = {The first}, year = {2018}, extradate = {a}}
@misc{rteam, author = {{R Core Team}}, title = {R}, year = {2016}}
@misc{who2021, author = {{World Health Organization}}, title = {A report}, year = {2021}}
@book{kant1781, author = {Kant, Immanuel}, title = {Kritik der reinen Vernunft}, year = {1998}, origdate = {1781}}
@article{wang2020, author = {王, 伟 and 李, 明 and 张, 三}, title = {论文}, year = {2020}}
@article{shannon1948a, author = {Shannon, Claude E.}, title = {A Mathematical Theory of Communication}, year = {1948},
  pages = {379--423}}
@article{shannon1948b, author = {Shannon, Claude E.}, title = {A Mathematical Theory of Communication, part III},
  year = {1948}, pages = {623--656}}
"""

FORMS: dict[str, tuple[str, ...]] = {
    "in brackets": (
        "(Hubinger et al. 2019)",
        "(Hubinger et al., 2019, §4)",
        "(Kass & Raftery 1995; see also Bostrom 2014, pp. 3–5, for a review)",
        "[Kass and Raftery, 1995]",
        "(Bostrom 2014:116)",
    ),
    "in the sentence": (
        "Kass and Raftery (1995) show",
        "Bostrom’s (2014) book",
        "Hubinger and colleagues (2019)",
        "as Hubinger et al. 2019 found",
    ),
    "later on the page, without a year": ("Hubinger et al. (2019) ask. Hubinger et al.'s answer is",),
    "names": (
        "(van der Maaten & Hinton 2008)",
        "Maaten und Hinton (2008)",
        "(R Core Team 2016)",
        "(World Health Organization [WHO] 2021), then (WHO 2021)",
        "（王伟等，2020）",
    ),
    "dates": ("(Kant 1781/1998)", "(Christiano 2018a)"),
    "with an address": (
        "[Hubinger et al., 2019](https://arxiv.org/abs/1906.01820)",
        "see doi:10.1080/01621459.1995.10476572",
        "see arXiv:1906.01820v3",
    ),
    "keys": (
        "[@bostrom2014, p. 3; see @kass1995]",
        "@bostrom2014 [ch. 2] says",
        "{cite:p}`bostrom2014,kass1995`",
        "[[@bostrom2014]]",
    ),
    "footnotes": ("text.[^1]\n\n[^1]: Bostrom, *Superintelligence* (2014).",),
    "not in the bibliography": ("(Nobody et al. 2020)", "[@nobody2020]", "(Bostrom 2013)"),
    "not certain": ("(Shannon 1948)",),
}

NO_CITATIONS = (
    "in March 2019",
    "(March 2019)",
    "NeurIPS 2024",
    "the film Her (2013)",
    "the EU AI Act (2024)",
    "Alan Turing (1912–1954)",
    "(Figure 2)",
    "(see Section 2021)",
    "a call of `buffer(seine, 5000)`",
    "<!-- (Bostrom 2014) -->",
)


def citations() -> Iterator[str]:
    """Yield a table of texts, and what the citations in them mean."""
    yield from ("| | written | citation | means |", "|---|---|---|---|")
    library = _library()
    for group, texts in FORMS.items():
        for number, text in enumerate(texts):
            found = cite_page(parse("page.md", text), library, note_of=lambda _link: None)
            written = _code(text)
            for cited in found:
                said = re.sub(r"\s+", " ", cited.citation.text)
                locator = f", {cited.citation.locator}" if cited.citation.locator else ""
                first = cited is found[0]
                name = group if first and not number else ""
                yield f"| {name} | {written if first else ''} | {_code(said)}{locator} | {_meaning(cited)} |"
            if not found:
                raise ValueError(f"no citation is found in {text!r}")


def no_citations() -> Iterator[str]:
    """Yield the examples of what is none, each of which was tried."""
    library = _library()
    for text in NO_CITATIONS:
        if cite_page(parse("page.md", text), library, note_of=lambda _link: None):
            raise ValueError(f"a citation is found in {text!r}")
        yield f"- {_code(text)}"


def _library() -> Bibliography:
    sources, problems = read_bibliography("references.bib", LIBRARY)
    if problems:
        raise ValueError(problems[0])
    return Bibliography(sources)


def _meaning(cited: Cited) -> str:
    evidence = "" if cited.evidence == ("authors and year",) else f" ({', '.join(cited.evidence)})"
    match cited.resolution:
        case Found(source):
            return f"`{source.key}`{evidence}"
        case Ambiguous(sources):
            return " or ".join(f"`{source.key}`" for source in sources) + ": reported"
    return "nothing: reported"


def _code(text: str) -> str:
    """Return text as code that can stand in a cell of a table, where a `|` in backticks is read in two ways."""
    shown = text.replace("\n\n", " ⏎ ")
    if "|" in shown:
        shown = escape(shown, quote=False).replace("|", "&#124;").replace("[[", "&#91;&#91;")
        return f"<code>{shown}</code>"
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`"


def _cell(text: str) -> str:
    return re.sub(r"\[\[.*?\]\]", lambda link: _code(link.group()), text)
