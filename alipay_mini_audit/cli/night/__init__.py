"""A night at a terminal: what it is asked for, what it shows, how it is stopped."""
