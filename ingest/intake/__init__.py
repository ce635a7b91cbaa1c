"""New files in, one commit a group."""
