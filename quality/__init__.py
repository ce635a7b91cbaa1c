"""The quality gate: Great Expectations suites from contracts, reconciliation, outcomes pass / fail / error."""
