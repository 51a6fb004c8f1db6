"""The rule broken-wikilink."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rewrite import retarget
from wikitools.lint.rule import Finding, Severity, quoted, rule
from wikitools.text import Edit, Fix, Safety
from wikitools.wiki.resolution import Missing, Reason, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.wiki.page import Wikilink

_FACT = {
    Reason.ALIAS_ONLY: "no page is named {target}; it is an alias of {near}, and links here do not follow aliases",
    Reason.TITLE_ONLY: "no page is named {target}; it is the title of {near}, and links go by file names",
    Reason.CASE_DIFFERS: "no page is named {target}; only the case of {near} differs",
    Reason.SPACE_OR_DASH: "no page is named {target}; did you mean {near}?",
    Reason.WRONG_FOLDER: "there is no {target}; did you mean {near}?",
    Reason.PERCENT_ENCODED: "no page is named {target}: wikilinks are not percent-encoded; did you mean {near}?",
    Reason.LOOKS_REVERSED: "no page is named {target}, but the label {near} is one; are target and label swapped?",
    Reason.OUTSIDE_ROOT: "{target} leads out of the wiki",
    Reason.WEB_ADDRESS: "{target} is a web address, and a wikilink leads to pages only",
}
_NEARLY_SURE = (Reason.ALIAS_ONLY, Reason.TITLE_ONLY)
_SURE = (Reason.CASE_DIFFERS, Reason.SPACE_OR_DASH, Reason.WRONG_FOLDER, Reason.PERCENT_ENCODED)


@rule(group="links", severity=Severity.ERROR, since="0.1.0")
def broken_wikilink(link: Wikilink, facts: Facts) -> Iterator[Finding]:
    """A wikilink leads to a page that does not exist.

    The reader clicks and lands nowhere, or on an empty new page. Usually the page was renamed or moved, the name was
    typed from memory, or the link uses an alias or title where the wiki's engine goes by file names. The message says
    which. Placeholders such as `[[...]]` and `[[<slug>]]` are left alone.

    ```wiki
    -- index.md --
    Ask [[Alan Turng]] about it.
        ^^^^^^^^^^^^^^ no page is named "Alan Turng"; did you mean "Alan Turing"?
    -- Alan Turing.md --
    He knew.
    -- index.md, fixed unsafely --
    Ask [[Alan Turing]] about it.
    ```

    What the page is also called can be kept as the label; blanks and dashes are put right:

    ```wiki
    -- index.md --
    Read about [[ELK]], and [[inner-alignment|this]].
               ^^^^^^^ no page is named "ELK"; it is an alias of "Eliciting latent knowledge"
                            ^^^^^^^^^^^^^^^^^^^^^^^^ no page is named "inner-alignment"; did you mean "Inner alignment"?
    -- Eliciting latent knowledge.md --
    ---
    aliases: [ELK]
    ---
    What does it know?
    -- Inner alignment.md --
    Yes.
    -- index.md, fixed --
    Read about [[Eliciting latent knowledge|ELK]], and [[Inner alignment|this]].
    ```

    In a table the bar of the new label is escaped, because a bare one would end the cell:

    ```wiki
    -- index.md --
    | page    | about  |
    | ------- | ------ |
    | [[ELK]] | honesty |
      ^^^^^^^ no page is named "ELK"
    -- Eliciting latent knowledge.md --
    ---
    aliases: ELK
    ---
    -- index.md, fixed --
    | page    | about  |
    | ------- | ------ |
    | [[Eliciting latent knowledge\\|ELK]] | honesty |
    ```

    Links that live, and text that is no link:

    ````wiki
    -- notes/index.md --
    ---
    related: "[[Alan Turing]]"
    ---
    [[Alan Turing]], [[alan turing|him]], [[people/Alan Turing#Life]], ![[machine.png|300]], [[#Here]].

    | who |
    | --- |
    | [[Alan Turing\\|him]] |

    ## Here

    `[[Nobody]]`, [[...]] and [[<slug>]]. <!-- [[Nobody]] -->

    ```sh
    if [[ -z $nobody ]]; then echo; fi
    ```
    -- people/Alan Turing.md --
    ## Life
    -- machine.png --
    ````
    """
    resolution = facts.wiki.resolve(link)
    if not isinstance(resolution, Missing) or resolution.why == Reason.PLACEHOLDER:
        return
    target, _ = facts.wiki.engine.read(link)
    near = resolution.near
    yield Finding(
        span=link.span,
        message=_message(resolution, target),
        subject=target,
        fix=_fix(link, target, resolution, facts),
        help=f"other candidates: {', '.join(map(quoted, near[1:]))}" if len(near) > 1 else "",
    )


def _message(resolution: Missing[str], target: str) -> str:
    near = quoted(resolution.near[0]) if resolution.near else ""
    fact = next((words for why, words in _FACT.items() if why == resolution.why), "")
    if fact and (near or "{near}" not in fact):
        return fact.format(target=quoted(target), near=near)
    kind = "file" if resolution.why == Reason.ASSET_MISSING else "page"
    return f"no {kind} is named {quoted(target)}" + (f"; did you mean {near}?" if near else "")


def _fix(link: Wikilink, target: str, resolution: Missing[str], facts: Facts) -> Fix | None:
    if resolution.why == Reason.LOOKS_REVERSED:
        return _swapped(link, facts)
    if not resolution.near:
        return None
    best = resolution.near[0]
    safety = Safety.SAFE
    label = target if resolution.why in _NEARLY_SURE else None
    if resolution.why in (*_SURE, *_NEARLY_SURE):
        if len(resolution.near) > 1:
            return None
    elif len(nearest(target, resolution.near, cutoff=85.0)) == 1 or len(resolution.near) == 1:
        safety = Safety.UNSAFE
    else:
        return None
    edit = retarget(link, best, facts, label=label)
    return Fix(f"link to {quoted(best)}", (edit,), safety) if edit is not None else None


def _swapped(link: Wikilink, facts: Facts) -> Fix | None:
    raw = link.span.of(facts.text_of(link.span.path))
    if link.label is None or link.anchor is not None or link.in_front_matter:
        return None
    for bar in (r"\|", "|"):
        if raw == f"[[{link.target}{bar}{link.label}]]":
            edit = Edit(link.span, f"[[{link.label}{bar}{link.target}]]")
            return Fix("swap target and label", (edit,), Safety.UNSAFE)
    return None
