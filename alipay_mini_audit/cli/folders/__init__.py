"""Submission folders: written, checked, repaired."""
