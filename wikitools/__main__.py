"""Where a run begins: `--version` is answered before anything else is imported."""

import sys


def main() -> int:
    """Run the command line and return the exit code."""
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
    return code


if __name__ == "__main__":
    sys.exit(main())
