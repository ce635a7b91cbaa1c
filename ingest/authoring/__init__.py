"""A contract drafted, linted, edited, and its next version."""
