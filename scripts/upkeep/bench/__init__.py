"""The command `bench`: measures the product beside its alternatives in one run."""
