"""The world behind the demo city: its records as SQL scripts, run in the order of their numbers."""
