"""What is judged, and how it is reached: by which client, with which keys, how carefully."""
