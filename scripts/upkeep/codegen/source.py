"""The fragment as its maintainer edits it, held against all of OpenAPI 3.1."""

from pathlib import Path

from openapi_spec_validator import OpenAPIV31SpecValidator

from servicenow_contract.contract import documents
from servicenow_contract.contract.documents import Document, pointer
from servicenow_contract.contract.fragment import Fragment


def read(path: Path) -> Fragment:
    """Read and check the contract's file. Raises ContractError."""
    document = documents.read(path)
    return _checked(Fragment.of(document), document)


def read_older(path: Path) -> Fragment:
    """Read a fragment that need not have the shape that the kit relies on today.

    Raises ContractError.
    """
    document = documents.read(path)
    return _checked(Fragment.of_any_shape(document), document)


def _checked(fragment: Fragment, document: Document) -> Fragment:
    """Raise ContractError for the first thing that OpenAPI 3.1 does not allow."""
    for error in OpenAPIV31SpecValidator(dict(fragment.document)).iter_errors():
        leaf = error
        while leaf.context:
            leaf = max(leaf.context, key=lambda each: len(each.absolute_path))
        said = leaf.message.partition("\n")[0][:300]
        raise document.error(pointer(*leaf.absolute_path), f"not OpenAPI 3.1: {said}")
    return fragment
