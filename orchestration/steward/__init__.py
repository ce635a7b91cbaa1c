"""Quarantine, matching queue and backfill for people."""
