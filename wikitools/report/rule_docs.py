"""The page of a rule: for the site with titled code blocks, for terminals and editors as plain Markdown."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, NamedTuple, Protocol

from wikitools.lint.example import CONFIGURATION, Example, Part, split_docs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wikitools.lint.example import Expected
    from wikitools.lint.rule import Rule


class Writer(Protocol):
    """The differences between the site and a terminal."""

    def file(self, path: str, text: str, findings: tuple[Expected, ...]) -> Iterator[str]:
        """Yield the Markdown that shows a file, with what the rule reports in it."""

    def folded(self, title: str, paragraphs: Iterable[str]) -> Iterator[str]:
        """Yield the Markdown of a section that not every reader needs."""

    def see_also(self) -> Iterator[str]:
        """Yield what links to other pages of the docs."""


def page(rule: Rule, writer: Writer) -> str:
    """Return a rule's page: what is wrong, why it hurts, examples before and after, how to configure and silence it."""
    return "\n\n".join(_page(rule, writer)) + "\n"


def _page(rule: Rule, writer: Writer) -> Iterator[str]:
    why, shown, quiet = _sections(rule.docs)
    yield f"# {rule.id}"
    yield rule.summary
    yield " · ".join(_facts(rule))
    if why:
        yield why
    examples = sum(part.example is not None for part in shown)
    if examples:
        yield "## Examples" if examples > 1 else "## Example"
    for part in shown:
        yield from _part(part, writer)
    if quiet:
        yield from writer.folded("Not reported", [text for part in quiet for text in _part(part, writer)])
    yield from _settings(rule, writer)


def _facts(rule: Rule) -> Iterator[str]:
    yield f"severity: {rule.severity}"
    yield f"group: {rule.group}"
    yield f"since: {rule.since}"
    if not rule.default:
        yield "off by default"
    if rule.needs_web or rule.needs_registries:
        yield "needs the web"
    if rule.needs_git:
        yield "needs git"
    yield from (f"has {kind} fixes" for kind in fixes(rule))


def fixes(rule: Rule) -> tuple[str, ...]:
    """Return which kinds of fixes a rule has, as its examples show them: "safe", "unsafe"."""
    safe = any(example.fixed for example in rule.examples)
    unsafe = any(example.fixed_unsafely for example in rule.examples)
    return ("safe",) * safe + ("unsafe",) * unsafe


class _Sections(NamedTuple):
    """The docs of a rule in the order in which people read them."""

    why: str
    shown: tuple[Part, ...]
    """Examples of what is reported, and prose."""
    quiet: tuple[Part, ...]
    """Examples of what is not reported, each with the paragraph that introduces it."""


def _sections(docs: str) -> _Sections:
    """Sort the examples of a rule's docs; the paragraph before an example introduces it if it ends in a colon."""
    why: list[str] = []
    shown: list[Part] = []
    quiet: list[Part] = []
    for number, part in enumerate(split_docs(docs)):
        paragraphs = part.prose.split("\n\n") if part.prose else []
        example = part.example
        introduces = example is not None and paragraphs and (number > 0 or paragraphs[-1].endswith(":"))
        introduction = paragraphs.pop() if introduces else ""
        if number == 0:
            why = paragraphs
        else:
            shown += [Part(paragraph, None) for paragraph in paragraphs]
        if example is not None:
            (quiet if example.is_quiet else shown).append(Part(introduction, example))
    return _Sections("\n\n".join(why), tuple(shown), tuple(quiet))


def _part(part: Part, writer: Writer) -> Iterator[str]:
    if part.prose:
        yield part.prose
    if part.example is not None:
        yield from _example(part.example, writer)


_FILLER = re.compile(r"[\w .,]*\n?")
"""The text of a page that only has to exist in an example."""


def _example(example: Example, writer: Writer) -> Iterator[str]:
    # In an example under "Not reported", the first file shows the case.
    main = {each.path for each in example.expected} or set(list(example.files)[:1])
    for path in (path for path in example.files if path in main):
        findings = tuple(each for each in example.expected if each.path == path)
        yield from writer.file(path, example.files[path], findings)
    # On Git hosts code blocks have no titles: the sentence names the files that follow.
    others = {path: text for path, text in example.files.items() if path not in main}
    if others:
        yield f"The wiki also has {_enumerated([f'`{path}`' for path in others])}."
    for path, text in others.items():
        if not _FILLER.fullmatch(text):
            yield from writer.file(path, text, ())
    if "tracked" in example.options:
        yield f"Git tracks {_enumerated([f'`{path}`' for path in example.options['tracked']])}."
    if "web" in example.options:
        said = [f"`{url}` ({status})" for url, status in example.options["web"].items()]
        yield f"`wikitools urls` found: {_enumerated(said)}."
    yield from _registered(example)
    configuration = "".join(
        line
        for line in example.configuration.partition("[web]\n")[0].splitlines(keepends=True)
        if not line.startswith("tracked")
    )
    if configuration:
        yield from writer.file(CONFIGURATION, configuration, ())
    yield from _after("`--fix`", example.fixed, writer)
    yield from _after("`--fix --unsafe-fixes`", example.fixed_unsafely, writer)


def _registered(example: Example) -> Iterator[str]:
    """Yield sentences about what registries say in an example."""
    for identifier, said in example.registry.items():
        shown = identifier.partition(":")[2]
        if not said:
            yield f"The registry says that there is no `{shown}`."
            continue
        people = ", ".join(name.partition(",")[0] for name in said.get("names", ()))
        yield f"The registry has `{shown}` as: {people} {said.get('year', '')}. *{said.get('title', '')}*."
        for name, words in _SAID_LATER.items():
            if name in said:
                notice = said[name]
                yield f"It also says that the work {words}{f' (`{notice}`)' if isinstance(notice, str) else ''}."


_SAID_LATER = {
    "retracted": "is retracted",
    "withdrawn": "was withdrawn by its authors",
    "concern": "is under an expression of concern",
    "corrected": "was corrected",
    "published": "was published",
}


def _after(options: str, files: Mapping[str, str], writer: Writer) -> Iterator[str]:
    if files:
        yield f"After {options}:"
    for path, text in files.items():
        yield from writer.file(path, text, ())


def _enumerated(words: list[str]) -> str:
    return " and ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else words[0]


# How to configure and silence a rule


def _settings(rule: Rule, writer: Writer) -> Iterator[str]:
    yield "## Configure and silence"
    severity, other = (each for each in ("info", "warning", "error") if each != rule.severity)
    by_command = rule.group in _COMMANDS
    if by_command:
        yield f"`{_COMMANDS[rule.group]}` runs this rule."
    runs = rule.default or by_command
    switch, about = ("ignore", "Do not run the rule.") if runs else ("extend-select", "Run the rule.")
    files = "archive/**" if _reports_pages(rule) else "old.bib"
    lines = (
        f"# {about}",
        f'{switch} = ["{rule.id}"]',
        "",
        "[severity]",
        f'# Or "{other}"; the default is "{rule.severity}".',
        f'{rule.id} = "{severity}"',
        "",
        "[per-file-ignores]",
        "# Do not report it there.",
        f'"{files}" = ["{rule.id}"]',
    )
    yield from writer.file(CONFIGURATION, "".join(f"{line}\n" for line in lines), ())
    yield from _comments(rule, writer)
    yield from writer.see_also()


def _comments(rule: Rule, writer: Writer) -> Iterator[str]:
    if not _reports_pages(rule):
        yield "Comments silence only findings on pages; for a bibliography, use `per-file-ignores` or a baseline."
        return
    whole_page = f"<!-- wikitools-ignore-file {rule.id} -- why -->\n"
    if rule.group in _ABOUT_WHOLE_PAGES:
        yield "A comment silences it on the page. What follows `--` is your reason:"
        yield from writer.file("", whole_page, ())
    else:
        yield "A comment silences it on the next line, or on the whole page. What follows `--` is your reason:"
        yield from writer.file("", f"<!-- wikitools-ignore-next-line {rule.id} -- why -->\n{whole_page}", ())
    if rule.group not in _COMMANDS:
        yield f"`wikitools lint --select {rule.id} --add-ignore=REASON` writes a comment for each finding."


_COMMANDS = {"web": "wikitools urls", "registries": "wikitools bib verify"}
"""The commands that run the rules of a group which `wikitools lint` does not run."""

_ABOUT_WHOLE_PAGES = frozenset({"pages", "suppressions"})
"""Groups whose findings cannot have a comment before them: they are at the start of a page or in front matter."""


def _reports_pages(rule: Rule) -> bool:
    paths = {each.path for example in rule.examples for each in example.expected}
    return not paths or any(path.endswith(".md") for path in paths)


# The two writers


class SiteWriter:
    """Writes for the site: files have titles, reported lines are marked, sections fold."""

    def file(self, path: str, text: str, findings: tuple[Expected, ...]) -> Iterator[str]:
        """Yield a titled code block, and a list of what the rule reports in it."""
        fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`{3,}", text))])
        lines = sorted({each.line for each in findings})
        marked = f' hl_lines="{" ".join(map(str, lines))}"' if lines else ""
        title = f' title="{path}"' if path else ""
        yield f"{fence}{_language(path)}{title}{marked}\n{text}{fence}"
        if findings:
            yield "\n".join(f"- {_location(text, each)}: {_escaped(each.message)}" for each in findings)

    def folded(self, title: str, paragraphs: Iterable[str]) -> Iterator[str]:
        """Yield a section that opens with a click, on the site and on Git hosts."""
        yield f"<details markdown>\n<summary>{title}</summary>"
        yield from paragraphs
        yield "</details>"

    def see_also(self) -> Iterator[str]:
        """Yield links to the pages about configuration and adoption."""
        yield "See also [Configuration](../configuration.md), and [Adopting it](../adoption.md) for baselines."


_LANGUAGES = {"md": "md", "bib": "bibtex", "toml": "toml"}


def _language(path: str) -> str:
    return _LANGUAGES.get(path.rpartition(".")[2], "text") if path else "md"


def _location(text: str, finding: Expected) -> str:
    line = text.splitlines()[finding.line - 1]
    marked = line[finding.column - 1 : finding.end_column - 1]
    if not marked or marked == line.strip():
        return f"Line {finding.line}"
    ticks = "``" if "`" in marked else "`"
    return f"Line {finding.line}, {ticks}{marked}{ticks}"


_ESCAPES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


def _escaped(message: str) -> str:
    """Return a message as Markdown that shows it literally.

    Text in backticks stays code, addresses do not become links.
    """
    words = re.split(r"(`[^`]+`|https?://[^\s\"`]+)", message)
    return "".join(
        (word if word.startswith("`") else f"`{word}`")
        if number % 2
        else re.sub(r"[\\`*_\[\]{}#<>&]", lambda match: _ESCAPES.get(match[0], f"\\{match[0]}"), word)
        for number, word in enumerate(words)
    )


class PlainWriter:
    """Writes plain text: files are indented, carets mark what the rule reports."""

    def file(self, path: str, text: str, findings: tuple[Expected, ...]) -> Iterator[str]:
        """Yield an indented file, with carets and the message under each line that the rule reports."""
        if path:
            yield f"`{path}`:"
        lines: list[str] = []
        for number, line in enumerate(text.splitlines(), start=1):
            lines.append(line)
            for each in (each for each in findings if each.line == number):
                carets = "^" * (each.end_column - each.column)
                lines.append(f"{' ' * (each.column - 1)}{carets} {each.message}")
        yield textwrap.indent("\n".join(lines) or "(empty)", "    ")

    def folded(self, title: str, paragraphs: Iterable[str]) -> Iterator[str]:
        """Yield a section with a heading."""
        yield f"## {title}"
        yield from paragraphs

    def see_also(self) -> Iterator[str]:
        """Yield nothing: an installed package contains no docs."""
        yield from ()
