"""The command `./scripts/propose`: the rendered tree that a branch lacks, as a pull request to it.

For CI. It takes the branch that is checked out, `gh` with its token in GH_TOKEN, and leaves the
checkout on the branch that it proposes.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from upkeep.codegen import rendering
from upkeep.command import Command, CommandError, ran
from upkeep.paths import FRAGMENT, ROOT, TARGET
from upkeep.release.git import Commit, Repository
from upkeep.release.version import NoBaseError, default_base, version_of

PREFIX = "regenerate/"
"""The start of the names of the branches that are proposed."""
TITLE = "The rendered tree follows the fragment"
_AUTHOR = ("-c", "user.name=regenerate", "-c", "user.email=regenerate@localhost")
# The token goes from gh to git, and into no argument and no file.
_LOGIN = ("-c", "credential.helper=", "-c", "credential.helper=!gh auth git-credential")
_CHECK = "check.yml"
_CHECKED = (
    "GitHub starts no workflow for what GITHUB_TOKEN pushes or opens, so `check` was started for "
    "this branch by hand of the workflow. Where its result is missing, close and reopen this."
)


class ProposalError(CommandError):
    """Nothing could be proposed. The message says why."""


def main(argv: Sequence[str] | None = None) -> int:
    """Propose what regenerate gives. Returns 2 when it cannot be."""
    command = Command(
        "propose",
        "Render the models that a branch lacks, and open a pull request with them.",
        {0: "proposed, or nothing to propose", 2: "it could not be"},
    )
    which = "the one that is checked out and takes the pull request"
    command.add_argument("--branch", required=True, help=which)
    command.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    return command.run(_propose, argv)


def _propose(options: argparse.Namespace) -> int:
    print(propose(options.root, options.branch))
    return 0


def propose(root: Path, branch: str) -> str:
    """Render, commit, push and open the pull request; gives one sentence of what was done.

    Raises CommandError.
    """
    if branch.startswith(PREFIX):
        raise ProposalError(f"{branch} is itself a proposal; propose to the branch it was made for")
    git = Repository(root).git
    git("check-ref-format", "--branch", branch)
    Commit.of(root)
    fragment = root / FRAGMENT.relative_to(ROOT)
    target = root / TARGET.relative_to(ROOT)
    rendering.replace(fragment, target)
    if not git("status", "--porcelain", "--", str(target)):
        return f"{branch} holds what its fragment gives; there is nothing to propose"
    body = _compared(root, _base(root, str(target)))
    head = PREFIX + branch
    git("switch", "--quiet", "--force-create", head)
    git("add", "--all", str(target))
    git(*_AUTHOR, "commit", "--quiet", f"--message={TITLE}")
    git(*_LOGIN, "push", "--quiet", "--force", "origin", f"HEAD:refs/heads/{head}")
    said = _opened(root, branch, head, body)
    _gh(root, "workflow", "run", _CHECK, f"--ref={head}")
    return said


def _base(root: Path, target: str) -> str:
    """What binds the version; before a release, the last commit that changed the rendered tree."""
    repository = Repository(root)
    try:
        return default_base(repository, version_of(root)).removeprefix("refs/tags/")
    except NoBaseError:
        return repository.git("log", "-1", "--format=%H", "--", target).strip()


def _compared(root: Path, base: str) -> str:
    """What compare says. Its own trouble, such as an unusable base, is part of the proposal."""
    done = ran(root / "scripts" / "compare", base, "--markdown")
    told = done.stdout if done.returncode in {0, 1} else f"No comparison: {done.stderr}"
    return (
        f"{_CHECKED}\n\n"
        "The fragment or the generator's settings changed without the rendered tree. "
        f"This is what `./scripts/regenerate` gives, compared with `{base}`:\n\n{told}"
    )


def _opened(root: Path, branch: str, head: str, body: str) -> str:
    with tempfile.NamedTemporaryFile("w", suffix=".md", encoding="utf-8") as file:
        file.write(body)
        file.flush()
        which = (f"--head={head}", f"--base={branch}")
        number = _gh(root, "pr", "list", *which, "--state=open", "--json=number", "--jq=.[].number")
        if number:
            _gh(root, "pr", "edit", number, f"--body-file={file.name}")
            return f"pull request {number} to {branch} was renewed"
        made = _gh(root, "pr", "create", *which, f"--title={TITLE}", f"--body-file={file.name}")
    return f"proposed to {branch}: {made}"


def _gh(root: Path, *arguments: str) -> str:
    done = ran("gh", *arguments, cwd=root)
    if done.returncode:
        told = done.stderr.strip() or f"exit status {done.returncode}"
        raise ProposalError(f"gh {' '.join(arguments[:2])}: {told}")
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
