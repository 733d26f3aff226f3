"""The version: its one home, from which both packages take theirs when they are built."""

__version__ = "1.0.0"
