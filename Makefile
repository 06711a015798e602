# byocgen itself. `make` lists the targets; `make demo` and `make test` are all that a fresh machine needs.

PYTHON  ?= python3
VENV    := .venv/bin
BYOCGEN := $(VENV)/byocgen
DERIVE  := PYTHONPATH=generator:. $(VENV)/python -m
UV      := $(shell sed -n 's/^  "uv==\(.*\)",$$/\1/p' pyproject.toml)
TORCH   := $(shell sed -n 's/^TORCH = "\(.*\)"$$/\1/p' generator/derive/lock_sources.py)
EXAMPLES := $(patsubst examples/%/byocgen.yaml,%,$(wildcard examples/*/byocgen.yaml))
DEMO    := my-model
PORT    ?= 8080
# Processes that run the tests: one more than there are cores, since many tests wait for a program of their own.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

# One cache at the top: ruff would put another beside the settings inside scaffolds/, and the wheel would ship it.
export RUFF_CACHE_DIR := $(CURDIR)/.ruff_cache

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test lint format checkov bench derived derived-check released examples docs clean

help:
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

demo: .venv/.ready ## generate my-model, train its sample, serve it, invoke it, print the prediction
	@[ -f $(DEMO)/byocgen.lock ] || $(BYOCGEN) new $(DEMO) --framework sklearn \
	  --set "model.python=\"$$($(VENV)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')\""
	@$(MAKE) --no-print-directory -C $(DEMO) setup model PYTHON=$(CURDIR)/$(VENV)/python
	@cd $(DEMO) && { SM_MODEL_DIR=model SAGEMAKER_BIND_TO_PORT=$(PORT) .venv/bin/python -m serving serve > server.log 2>&1 & } && \
	  server=$$! && trap 'kill $$server 2>/dev/null; wait $$server' EXIT && \
	  { curl --silent --output /dev/null --fail --retry 60 --retry-delay 1 --retry-all-errors http://127.0.0.1:$(PORT)/ping || \
	    { cat server.log >&2; exit 2; }; } && \
	  { kill -0 $$server 2>/dev/null || { cat server.log >&2; exit 2; }; } && \
	  echo "a request:" && cat payload.json && echo "its prediction:" && $(MAKE) --no-print-directory invoke PORT=$(PORT)

test: .venv/.ready ## run every test; those that need terraform or docker are skipped where there is none
	$(VENV)/python -m pytest --numprocesses $(WORKERS) --dist loadscope --no-loadscope-reorder --durations 25

lint: .venv/.ready ## style, types, and that everything derived is up to date
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	for example in $(EXAMPLES); do (cd examples/$$example && $(CURDIR)/$(VENV)/ruff check . && $(CURDIR)/$(VENV)/ruff format --check . && \
	  $(CURDIR)/$(VENV)/mypy --cache-dir $(CURDIR)/.mypy_cache/examples) || exit 1; done
	$(MAKE) --no-print-directory derived-check

# BENCH='--part forest --rounds 3' measures less. It wants wrk, and nginx and java for two of the peers; what is missing is left out.
bench: .venv/.ready ## the generated server beside its peers, in one run; prints ratios (an hour)
	$(VENV)/uv pip install --quiet --python $(VENV)/python --group bench
	$(VENV)/python -m benchmarks $(BENCH)

format: .venv/.ready ## put the code into its form
	$(VENV)/ruff check --fix .
	$(VENV)/ruff format .

# What is yours in a project is never written again, so all but the manifest goes first: what git has, and what it has not yet.
examples: .venv/.ready ## write examples/ again from their manifests, by byocgen sync
	for one in $(EXAMPLES:%=examples/%); do \
	  (cd $$one && git ls-files -z --cached --others --exclude-standard | grep -zvx byocgen.yaml | xargs -0 rm -f) && $(BYOCGEN) sync -C $$one || exit 1; done

docs: .venv/.ready ## write docs/manifest.md and docs/diagnostics.md again from the code
	$(DERIVE) derive.docs

checkov: .checkov/.ready ## install checkov, which judges the Terraform, into an environment of its own

derived: .venv/.ready examples docs ## write everything that is derived: catalogue, examples, docs
	for name in regions provider instances drivers offerings prices measured estimators frameworks locks; do $(DERIVE) derive.$$name || exit 1; done

released: .venv/.ready ## at a release: record the Terraform addresses, variables and outputs that later ones must keep
	$(DERIVE) derive.released

# Not here: the provider's list needs terraform (a test of tests/catalog compares it), the frameworks' wheels the registry (minutes).
derived-check: .venv/.ready ## fail where something derived is not what its source says
	for name in regions instances drivers offerings prices measured estimators locks docs released; do $(DERIVE) derive.$$name --check || exit 1; done
	for one in $(EXAMPLES:%=examples/%); do $(BYOCGEN) check -C $$one || exit 1; done

clean: ## remove what the targets above made
	rm -rf .venv .checkov $(DEMO) .mypy_cache .pytest_cache .ruff_cache .benchmarks

# Its module hcl2 is another one than python-hcl2's.
.checkov/.ready: | .venv/.ready
	$(VENV)/uv venv --quiet --python $(VENV)/python .checkov
	$(VENV)/uv pip install --quiet --python .checkov/bin/python checkov==3.3.30
	@touch $@

.venv/.ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "byocgen needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(VENV)/python -m pip install --quiet --disable-pip-version-check uv==$(UV)
	@# The build of PyTorch for CPUs, from PyTorch's own index or from wherever pip's settings have it.
	$(VENV)/python -m pip install --quiet --disable-pip-version-check --retries 1 --only-binary :all: \
	  --extra-index-url https://download.pytorch.org/whl/cpu torch==$(TORCH)
	$(VENV)/uv pip install --quiet --python $(VENV)/python --editable . --group dev
	@touch $@
