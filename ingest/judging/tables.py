"""The judge's temporary tables that several modules share; each prints as its name, so that SQL text can name it.

`storage/quarantine.py` declares that of the refused rows (`REFUSED_ROW`), which it writes out.
"""

from __future__ import annotations

from ingest.base.sql import TemporaryTable

# where a record stands: number of its file in the group, of its part in the file, of the record in the part
PLACE_COLUMNS = {"_file": "bigint", "_part": "bigint", "_ord": "bigint"}
# records that say nothing new
DUPLICATE_ROW = TemporaryTable("duplicate_row", PLACE_COLUMNS)
# records that the judge let pass, typed; after these columns come the contract's, by its names
JUDGED_ACCEPTED = TemporaryTable(
    "judged_accepted", {**PLACE_COLUMNS, "_row": "bigint", "_sheet": "varchar", "_row_hash": "ubigint"}
)
# the same and those of the fast lane: a view with the same columns
ACCEPTED = TemporaryTable("accepted", JUDGED_ACCEPTED.columns)
