"""One engine for every command: what is known about a wiki, what changed, and what follows."""
