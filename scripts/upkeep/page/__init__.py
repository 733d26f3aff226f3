"""A saved page of the documentation as data."""
