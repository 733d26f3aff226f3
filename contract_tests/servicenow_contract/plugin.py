"""The pytest plugin that the installed kit brings."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers", "requirement(id): the requirement of requirements.yaml that this test judges"
    )
