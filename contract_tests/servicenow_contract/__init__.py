"""The contract kit: the fragment as data, a service that keeps it, a suite that judges by it."""
