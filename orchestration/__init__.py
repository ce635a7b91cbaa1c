"""Puts the rooms together: Dagster definitions, publishing, the `jgt` command."""
