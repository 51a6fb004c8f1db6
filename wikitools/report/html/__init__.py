"""The report on one HTML page: a list of work, best work first."""
