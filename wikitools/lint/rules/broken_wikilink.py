"""The rule broken-wikilink."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.dead import dead_wikilink
from wikitools.lint.rule import Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.lint.rule import Finding
    from wikitools.wiki.page import Wikilink


@rule(group="links", severity=Severity.ERROR, since="0.1.0", passes_plain_links=True, told_once=5)
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
    # Embeds are the business of broken-embed and missing-image.
    finding = None if link.embed else dead_wikilink(link, facts)
    if finding is not None:
        yield finding
