"""What registries and libraries say of works: one module a service, each giving the same kind of record."""
