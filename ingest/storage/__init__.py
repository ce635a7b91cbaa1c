"""What is kept and accounted for: landing, archive, lake, quarantine, ledger."""
