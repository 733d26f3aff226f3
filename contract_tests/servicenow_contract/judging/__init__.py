"""What an answer owes, what several answers owe together, and the verdicts."""
