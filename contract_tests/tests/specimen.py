"""A contract that no page changes, for the tests that name members of what a tool works on."""

from pathlib import Path

from servicenow_contract.contract.fragment import Fragment

FILE = Path(__file__).with_suffix(".yaml")
FRAGMENT = Fragment.read(FILE)
PAGE_SHA256 = "d34d4671fdd68cdb244ad9dc5dd06aeecfae563e0ce12695b6fae1b1d69f0867"
"""The digest of the saved page that says the same; the page itself is not ours to keep here."""
