"""Intake: contracts, readers, judging, quarantine and the ledger. Imports nothing else of ours."""
