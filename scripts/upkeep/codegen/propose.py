"""The command `./scripts/propose`: what a branch lacks, as a pull request to it.

That is the rendered tree of its fragment, or with a page all that `adopt` makes of that. For CI. It
takes the branch that is checked out, `gh` with its token in GH_TOKEN, and leaves the checkout on
the branch that it proposes.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from upkeep.codegen import rendering
from upkeep.command import Command, CommandError, ran
from upkeep.paths import FRAGMENT, ROOT, TARGET
from upkeep.release.git import Repository
from upkeep.release.version import NoBaseError, default_base, version_of

PREFIX = "regenerate/"
"""The start of the names of the branches that are proposed."""
TITLE = "The rendered tree follows the fragment"
ADOPTED = "The contract follows its page"
_AUTHOR = ("-c", "user.name=regenerate", "-c", "user.email=regenerate@localhost")
# The token goes from gh to git, and into no argument and no file.
_LOGIN = ("-c", "credential.helper=", "-c", "credential.helper=!gh auth git-credential")
_CHECK = "check.yml"
_LAGS = (
    "The fragment or the generator's settings changed without the rendered tree. "
    "This is what `./scripts/regenerate` gives.\n\n"
)
_CHECKED = (
    "GitHub starts no workflow for what GITHUB_TOKEN pushes or opens, so this workflow started "
    "`check` for the branch. If its result is missing, close and reopen this pull request."
)


class ProposalError(CommandError):
    """Nothing could be proposed. The message says why."""


def main(argv: Sequence[str] | None = None) -> int:
    """Propose what regenerate gives. Returns 2 when it cannot be."""
    command = Command(
        "propose",
        "Render the models of a branch again, or adopt a page, and open a pull request with what "
        "changes.",
        {0: "proposed, or nothing to propose", 2: "nothing could be proposed"},
    )
    which = "the branch that is checked out, and that the pull request is for"
    command.add_argument("--branch", required=True, help=which)
    which = "adopt this saved page; it stays where it is, and goes into no commit"
    command.add_argument("--page", type=Path, help=which)
    command.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    return command.run(_propose, argv)


def _propose(options: argparse.Namespace) -> int:
    print(propose(options.root, options.branch, options.page))
    return 0


def propose(root: Path, branch: str, page: Path | None = None) -> str:
    """Render or adopt, commit, push and open the pull request; gives one sentence of what was done.

    Raises CommandError.
    """
    if branch.startswith(PREFIX):
        raise ProposalError(f"{branch} is itself a proposal; propose to the branch it was made for")
    git = Repository(root).git
    git("check-ref-format", "--branch", branch)
    Repository(root).refuse_changes(but=page)
    target = root / TARGET.relative_to(ROOT)
    if page:
        title, told = ADOPTED, _adopted(root, page)
    else:
        title, told = TITLE, _LAGS
        rendering.replace(root / FRAGMENT.relative_to(ROOT), target)
    # What git knows, and what is new among what is rendered: never the page.
    git("add", "--update")
    git("add", "--all", str(target))
    if not git("diff", "--cached", "--name-only"):
        return f"{branch} is up to date with {page or 'its fragment'}; there is nothing to propose"
    body = f"{_CHECKED}\n\n{told}{_compared(root, _base(root, str(target)))}"
    head = PREFIX + branch
    git("switch", "--quiet", "--force-create", head)
    git(*_AUTHOR, "commit", "--quiet", f"--message={title}")
    git(*_LOGIN, "push", "--quiet", "--force", "origin", f"HEAD:refs/heads/{head}")
    said = _opened(root, (branch, head), title, body)
    _gh(root, "workflow", "run", _CHECK, f"--ref={head}")
    return said


def _adopted(root: Path, page: Path) -> str:
    """What adopt says that it did, and what is left to a person. Raises ProposalError."""
    done = ran(root / "scripts" / "adopt", page.resolve())
    if done.returncode not in {0, 1}:
        raise ProposalError(" ".join(done.stderr.split()) or f"adopt: {done.returncode}")
    return f"The page changed. This is what `./scripts/adopt` says:\n\n````\n{done.stdout}````\n\n"


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
    return f"Compared with `{base}`:\n\n{told}"


def _opened(root: Path, branches: tuple[str, str], title: str, body: str) -> str:
    branch, head = branches
    with tempfile.NamedTemporaryFile("w", suffix=".md", encoding="utf-8") as file:
        file.write(body)
        file.flush()
        which = (f"--head={head}", f"--base={branch}")
        number = _gh(root, "pr", "list", *which, "--state=open", "--json=number", "--jq=.[].number")
        if number:
            _gh(root, "pr", "edit", number, f"--body-file={file.name}")
            return f"pull request {number} to {branch} was updated"
        made = _gh(root, "pr", "create", *which, f"--title={title}", f"--body-file={file.name}")
    return f"proposed to {branch}: {made}"


def _gh(root: Path, *arguments: str) -> str:
    done = ran("gh", *arguments, cwd=root)
    if done.returncode:
        told = done.stderr.strip() or f"exit status {done.returncode}"
        raise ProposalError(f"gh {' '.join(arguments[:2])}: {told}")
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
