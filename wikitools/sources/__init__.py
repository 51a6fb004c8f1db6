"""Bibliographies: works, their authors and identifiers, and the file formats that describe them."""
