"""What registries and libraries say about works: one module for each service, all with the same kind of record."""
