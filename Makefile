# Everything but `help` sets up .venv first; it is kept until pyproject.toml or constraints.txt changes.

.DEFAULT_GOAL := help

PYTHON ?= $(firstword $(foreach name,python3.13 python3.12 python3.11 python3,$(shell \
	$(name) -c 'import sys; assert sys.version_info >= (3, 11); print("$(name)")' 2>/dev/null)))
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
ARGS ?=

.PHONY: help run test lint types schema schema-current operations check soak bench profiles fmt console pins clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(READY) ## serve the graph on the sandbox; ARGS="--config FILE" for real stores
	@exec $(BIN)/python -m app serve $(ARGS)

test: lint types schema-current ## lint, types, schema and all tests: what CI runs
	$(BIN)/pytest $(ARGS)

lint: $(READY) ## ruff, format, Dockerfile
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/hadolint Dockerfile

types: $(READY) ## mypy, strict
	$(BIN)/mypy

schema: $(READY) ## print schema.graphql anew
	$(BIN)/python -m app schema > $(VENV)/schema.graphql
	mv $(VENV)/schema.graphql schema.graphql

schema-current: $(READY) ## is schema.graphql what the code says?
	$(BIN)/python -m app schema > $(VENV)/schema.graphql
	diff -u schema.graphql $(VENV)/schema.graphql

operations: $(READY) ## write the README's table of the providers' operations anew
	$(BIN)/python -m tests.coverage.table

check: $(READY) ## validate a configuration and probe its sources; ARGS="--config FILE"
	@$(BIN)/python -m app check $(ARGS)

soak: $(READY) ## move money 10,000 times while everything fails; ARGS="--journal postgresql --replicas 2"
	$(BIN)/python -m benchmarks.soak $(ARGS)

bench: $(READY) ## what a query costs, beside yoga, Hive, Tailcall and plain Strawberry; ARGS="--quick"
	$(BIN)/python -m benchmarks.gateways $(ARGS)

profiles: $(READY) ## where the time of the two main queries goes; may need root
	$(BIN)/python -m benchmarks.gateways.profiles

fmt: $(READY) ## format, and mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

console: ## build the playground from app/console/source; needs Node.js
	cd app/console/source && npm ci && npm run build

pins: ## resolve constraints.txt anew; needs uv
	uv pip compile --universal --all-extras --python-version 3.11 --upgrade --quiet \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		pyproject.toml -o constraints.txt

clean: ## forget .venv and what tools have kept
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist *.egg-info

$(READY): pyproject.toml constraints.txt .ci/setup
	@PYTHON='$(PYTHON)' .ci/setup $(VENV)
	@touch $@
