"""Clients that are wrong on purpose, and the tests that have to notice."""
