"""The language server: what an editor shows and does while somebody writes. Only this package knows pygls."""
