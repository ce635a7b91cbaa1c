"""What every reader of the published file shares: its settings, dbt's manifest, metrics as SQL, the guard of statements."""
