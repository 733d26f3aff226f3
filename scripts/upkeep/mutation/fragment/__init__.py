"""Fragments that are wrong on purpose, and who has to notice."""
