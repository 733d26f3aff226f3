"""How requests go out and answers come in: the only part that uses the HTTP library."""
