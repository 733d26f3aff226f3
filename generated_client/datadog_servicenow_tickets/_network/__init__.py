"""How requests go out and answers come in: the only part that knows the HTTP library."""
