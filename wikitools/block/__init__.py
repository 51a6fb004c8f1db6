"""The "Sources cited" block: find it, own it, render it."""
