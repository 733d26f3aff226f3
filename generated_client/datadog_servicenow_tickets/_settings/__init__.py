"""What a client is made with: keys, servers, options, times."""
