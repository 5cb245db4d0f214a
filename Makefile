# Needs Python 3.11 or newer and make. Everything else is installed into .venv.
# `make test ARGS="-k stop"` hands words on to pytest, `make lock ARGS=--upgrade` to the resolver.

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
PIP_FLAGS := --quiet --disable-pip-version-check --no-compile

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run setup test check format lock migrate tour transcripts train measure bench soak clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup ## start Handrail with a simulated phone (PORT=8001 make run: elsewhere)
	@$(BIN)/python -m service.cli.first_run
	@HANDRAIL_PORT=$$($(BIN)/python -c 'from service.config import Settings; print(Settings().port)') \
	PATH="$(CURDIR)/$(BIN):$$PATH" PYTHONUNBUFFERED=1 \
	exec $(BIN)/python -m honcho --env /dev/null --procfile Procfile.dev start

setup: .venv/.runtime ## install what `make run` needs, without starting anything

test: .venv/.dev ## run every test: SQLite, PostgreSQL, browser
	@$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

check: .venv/.dev ## format, lint, types, import contracts, tests: what CI runs
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	@$(MAKE) --no-print-directory test

format: .venv/.dev ## lay out the code and mend what can be mended
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

lock: .venv/.dev ## pin requirements*.in into requirements*.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --custom-compile-command 'make lock' $(ARGS) requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	  --custom-compile-command 'make lock' $(ARGS) requirements-dev.in -o requirements-dev.txt

migrate: setup ## bring the database of the settings up to date
	@$(BIN)/python -m alembic upgrade head

tour: setup ## live the fortnight of docs/tour.md again and write it down
	@$(BIN)/flask simulate tour > docs/tour.md.new
	@mv docs/tour.md.new docs/tour.md

transcripts: setup ## have the conversations of docs/transcripts.md again and write them down
	@$(BIN)/flask simulate transcripts > docs/transcripts.md.new
	@mv docs/transcripts.md.new docs/transcripts.md

train: .venv/.dev ## make the learned table of the router anew from its corpus (a minute)
	@OMP_NUM_THREADS=1 $(BIN)/python -m service.routing.training $(ARGS)

measure: .venv/.dev ## how well texts are understood -> docs/routing-figures.md
	@OMP_NUM_THREADS=1 $(BIN)/python -m service.routing.measure $(ARGS)

bench: .venv/.bench ## what it costs, against peers and limits -> docs/bench.md (ten minutes or more)
	@$(BIN)/python -m tests.bench --write $(ARGS)

soak: .venv/.dev ## a chaos run with a ledger that must balance (SOAK_MINUTES=3) -> docs/soak.md
	@$(BIN)/python -m tests.soak --write $(ARGS)

clean: ## remove .venv and caches; the database in var/ and .env stay
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build
	find service jobs alembic tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps: each is made anew when its requirements file is newer.

.venv/.runtime: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'Handrail needs Python 3.11 or newer. If it has another name: make PYTHON=python3.12 ...' >&2; \
	  exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv || { \
	  rm -rf .venv; \
	  echo 'No virtual environment could be made. On Debian and Ubuntu: apt install python3-venv' >&2; \
	  exit 1; }
	@echo 'Installing into .venv (half a minute or so) ...'
	@if command -v uv >/dev/null 2>&1; then \
	  uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.txt; \
	else \
	  $(BIN)/python -m pip install $(PIP_FLAGS) --require-hashes -r requirements.txt; \
	fi
	@touch $@

# Apart from the service's packages: Celery asks for another dateutil than Handrail does.
.venv/.bench: tests/bench/requirements.txt .venv/.dev
	@echo 'Installing the designs that the bench compares with ...'
	@rm -rf .venv/bench-peers
	@$(BIN)/python -m pip install $(PIP_FLAGS) --target .venv/bench-peers -r tests/bench/requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.runtime
	@echo 'Installing what checks and tests need (half a minute or so) ...'
	@if command -v uv >/dev/null 2>&1; then \
	  uv pip install --quiet --python $(BIN)/python -r requirements-dev.txt; \
	else \
	  $(BIN)/python -m pip install $(PIP_FLAGS) -r requirements-dev.txt; \
	fi
	@touch $@
