"""What `apply`, `cancel` and `detail` have in common: one call, watched, and told of truthfully."""
