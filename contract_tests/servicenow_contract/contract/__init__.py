"""The contract as data: the fragment, its requirements and deviations, the world, addresses."""
