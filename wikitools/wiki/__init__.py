"""The pages of a wiki and the targets of their links."""
