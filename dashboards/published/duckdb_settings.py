"""How every reader opens the published warehouse: one mapping, for `jgt sql`, exports and Superset alike.

Plain values and no imports, so that both environments can read it. `read_only` alone protects nothing outside the
file: a read-only connection still writes with COPY TO and reads /etc/passwd with read_csv (duckdb 1.5.6, 2026-11).
All connections of one process to one file must use the same settings.
"""

from __future__ import annotations

from typing import Final

# Given at connect, in this order: the lock comes last.
DUCKDB_SETTINGS: Final[dict[str, str]] = {
    "enable_external_access": "false",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",  # pragma: allowlist secret
    "python_enable_replacements": "false",
    "temp_directory": "",  # otherwise COPY TO works inside it
    "memory_limit": "2GB",
    "threads": "2",
    "lock_configuration": "true",
}

# What the settings leave open: functions that show paths, run hidden SQL, change the instance for everybody, or take
# memory without regard to memory_limit.
DENIED_FUNCTIONS: Final[frozenset[str]] = frozenset(
    {
        # show where files lie, or how the instance is set up
        "current_setting",
        "database_list",
        "database_size",
        "duckdb_databases",
        "duckdb_external_file_cache",
        "duckdb_extensions",
        "duckdb_log_contexts",
        "duckdb_logs",
        "duckdb_logs_parsed",
        "duckdb_secrets",
        "duckdb_settings",
        "duckdb_temporary_files",
        "duckdb_variables",
        "extension_versions",
        "getenv",
        "getvariable",
        "pg_settings",
        "pragma_database_list",
        "pragma_database_size",
        "pragma_platform",
        "pragma_user_agent",
        "which_secret",
        # read files
        "glob",
        "parquet_bloom_probe",
        "parquet_file_metadata",
        "parquet_full_metadata",
        "parquet_kv_metadata",
        "parquet_metadata",
        "parquet_scan",
        "parquet_schema",
        "read_blob",
        "read_csv",
        "read_csv_auto",
        "read_duckdb",
        "read_json",
        "read_json_auto",
        "read_json_objects",
        "read_json_objects_auto",
        "read_ndjson",
        "read_ndjson_auto",
        "read_ndjson_objects",
        "read_parquet",
        "read_text",
        "sniff_csv",
        # run SQL or objects that the statement does not show
        "arrow_scan",
        "arrow_scan_dumb",
        "json_execute_serialized_sql",
        "pandas_scan",
        "python_map_function",
        "query",
        "query_table",
        "seq_scan",
        # change the instance that all readers of a process share
        "add_parquet_key",
        "checkpoint",
        "disable_logging",
        "enable_logging",
        "enable_profile",
        "enable_profiling",
        "force_checkpoint",
        "import_database",
        "nextval",
        "truncate_duckdb_logs",
        "write_log",
        # take memory whatever memory_limit says: len(range(80000000)) took 8.8 GB under a limit of 200 MB (2026-11)
        "array_resize",
        "bitstring",
        "format",
        "generate_series",
        "list_resize",
        "lpad",
        "printf",
        "range",
        "repeat",
        "repeat_row",
        "rpad",
        "test_all_types",
        "test_vector_types",
    }
)
