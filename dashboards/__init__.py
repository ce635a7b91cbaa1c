"""Dashboards as code: assets, Superset's configuration, official exports. Imports nothing of ours."""
