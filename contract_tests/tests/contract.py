"""The contract of this run for the tests that need it where no fixture reaches.

That is what generates cases, lists parameters, or makes a server in a helper. `conftest.py` puts
it here before any test is imported.
"""

from servicenow_contract.contract.contract import Contract
from servicenow_contract.contract.fragment import Fragment

CONTRACT: Contract
FRAGMENT: Fragment
