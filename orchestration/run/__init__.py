"""The Dagster job and `jgt run`."""
