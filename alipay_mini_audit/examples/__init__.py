"""Programs to copy. They use nothing but public names."""
