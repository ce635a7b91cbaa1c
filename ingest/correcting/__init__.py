"""The way back: workbooks returned to departments, redrive, backfill."""
