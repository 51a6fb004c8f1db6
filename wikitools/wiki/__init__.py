"""Pages, and where their links lead."""
