"""Public problem sets: what a row must hold, and how it becomes a problem. One module per set."""
