"""What commands that make a call have in common: one call, watched, and told of truthfully."""
