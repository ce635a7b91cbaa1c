"""`jgt feed …`: thin around what `ingest/authoring` drafts, lints and compares."""
