"""The rule broken-wikilink."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.dead_links import dead_wikilink
from wikitools.lint.rule import Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.lint.rule import Finding
    from wikitools.markdown.page import Wikilink


@rule(group="links", severity=Severity.ERROR, since="0.1.0", passes_plain_links=True, told_once=5)
def broken_wikilink(link: Wikilink, facts: Facts) -> Iterator[Finding]:
    """A wikilink points to a page that does not exist.

    The reader clicks and gets nowhere, or onto an empty new page. Usually the page was renamed or moved, somebody typed
    the name from memory, or the link uses an alias or title although the engine looks for file names. The message says
    which. Placeholders such as `[[...]]` and `[[<slug>]]` are not reported.

    ```wiki
    -- index.md --
    Ask [[Alan Turng]] about it.
        ^^^^^^^^^^^^^^ no page is named "Alan Turng"; did you mean "Alan Turing"?
    -- Alan Turing.md --
    He knew.
    -- index.md, fixed unsafely --
    Ask [[Alan Turing]] about it.
    ```

    `--fix` makes only repairs that are certain. An alias is certain if the link spells it exactly and it has at least
    two words, or if the link's label names the page; the label then keeps the alias. A single word or an acronym may
    have many meanings, and `latent-knowledge` is the name of a file. Nothing is certain in a line, in a list or under a
    heading that mentions missing pages. Spaces and dashes are corrected:

    ```wiki
    -- index.md --
    Of [[Latent Knowledge]] or [[ELK]]:
       ^^^^^^^^^^^^^^^^^^^^ no page is named "Latent Knowledge"; it is an alias of "Eliciting latent knowledge", but links here do not follow aliases
                               ^^^^^^^ no page is named "ELK"; it is an alias of "Eliciting latent knowledge", but links here do not follow aliases
    [[ELK|eliciting latent knowledge]], [[inner-alignment|this]].
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ no page is named "ELK"; it is an alias of "Eliciting latent knowledge", but links here do not follow aliases
                                        ^^^^^^^^^^^^^^^^^^^^^^^^ no page is named "inner-alignment"; did you mean "Inner alignment"?
    -- Eliciting latent knowledge.md --
    ---
    aliases: [ELK, Latent Knowledge]
    ---
    What does it know?
    -- Inner alignment.md --
    Yes.
    -- index.md, fixed --
    Of [[Eliciting latent knowledge|Latent Knowledge]] or [[ELK]]:
    [[Eliciting latent knowledge|eliciting latent knowledge]], [[Inner alignment|this]].
    ```

    In a table, the fix escapes the `|` before the new label; otherwise it would end the cell:

    ```wiki
    -- index.md --
    | page                 | about   |
    | -------------------- | ------- |
    | [[Latent Knowledge]] | honesty |
      ^^^^^^^^^^^^^^^^^^^^ no page is named "Latent Knowledge"; it is an alias of "Eliciting latent knowledge", but links here do not follow aliases
    -- Eliciting latent knowledge.md --
    ---
    aliases: Latent Knowledge
    ---
    -- index.md, fixed --
    | page                 | about   |
    | -------------------- | ------- |
    | [[Eliciting latent knowledge\\|Latent Knowledge]] | honesty |
    ```

    A page in another folder is certain only if the folder in the link does not exist. If it exists, the link may name a
    page that nobody has written yet. No fix makes a page link to itself:

    ```wiki
    -- theories/tides.md --
    In depth, when written: [[essays/tides]]
                            ^^^^^^^^^^^^^^^^ no page is named "essays/tides"
    and [[essays/waves]].
        ^^^^^^^^^^^^^^^^ there is no "essays/waves"; did you mean "theories/waves"?
    See [[theory/waves]].
        ^^^^^^^^^^^^^^^^ there is no "theory/waves"; did you mean "theories/waves"?
    -- theories/waves.md --
    -- essays/moon.md --
    -- theories/tides.md, fixed --
    In depth, when written: [[essays/tides]]
    and [[essays/waves]].
    See [[theories/waves]].
    ```

    Links that work, and text that is not a link:

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
    # broken-embed and missing-image check embeds.
    finding = None if link.embed else dead_wikilink(link, facts)
    if finding is not None:
        yield finding
