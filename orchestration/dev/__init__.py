"""Environments, benchmarks, portable SQL: what the Makefile calls."""
