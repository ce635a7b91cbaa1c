# `make demo` and `make test` are the two commands; the rest is for those who build on it.
PYTHON ?= python3
SCALE ?= 0.01
PORT ?= 8088
DAGSTER_PORT ?= 3070
# test processes side by side; each wants about 1.5 GB at most
TESTS_AT_ONCE ?= 2
# searched for secrets: what is written by hand; tests start servers with logins of their own
NO_SECRETS_IN ?= ':!:tests' ':!:dbt_project' ':!:*.png' ':!:*.csv' ':!:dashboards/assets'
.DEFAULT_GOAL := help
.PHONY: help setup demo test check lint format docs bench clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: ## the two environments: .venv (warehouse) and .venv-bi (Superset)
	@$(PYTHON) orchestration/dev/environments.py warehouse bi

demo: setup ## the demo city, from files to dashboards (SCALE=0.01 PORT=8088)
	@.venv/bin/jgt demo --scale $(SCALE) --port $(PORT) --dagster-port $(DAGSTER_PORT)

test: ## every test; those that need a browser skip where there is none
	@$(PYTHON) orchestration/dev/environments.py tests bi
	@.venv/bin/pytest --numprocesses=$(TESTS_AT_ONCE)

check: lint ## before each commit: lint and the unit tests
	@.venv/bin/pytest --numprocesses=$(TESTS_AT_ONCE) tests/unit

lint: ## ruff, mypy, sqlfmt, yamllint, portable SQL, Markdown, conflict markers, large files, secrets
	@$(PYTHON) orchestration/dev/environments.py tests
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/sqlfmt --check --no-progressbar dbt_project
	.venv/bin/yamllint --strict ingest dbt_project dashboards
	.venv/bin/python -m orchestration.dev.portable_sql
	.venv/bin/python -m orchestration.dev.markdown_checks
	@git ls-files -z | xargs -0 .venv/bin/check-merge-conflict --assume-in-merge
	@git ls-files -z | xargs -0 .venv/bin/check-added-large-files --enforce-all --maxkb=512
	@git ls-files -z | xargs -0 .venv/bin/detect-private-key
	@git ls-files -z $(NO_SECRETS_IN) | xargs -0 .venv/bin/detect-secrets-hook --no-verify \
	  --disable-plugin Base64HighEntropyString --disable-plugin HexHighEntropyString

format: ## let ruff and sqlfmt write the format
	@$(PYTHON) orchestration/dev/environments.py tests
	.venv/bin/ruff check --fix . ; .venv/bin/ruff format . ; .venv/bin/sqlfmt --no-progressbar dbt_project

docs: ## the data dictionary (dbt docs) for what is published
	@$(PYTHON) orchestration/dev/environments.py warehouse
	@.venv/bin/jgt docs

bench: ## CPU-seconds, wall and peak memory of each stage
	@$(PYTHON) orchestration/dev/environments.py warehouse
	@.venv/bin/python -m orchestration.dev.bench --scale $(SCALE)

clean: ## remove what was built (environments and caches); the state under var/ stays
	rm -rf .venv .venv-bi dbt_project/target dbt_project/logs .pytest_cache .mypy_cache .ruff_cache *.egg-info
