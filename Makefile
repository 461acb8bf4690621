# Everything a developer does here. `make` alone lists it.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The first Python that is 3.11 or newer; `make PYTHON=/path/to/python3` chooses another.
PYTHON ?= $(shell for name in python3.11 python3 python3.13 python3.12 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$name; break; }; done)

VENV := .venv
BIN := $(VENV)/bin
PACKAGES := $(wildcard core bot ussd sms web gateway sandbox tests bench)
RUNTIME := $(VENV)/.installed
TESTING := $(VENV)/.installed-for-tests
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: help run test test-peers check bench format draw docs lock clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUNTIME) ## start everything on this machine, until Ctrl-C (PORT=8000)
	@exec $(BIN)/python -m gateway run

test: $(TESTING) ## run the tests, on servers of their own
	@$(BIN)/python -m pytest -n auto --dist worksteal -m "not peers" $(ARGS)

test-peers: $(TESTING) ## test against software by others: Kannel, Chromium, Node packages
	@tests/peers/install.sh
	@$(BIN)/python -m pytest -m peers $(ARGS)

check: $(TESTING) ## lint, formatting, types, and who may import whom
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy --strict $(PACKAGES)
	@$(BIN)/lint-imports

bench: $(TESTING) ## measure, and print the figures
	@$(BIN)/python -m bench $(ARGS)

format: $(TESTING) ## put the code into shape
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

draw: $(RUNTIME) ## print every dialogue as a graph (Mermaid)
	@$(BIN)/python -m gateway draw

docs: $(RUNTIME) ## write the pages that are made from the code
	@$(BIN)/python -m gateway doctor --settings-doc
	@$(BIN)/python -m gateway check-text --cost-doc

lock: $(TESTING) ## choose versions anew from requirements*.in
	@$(BIN)/uv --version >/dev/null 2>&1 || $(PIP) install --quiet uv
	$(BIN)/uv pip compile --generate-hashes --no-header --no-annotate -q --upgrade \
		requirements.in -o requirements.txt
	$(BIN)/uv pip compile --generate-hashes --no-header --no-annotate -q --upgrade \
		requirements-test.in -o requirements-test.txt

clean: ## remove the environment and the caches, not the data in var/
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Making an environment in $(VENV) with $(PYTHON) …"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python's venv module did not work; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

$(RUNTIME): requirements.txt | $(BIN)/python
	@echo "Installing what the gateway runs on …"
	@$(PIP) install -qq --require-hashes -r requirements.txt
	@touch $@

$(TESTING): requirements-test.txt $(RUNTIME)
	@echo "Installing what the tests need …"
	@$(PIP) install -qq --require-hashes -r requirements-test.txt
	@touch $@
