# Everything here works on a fresh machine with Python >= 3.11, git and make.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq

.PHONY: help install demo serve test test-fast check format bench docs lock clean

help: ## This list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  \033[1mmake %-10s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.runtime ## The virtual environment in .venv, with the commands `sandbox` and `connector`

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; name another with make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/.python
	@echo "installing into $(VENV) …"
	@$(PIP) install --require-hashes --no-deps --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "installing what the tests need …"
	@$(PIP) install --require-hashes --no-deps --requirement requirements-dev.lock
	@touch $@

demo: $(VENV)/.runtime ## Everything once, end to end: seed, serve, sync twice, detect, respond, report
	@$(BIN)/python scripts/demo.py

serve: $(VENV)/.runtime ## The sandbox on http://127.0.0.1:8000, API documentation at /docs
	@MALLOC_MMAP_THRESHOLD_=268435456 MALLOC_TRIM_THRESHOLD_=268435456 $(BIN)/sandbox serve

test: $(VENV)/.dev ## Every test; finds or installs PostgreSQL, Redis and Chromium
	@$(BIN)/python scripts/with_services.py $(BIN)/python -m pytest -n 2 tests

test-fast: $(VENV)/.dev ## The tests that open no socket
	@$(BIN)/python -m pytest -n 2 -m "not (sockets or postgres or redis or browser)" tests

check: $(VENV)/.dev ## Linters, types, import contracts, generated files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/codespell
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python scripts/generate_docs.py --check

format: $(VENV)/.dev ## Format and fix what can be fixed
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

bench: $(VENV)/.dev ## The benchmarks, as ratios within one run
	@$(BIN)/python -m bench

docs: $(VENV)/.dev ## Write the generated pages of docs/ again
	@$(BIN)/python scripts/generate_docs.py

lock: $(VENV)/.python ## Pin again every dependency, with hashes and without an index address
	@$(PIP) install uv
	@echo setuptools | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --extra postgres --extra redis pyproject.toml - --output-file requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --constraint requirements.lock --group dev --output-file requirements-dev.lock

clean: ## Remove what was made here
	@rm -rf $(VENV) build dist out demo .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage* ./*.egg-info
