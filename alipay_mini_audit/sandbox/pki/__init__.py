"""Keys and certificates of a sandbox."""
