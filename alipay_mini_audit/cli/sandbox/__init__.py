"""The command `sandbox`: serving, and the lines that it writes of each request."""
