"""Where a run begins: `--version` is answered before anything else is imported."""

import sys


def main() -> int:
    """Run the command line and return the exit code."""
    if sys.argv[1:] == ["--version"]:
        from wikitools import __version__

        sys.stdout.write(f"wikitools {__version__}\n")
        return 0
    from wikitools.cli.app import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
