"""`wikitools completions`: prints the script with which a shell completes commands and options."""

# Typer reads the annotations when the program runs, so they are not postponed here.

from typing import Annotated, Literal

import typer

from wikitools.cli.terminal import write


def completions(
    shell: Annotated[Literal["bash", "zsh", "fish", "powershell"], typer.Argument(metavar="SHELL", help="The shell.")],
) -> None:
    """Print the script with which your shell completes commands and options.

    Save it where your shell reads such scripts. For bash:
    wikitools completions bash > ~/.local/share/bash-completion/completions/wikitools
    """
    from typer._completion_shared import get_completion_script

    script = get_completion_script(prog_name="wikitools", complete_var="_WIKITOOLS_COMPLETE", shell=shell)
    write(script.strip() + "\n", exact=True)
