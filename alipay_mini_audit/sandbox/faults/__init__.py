"""What can go wrong on purpose, and how it does."""
