"""Contracts rendered for dbt, dbt called, tables carried over from the last published build."""
