# Lockstep. `make demo` to see it, `make test` to check it; README.md has the rest.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
BIN := .venv/bin
SEEDS ?= 200
TESTS ?= tests

.PHONY: demo test lint format bench simulate services stop clean

demo: .venv/installed  ## the whole product on its own servers and sandbox providers; CHECK=1 runs the main job once
	$(BIN)/python manage.py demo $(if $(CHECK),--check)

test: .venv/installed  ## all tests; TESTS=tests/config for some, ARGS="-x" for pytest
	$(BIN)/python -m pytest $(TESTS) $(ARGS)

lint: .venv/installed  ## format, lint, types, floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/installed  ## speed, as ratios against hand-written minima in the same run
	$(BIN)/python manage.py bench $(ARGS)

simulate: .venv/installed  ## edits, faults and crashes from SEEDS seeds, then the laws are checked
	$(BIN)/python manage.py simulate --seeds $(SEEDS) --report docs/simulation-report.md

services: .venv/installed  ## starts the embedded PostgreSQL and Valkey and prints their addresses
	$(BIN)/python -m config.services start

stop:  ## stops the embedded PostgreSQL and Valkey; the data stay
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m config.services stop; fi

clean: stop  ## removes the virtualenv, the embedded servers' data and all caches
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/installed: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Lockstep needs Python 3.11 or later: install it, or run make PYTHON=/path/to/python3"; exit 1; }
	test -x $(BIN)/python || "$(PYTHON)" -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@
