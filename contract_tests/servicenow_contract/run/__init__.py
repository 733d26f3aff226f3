"""The command `conformance`: options, settings, the scene of the tests, the run itself."""
