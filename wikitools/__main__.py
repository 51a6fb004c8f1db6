"""Starts a run; answers `--version` before importing anything else."""

import gc
import os
import sys


def main() -> int:
    """Run the command line and return the exit code."""
    _import_nothing_from_here()
    # A command needs all its objects until it ends: searching them for cycles takes a sixth of a warm run.
    gc.set_threshold(*_SELDOM)
    if sys.argv[1:] == ["--version"]:
        from wikitools import __version__

        try:
            sys.stdout.write(f"wikitools {__version__}\n")
            sys.stdout.flush()
        except (AttributeError, OSError):
            # There is no standard output, or it cannot be written: the command line reports that.
            pass
        else:
            return 0
    try:
        code = _replayed(sys.argv[1:])
        if code is not None:
            return code
        from wikitools import interrupts

        interrupts.listen()
        # An interrupt during an import may become another error.
        with interrupts.Held():
            from wikitools.cli.app import run

        code = run(sys.argv[1:])
        interrupts.listen_no_more()
    except KeyboardInterrupt:
        # It came after the imports, or when everything was done.
        from wikitools import interrupts

        interrupts.end_now()
    # At its end Python searches all objects for cycles, although all of them are freed anyway.
    gc.freeze()
    return code


def _replayed(arguments: list[str]) -> int | None:
    """Print what the same run printed before, and return its exit code; `None` if it must take place."""
    from wikitools import replay

    record = replay.find(arguments)
    if record is None:
        return None
    try:
        replay.print_again(record)
    except OSError as error:
        from wikitools.cli.terminal import end_without_output

        return end_without_output(error, record.code)
    return record.code


_SELDOM = (10_000_000, 50, 50)
"""How often Python searches new objects for cycles; hardly ever old ones."""


def _import_nothing_from_here() -> None:
    """Keep modules in the current folder, maybe a stranger's wiki, from being imported instead of ours or Python's.

    `python -m` puts that folder first, and so does every Python process that is started for workers.
    """
    os.environ["PYTHONSAFEPATH"] = "1"
    ours = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    try:
        here = os.getcwd()
    except OSError:
        # The folder was deleted, so nothing can be imported from it.
        return
    if here != ours:
        sys.path[:] = [each for each in sys.path if each not in {"", here}]


if __name__ == "__main__":
    sys.exit(main())
