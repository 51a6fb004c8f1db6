"""One file of a wiki, read with exact offsets."""
