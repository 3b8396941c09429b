"""What `doctor` looks at, asks and prints."""
