"""What the platform knows of versions, and the rules by which they move."""
