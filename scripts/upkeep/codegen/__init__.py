"""From the fragment to the client's code, and from there to a pull request."""
