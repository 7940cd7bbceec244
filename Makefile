# One entry for everything; each target does its own set-up, and only what is missing or older than its sources.
# `make help` lists the targets. Tools and binaries are cached outside the checkout, in $XDG_CACHE_HOME/assent.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/assent
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin

# The interpreter itself, not a virtual environment or a version manager's shim; empty when none is new enough.
PYTHON := $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.version_info >= (3, 11) or sys.exit(1); print(getattr(sys, "_base_executable", sys.executable))' \
	2>/dev/null && break; done)
UV_OWN := $(CACHE)/uv-$(UV_VERSION)/bin/uv
UV := $(or $(shell uv --version >/dev/null 2>&1 && command -v uv),$(UV_OWN))
export UV_PYTHON := $(PYTHON)
export UV_PYTHON_DOWNLOADS := never

OWN := activities api auth benchmarks connectors contracts learning local store workflows
PYTHON_READY := $(VENV)/.ready
NODE_READY := frontend/node_modules/.ready
APP := frontend/dist/index.html
APP_SOURCES := $(shell find frontend/src frontend/public frontend/index.html frontend/vite.config.ts frontend/tsconfig.json -type f 2>/dev/null)

.PHONY: help setup run test lint bench clean temporal

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-6s %s\n", $$1, $$2}' Makefile

# Our own modules too: Temporal loads `workflows` afresh for every run, and some machines forbid Python to write bytecode.
setup: $(PYTHON_READY) $(APP) temporal ## Install dependencies, build the app, get the Temporal binary
	@$(BIN)/python -m compileall -q *.py $(OWN)

run: setup ## Start the whole stack with its demo (ARGS="--json" passes options)
	@$(BIN)/assent up --demo $(ARGS)

test: $(PYTHON_READY) $(NODE_READY) temporal ## Run every gate, as CI does (GATES="types pytest" runs some)
	@$(BIN)/python -m tests.gates $(GATES)

lint: $(PYTHON_READY) $(NODE_READY) ## Check format, lint and types
	@$(BIN)/python -m tests.gates format lint types app-lint app-types

bench: setup ## Run all benchmarks and write docs/benchmarks.md
	@$(BIN)/python -m benchmarks

clean: ## Delete what set-up and tests made in the checkout (never data)
	rm -rf $(VENV) frontend/node_modules frontend/dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

temporal: $(PYTHON_READY)
	@$(BIN)/python -m local.temporal >/dev/null

$(PYTHON_READY): uv.lock pyproject.toml | $(if $(filter $(UV_OWN),$(UV)),$(UV_OWN))
	@test -n "$(PYTHON)" || { echo "Assent needs Python 3.11 or newer: install it (Debian: apt install python3)" >&2; exit 1; }
	@echo "Installing Python dependencies"
	@$(UV) sync --locked --compile-bytecode
	@touch $@

# pip may install into a folder of its own even where the system's Python is managed externally; venv is for systems without pip.
$(UV_OWN):
	@test -n "$(PYTHON)" || { echo "Assent needs Python 3.11 or newer: install it (Debian: apt install python3)" >&2; exit 1; }
	@echo "Installing uv $(UV_VERSION)"
	@rm -rf "$(CACHE)/uv-$(UV_VERSION)" && mkdir -p "$(CACHE)"
	@if $(PYTHON) -m pip --version >/dev/null 2>&1; then \
		$(PYTHON) -m pip install --quiet --disable-pip-version-check --target "$(CACHE)/uv-$(UV_VERSION)" uv==$(UV_VERSION); \
	elif $(PYTHON) -m venv "$(CACHE)/uv-$(UV_VERSION)" >/dev/null 2>&1; then \
		"$(CACHE)/uv-$(UV_VERSION)/bin/python" -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION); \
	else \
		echo "Neither uv nor pip is here: install one (Debian: apt install python3-pip)" >&2; exit 1; \
	fi

$(NODE_READY): frontend/package-lock.json
	@node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' 2>/dev/null \
		|| { echo "Assent needs Node 20.19 or newer with npm: install it (https://nodejs.org)" >&2; exit 1; }
	@echo "Installing Node dependencies"
	@cd frontend && npm ci --no-audit --no-fund
	@touch $@

$(APP): $(NODE_READY) $(APP_SOURCES)
	@echo "Building the app"
	@cd frontend && npm run --silent build
	@touch $@
