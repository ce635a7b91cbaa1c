"""Intake: contracts, readers, judging, quarantine and the ledger. Imports nothing else of ours."""

import os

# numpy starts a thread a core for linear algebra, which nothing here does: 0.1 CPU-s of waiting (2026-11)
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
