"""One engine for every command: what is known of a wiki, what changed, and what follows."""
