"""A night at a terminal: `batch run`, what it shows, and its processes."""
