# Every target does its own set-up: an interpreter, a virtual environment, the pinned install, then the job.
# make PYTHON=/path/to/python3.12 test     uses that interpreter instead of looking for one.

SHELL := /bin/sh
.DEFAULT_GOAL := help

OUT ?= out
SIZE ?= ci
PYTEST_ARGS ?=

# Usable: it runs, is 3.11 or later, and can make virtual environments.  (A pyenv shim may exist and not run.)
CANDIDATES = python3.13 python3.11 python3.12 python3.14 python3 python \
  $(wildcard $(HOME)/.pyenv/versions/3.13*/bin/python $(HOME)/.pyenv/versions/3.1[1-9]*/bin/python)
USABLE = import sys; assert sys.version_info >= (3, 11); import venv, ensurepip
ifndef PYTHON
PYTHON := $(shell for p in $(CANDIDATES); do \
    if "$$p" -c '$(USABLE)' >/dev/null 2>&1; then echo "$$p"; break; fi; done)
endif

VERSION := $(if $(PYTHON),$(shell "$(PYTHON)" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null))
VENV := .venv-$(VERSION)
BIN := $(VENV)/bin
# JAX 0.12 starts at Python 3.12; 3.11 keeps the last versions that support it.
CONSTRAINTS := constraints/$(if $(filter 3.11,$(VERSION)),py311,py313).txt

.PHONY: help run test test-all docs lint format typecheck bench bench-peers dist clean interpreter

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: $(VENV)/.ready ## the main job, some 20 minutes: verify the claims, climb four ladders, compare the constructions, write the report to out/
	$(BIN)/overparam verify --size $(SIZE) --no-report --out $(OUT)
	$(BIN)/overparam width --size $(SIZE) --data gaussian --n 9 --d 2 --labels gaussian --exact --no-report --out $(OUT)
	$(BIN)/overparam width --size $(SIZE) --data gaussian --n 40 --d 5 --labels gaussian --no-report --out $(OUT)
	$(BIN)/overparam width --size $(SIZE) --data breast_cancer --samples 60 --no-report --out $(OUT)
	$(BIN)/overparam width --size $(SIZE) --data digits --classes 0 1 --samples 60 --labels shuffled --no-report --out $(OUT)
	$(BIN)/overparam memorize --data gaussian --n 24 --d 3 --labels signs --construction all --no-report --out $(OUT)
	$(BIN)/overparam recheck $(OUT)
	$(BIN)/overparam report $(OUT)
	@echo "Open $(OUT)/report.html; figures, tables, refs.bib and certificates lie beside it."

# Two workers and one thread each: threads of linear algebra that wait for each other would take most of the time.
test test-all: export OPENBLAS_NUM_THREADS = 1
# Tests start many processes; where the environment forbids compiled files, each would compile this package again.
test test-all: export PYTHONDONTWRITEBYTECODE =

test: $(VENV)/.ready ## the tests, without the slow ones
	$(BIN)/python -m pytest -n 2 -m "not slow and not gpu" $(PYTEST_ARGS)

test-all: $(VENV)/.ready-docs ## all the tests that need no accelerator, the build of the site too
	$(BIN)/python -m pytest -n 2 -m "not gpu" $(PYTEST_ARGS)

# A warning is an error; every cell of the pages runs, in this environment, and nothing is kept from an earlier build.
docs: $(VENV)/.ready-docs ## the documentation as a site, in docs/_build
	rm -rf docs/_build docs/jupyter_execute
	$(BIN)/python -m sphinx -W --keep-going -q -j 2 -b html docs docs/_build
	@echo "Open docs/_build/index.html."

lint: $(VENV)/.ready-dev ## ruff: rules and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.ready-dev ## let ruff rewrite the files
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

typecheck: $(VENV)/.ready-dev ## pyright
	$(BIN)/pyright --pythonpath $(BIN)/python

bench: $(VENV)/.ready ## every benchmark, one after the other
	@set -e; for b in benchmarks/*/*.py; do case "$$b" in */_*) continue;; esac; \
	  echo "== $$b"; $(BIN)/python "$$b"; done

bench-peers: $(VENV)/.ready .venv-peers/.ready ## the kernels' benchmarks beside neural-tangents and an old JAX
	@set -e; for b in benchmarks/kernels/*.py; do case "$$b" in */_*) continue;; esac; \
	  echo "== $$b"; $(BIN)/python "$$b"; done

dist: $(VENV)/.ready ## the source archive and the wheel, in dist/
	$(BIN)/python -m hatchling build

clean: ## remove what the targets above made
	rm -rf out .venv-* build dist docs/_build docs/jupyter_execute .pytest_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

interpreter:
	@if [ -z "$(PYTHON)" ]; then \
	  echo "No usable Python found: overparam needs Python 3.11 or later, with venv and pip" >&2; \
	  echo "(on Debian and Ubuntu: apt install python3-venv).  Name one with: make PYTHON=/path/to/python3 ..." >&2; \
	  exit 1; fi
	@if ! "$(PYTHON)" -c '' 2>/dev/null; then echo "PYTHON=$(PYTHON) does not run." >&2; exit 1; fi
	@if ! "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
	  echo "PYTHON=$(PYTHON) is Python $(VERSION); overparam needs 3.11 or later." >&2; exit 1; fi
	@if ! "$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null; then \
	  echo "PYTHON=$(PYTHON) cannot make virtual environments: it lacks venv or ensurepip" >&2; \
	  echo "(on Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; fi

# The stamps are as new as what they were made from, so the set-up happens once.
$(VENV)/.ready: pyproject.toml $(CONSTRAINTS) | interpreter
	@echo "Setting up $(VENV) with $(PYTHON) and $(CONSTRAINTS)"
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint $(CONSTRAINTS) --editable ".[test,data]"
	@touch $@

# Python 3.11 or 3.12, which jax 0.4.28 asks for; neural-tangents without its dependencies, among them TensorFlow.
# Where this cannot be installed, the benchmarks run without it and say so.
PEERS_PYTHON ?= $(firstword $(foreach p,python3.11 python3.12 $(PYTHON),$(shell command -v $(p))))
.venv-peers/.ready:
	@if "$(PEERS_PYTHON)" -m venv .venv-peers \
	  && .venv-peers/bin/python -m pip install --quiet jax==0.4.28 jaxlib==0.4.28 "numpy<2" "scipy<1.13" \
	    frozendict typing_extensions \
	  && .venv-peers/bin/python -m pip install --quiet --no-deps neural-tangents==0.6.5; then touch $@; \
	else rm -rf .venv-peers; echo "neural-tangents cannot be installed here; its columns are skipped." >&2; fi

$(VENV)/.ready-dev: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --constraint $(CONSTRAINTS) --editable ".[dev]"
	@touch $@

$(VENV)/.ready-docs: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --constraint $(CONSTRAINTS) --editable ".[docs]"
	@touch $@
