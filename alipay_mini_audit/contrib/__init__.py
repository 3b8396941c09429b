"""Integrations with web frameworks: one a module, each needs what it is called after."""
