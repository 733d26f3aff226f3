"""A run as lines and files: for a terminal, as JSON, as JUnit's XML and as a page."""
