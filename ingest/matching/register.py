"""The register as the matcher sees it: who has which code, and every name and address an entity ever had."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from ingest.base.home import Home
from ingest.base.sql import path_list
from ingest.feeds.loading import subject_map
from ingest.feeds.model import Feed
from ingest.matching.mentions import REGISTER_SUBJECT
from ingest.storage.lake import folder

_COLUMNS = ("entity_id", "uscc", "registration_no", "name", "address", "district_code", "status")


def load_register(connection: duckdb.DuckDBPyConnection, home: Home, feeds: Mapping[str, Feed]) -> None:
    """Read the register's feeds into two tables.

    `entity`: one row an entity, latest version: codes, name, is_active, updated_at, spelling count. The organization
    code is characters 9 to 17 of the unified code (GB 32100). `registered`: one row an entity and spelling of name and
    address, former ones too (is_current tells them apart).
    """
    parts = []
    for feed in feeds.values():
        if feed.subject != REGISTER_SUBJECT:
            continue
        files = sorted(folder(home, feed.department, feed.name).glob("*.parquet"))
        if not files:
            continue
        columns = subject_map(feed)
        selected = [f"{columns[c]} as {c}" if c in columns else f"cast(null as varchar) as {c}" for c in _COLUMNS]
        version = feed.version_column or "_received_on"
        parts.append(
            f"select {', '.join(selected)}, cast({version} as timestamp) as version_at, _batch_seq, _row "
            f"from read_parquet({path_list(files)}, union_by_name = true)"
        )
    if not parts:
        empty = ", ".join(f"cast(null as varchar) as {c}" for c in _COLUMNS)
        parts = [f"select {empty}, cast(null as timestamp) as version_at, 0 as _batch_seq, 0 as _row where false"]
    # the latest version as dbt's macro latest_version has it
    connection.execute(f"""
        create table register_version as
        select
            *,
            row_number() over (
                partition by entity_id
                order by version_at desc nulls last, _batch_seq desc nulls last, _row desc nulls last
            ) = 1 as is_current
        from ({" union all ".join(parts)})
    """)
    connection.execute("""
        create table entity as
        select
            entity_id, uscc, registration_no, substr(uscc, 9, 9) as organization_code, name,
            status = 'active' as is_active, version_at as updated_at
        from register_version
        where is_current
    """)
    connection.execute("""
        create table registered as
        select
            v.entity_id, v.name, v.address, v.district_code, max(v.is_current) as is_current,
            any_value(e.uscc) as uscc, any_value(e.registration_no) as registration_no,
            any_value(e.organization_code) as organization_code, any_value(e.is_active) as is_active
        from register_version as v join entity as e on e.entity_id = v.entity_id
        group by v.entity_id, v.name, v.address, v.district_code
    """)


def code_holders(connection: duckdb.DuckDBPyConnection) -> None:
    """`holder`: one row a unified code, the entity that records with it mean: active first, then latest, as in dbt."""
    connection.execute("""
        create table holder as
        select uscc, entity_id, is_active
        from (
            select
                *,
                row_number() over (
                    partition by uscc
                    order by is_active desc nulls last, updated_at desc nulls last, entity_id asc nulls last
                ) as preference
            from entity
            where uscc is not null
        )
        where preference = 1
    """)
