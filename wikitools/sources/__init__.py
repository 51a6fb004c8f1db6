"""Bibliographies: works, their authors and identifiers, and how files say them."""
