"""The command `mutants`: servers, fragments and clients that are wrong on purpose."""
