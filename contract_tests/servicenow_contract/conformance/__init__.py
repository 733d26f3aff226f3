"""The tests that judge a target. They see the target and the fragment, never what is inside."""
