"""Pulling a feed from a department's database or interface into the landing, where it is taken in like any file."""
