"""Where the repository keeps things."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
FRAGMENT = ROOT / "openapi" / "servicenow_tickets.yaml"
CLIENT = ROOT / "generated_client"
CODEGEN = CLIENT / "codegen"
TARGET = CLIENT / "datadog_servicenow_tickets" / "_generated"
"""Where the fragment is rendered to."""
KIT = ROOT / "contract_tests" / "servicenow_contract"
TESTS = ROOT / "contract_tests" / "tests"
GAP = "TODO: say in your own words what the page says of this."
"""Stands in the fragment where adopt found no words; release-check refuses it."""
LOCK = ROOT / "scripts" / "requirements.lock"
KIT_NAMES = ROOT / "scripts" / "kit.names"
"""What of the lock the commands need that only judge and serve."""
DIST = ROOT / "dist"
"""Where wheels are built to, and published from."""
SCRIPTS = ROOT / "scripts"
