"""Paths -> definitions: modules, imports, scopes, impls and members of all files."""
