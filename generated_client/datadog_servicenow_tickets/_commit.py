"""The commit that this package was built from: `git archive` writes it in, nothing else does."""

COMMIT = "$Format:%H$"
