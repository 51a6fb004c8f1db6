"""The command line: one file per command, progress, exit codes."""
