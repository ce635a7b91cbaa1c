"""Readers: a file of one format becomes a table of text with physical row numbers. Pure functions of path and contract."""
