"""The version of this package; a test holds it equal to pyproject.toml and CHANGELOG.md."""

__version__ = "1.0.0"
