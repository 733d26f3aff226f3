"""Carries what changed on a saved page through the tree: fragment, sources, version, changelog."""
