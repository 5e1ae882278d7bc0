# Everything runs in .venv, which these targets make, and renew when the requirements change.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo serve test check mutants browser clean

VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
QUIET := $(shell test -t 2 || echo --quiet)
TESTS ?= tests
WORKERS ?= logical
CHROMIUM := /usr/bin/chromium

# The development set holds the demo set, so an environment that has it needs nothing more.
DEMO_READY := $(if $(wildcard $(VENV)/.dev),$(VENV)/.dev,$(VENV)/.demo)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo serve: export KUPONG_DATA ?= $(CURDIR)/.kupong

demo: $(DEMO_READY) ## load a year of real baskets, replay it, then serve (data in .kupong or KUPONG_DATA)
	@exec $(BIN)/kupong demo

serve: $(DEMO_READY) ## serve pages, API and worker on an embedded database, or on DATABASE_URL
	@exec $(BIN)/kupong serve

test: browser check ## install what the tests need, then run the whole gate

check: $(VENV)/.dev ## run the gate: format, lint, types, rooms, templates, dependencies, tests
	@echo '== Format (ruff)'
	@$(BIN)/ruff format --check --quiet .
	@echo '== Lint (ruff)'
	@$(BIN)/ruff check --quiet .
	@echo '== Types (mypy)'
	@$(BIN)/mypy
	@echo '== Rooms and their direction (import-linter)'
	@$(BIN)/lint-imports
	@echo '== Templates (djlint)'
	@$(BIN)/djlint src --lint --quiet --allow-empty-input
	@echo '== Dependencies (deptry)'
	@$(BIN)/deptry src
	@echo '== Tests (pytest)'
	@$(BIN)/pytest -n $(WORKERS) --maxprocesses 4 --dist loadfile $(TESTS) # a file's tests share what they start

MUTANTS ?= kupong.pricing.*
PROCESSES ?= 2

mutants: $(VENV)/.dev ## change the pricing engine in small ways and see which changes no test notices (slow)
	@DATABASE_URL=postgresql:///none $(BIN)/mutmut run --max-children $(PROCESSES) '$(MUTANTS)' # no test of pricing asks a database
	@$(BIN)/mutmut results

clean: ## remove the environment and all caches; data stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist site mutants
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The browser tests drive Debian's Chromium: no Python package ships a browser.
browser:
	@if test -x $(CHROMIUM); then :; \
	elif test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
		echo '== Installing Chromium for the browser tests'; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	else \
		echo "The browser tests need $(CHROMIUM): run 'sudo apt-get install chromium', then make test again." >&2; exit 1; \
	fi

$(VENV)/.demo $(VENV)/.dev: $(VENV)/.%: requirements/%.txt pyproject.toml | $(VENV)/.made
	@echo '== Installing the $* requirements into $(VENV) (once; a minute or two)'
ifneq ($(UV),)
	@$(UV) pip sync $(QUIET) --python $(BIN)/python --require-hashes $<
	@$(UV) pip install $(QUIET) --python $(BIN)/python --no-deps --no-build-isolation --editable .
else
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	@$(BIN)/python -m pip install $(QUIET) --disable-pip-version-check --require-hashes --requirement $<
	@$(BIN)/python -m pip install $(QUIET) --disable-pip-version-check --no-deps --no-build-isolation --editable .
endif
	@touch $@

# The first Python on the path that is new enough and, where uv is not there to do it, can make an environment.
$(VENV)/.made:
	@for python in python3.11 python3.12 python3.13 python3.14 python3 python; do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		if test -n '$(UV)'; then $(UV) venv --quiet --clear --python "$$(command -v $$python)" $(VENV); \
		else $$python -c 'import ensurepip' 2>/dev/null && $$python -m venv --clear $(VENV); fi || continue; \
		touch $@; exit 0; \
	done; \
	echo 'Kupong needs Python 3.11 or newer with its venv module (Debian: apt-get install python3 python3-venv), or uv.' >&2; exit 1
