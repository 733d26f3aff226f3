"""The contract of this repository, read once for the tests that need it where no fixture reaches.

That is what generates cases, lists parameters, or makes a server in a helper.
"""

from servicenow_contract.contract import contract

CONTRACT = contract.load()
FRAGMENT = CONTRACT.fragment
