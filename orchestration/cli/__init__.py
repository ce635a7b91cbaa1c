"""The `jgt` command, a module a group."""
