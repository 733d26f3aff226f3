"""No server is accused of using a freedom that the page leaves; `mutants` judges them all."""

from pathlib import Path

import pytest

from servicenow_contract.mutants import Death, catalogue
from servicenow_contract.mutants.freedoms import freedoms
from tests.contract import FRAGMENT
from upkeep.mutation import command, pool

SERVERS = freedoms(FRAGMENT)


def test_a_sample_is_not_accused(capsys: pytest.CaptureFixture[str]) -> None:
    """The command judges a sample of the conforming servers, accuses none, and exits 0."""
    options = ["--family", "freedoms", "--sample", "2", "-j", "1"]
    assert command.main(options) == 0
    assert "freedoms: 0 of 2 conforming servers accused" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("death", "status", "told"),
    [
        (Death("gives_no_reason", ("api-key-demanded",)), 1, "(by api-key-demanded)"),
        (Death("gives_no_reason", (), trouble=("no answer",)), 2, "[no answer]"),
        (Death("gives_no_reason", (), ("refusals-say-why",)), 0, ""),
    ],
    ids=["accused", "trouble", "a SHOULD fails"],
)
def test_an_accused_freedom_ends_the_command(
    death: Death,
    status: int,
    told: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A conforming server that fails a MUST is named with what accuses it, and the exit is 1."""
    monkeypatch.setattr(pool, "run", lambda *_, **__: iter([death]))
    assert command.main(["--family", "freedoms", "--only", death.mutant]) == status
    out = capsys.readouterr().out
    assert out.startswith(f"accused: {death.mutant}: ") == (status > 0)
    assert told in out


def test_the_matrix_is_of_mutants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kill matrix says nothing of servers that are not to be killed."""
    monkeypatch.setattr(pool, "run", lambda *_, **__: iter([Death("gives_no_reason", ())]))
    options = ["--family", "freedoms", "--only", "gives_no_reason", "--report", str(tmp_path / "r")]
    assert command.main(options) == 0
    assert '"families": []' in (tmp_path / "r" / "kill-matrix.json").read_text()


def test_freedoms_have_names_of_their_own() -> None:
    """No freedom is called like a mutant."""
    assert not SERVERS.keys() & set(catalogue(FRAGMENT))
