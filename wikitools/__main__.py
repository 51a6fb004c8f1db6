"""Starts a run; answers `--version` before importing anything else."""

import gc
import os
import sys


def main() -> int:
    """Run the command line and return the exit code."""
    _import_nothing_from_here()
    # What a command builds it needs until it ends: looking through all of it for cycles takes a sixth of a warm run.
    gc.set_threshold(*_SELDOM)
    if sys.argv[1:] == ["--version"]:
        from wikitools import __version__

        try:
            sys.stdout.write(f"wikitools {__version__}\n")
            sys.stdout.flush()
        except (AttributeError, OSError):
            # No standard output, or one that takes nothing: the command line knows what to say of that.
            pass
        else:
            return 0
    try:
        from wikitools import interrupts

        interrupts.listen()
        # An interrupt in the middle of an import may come out of it as another error.
        with interrupts.Held():
            from wikitools.cli.app import run

        code = run(sys.argv[1:])
        interrupts.listen_no_more()
    except KeyboardInterrupt:
        # It came after the imports, or when all was done.
        from wikitools import interrupts

        interrupts.end_now()
    # Python looks for cycles in all that is left when it ends, though all of it goes anyway.
    gc.freeze()
    return code


_SELDOM = (100_000, 50, 50)
"""How often Python looks for cycles, in new things; nearly never in old ones."""


def _import_nothing_from_here() -> None:
    """Keep modules that lie in the current folder, a stranger's wiki, from being taken for ours or Python's.

    `python -m` puts that folder first, and so does every Python that is started for workers.
    """
    os.environ["PYTHONSAFEPATH"] = "1"
    ours = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    try:
        here = os.getcwd()
    except OSError:
        # It was deleted: nothing can be imported from there.
        return
    if here != ours:
        sys.path[:] = [each for each in sys.path if each not in {"", here}]


if __name__ == "__main__":
    sys.exit(main())
