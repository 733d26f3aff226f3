"""`python -m datadog_servicenow_tickets`: the command `attach-findings`."""

import sys

from ._command import main

if __name__ == "__main__":
    sys.exit(main())
