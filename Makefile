# Every target does its own set-up: a Python of at least 3.11, node, npm and make are all it takes.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

# Somebody else's Python settings would change what is checked and measured here.
unexport PYTHONHOME PYTHONPATH VIRTUAL_ENV

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
PANEL := labextension
PANEL_MODULES := $(PANEL)/node_modules/.package-lock.json
PANEL_SOURCES := $(wildcard $(PANEL)/*.json $(PANEL)/*.py) \
	$(shell find $(PANEL)/src $(PANEL)/style $(PANEL)/schema -type f 2>/dev/null)
# What an editable install copies instead of pointing to it.
COPIED := $(wildcard provisioner/headstart/kernels/spec/*) \
	provisioner/headstart/server/jupyter-config/headstart.json
INSTALLED := $(VENV)/.installed

.PHONY: help setup demo lab test check check-python check-panel bench fidelity faults
.PHONY: chromium fault-tools

help:  ## say what there is to make
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## /  make \1 \t/' | expand -t 16

setup: $(INSTALLED)  ## install Headstart and everything that it is developed with into .venv

demo: $(INSTALLED)  ## run the example notebooks headless, and say what each asked for and got
	@$(BIN)/python examples/demo.py

lab: $(INSTALLED)  ## open the example notebooks in JupyterLab
	@$(BIN)/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) examples/notebooks

check: check-python check-panel  ## formatting, lint, types, direction of imports; -j2 for both sides

check-python: $(INSTALLED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check-panel: $(PANEL_MODULES)
	cd $(PANEL) && npm run --silent check

# Tests wait for kernels and servers half of the time, so a worker for each processor gains more
# than it disturbs; more than a few would only build the same environments more often.
WORKERS ?= logical

test: $(INSTALLED) $(PANEL_MODULES) chromium fault-tools  ## all tests: the panel's, then the rest
	cd $(PANEL) && npm run --silent test
	$(BIN)/pytest --numprocesses=$(WORKERS) --maxprocesses=4 --dist=worksteal

bench: $(INSTALLED)  ## compare with plain kernels, bare uv and other tools; SHORT=1, WRITE=1
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m tests.benchmarks \
		$(if $(SHORT),--short) $(if $(WRITE),--write) $(if $(ROUNDS),--rounds $(ROUNDS)) $(ROWS)

# What else takes all Pythons of the machine, and more packages, here.
WITH_ALL := tests/cli/verbs/test_run.py::test_run_takes_the_pythons_of_this_machine_that_kernels_run_on \
	tests/environments/selftest/test_selftest.py::test_what_is_known_of_real_packages_holds

fidelity: $(INSTALLED)  ## compare with plain ipykernel, cell by cell, in the most used packages
	FIDELITY=all $(BIN)/pytest --durations=10 tests/fidelity $(WITH_ALL)

# What else draws what it tries, and draws more here.
AT_RANDOM := tests/headstart_kernel/waiting/test_any_order.py tests/core/test_corpus.py \
	tests/core/notebook/test_hostile.py tests/core/header/test_edited_mutants.py

faults: $(INSTALLED) fault-tools  ## kill, cut, fill and damage on purpose; LONG=1 for a night of it
	FAULTS=$(if $(LONG),long,bounded) $(BIN)/pytest --durations=10 tests/faults $(AT_RANDOM)

# A Python without ensurepip is Debian's without python3-venv, which root can mend; one that does
# not run is a pyenv shim without a version.
define find_python
look() { \
	for python in "$(PYTHON)" python3 python3.13 python3.12 python3.11 /usr/bin/python3; do \
		"$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
			2>/dev/null && { echo "$$python"; return; }; \
	done; return 1; \
}; \
look && exit; \
if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	{ apt-get update -qq && apt-get install -qq --no-install-recommends python3-venv; } >&2; \
	look && exit; \
fi; \
echo "No Python of at least 3.11 that can make a virtual environment was found." >&2; \
echo "Install one (on Debian: apt install python3-venv), or name it: make PYTHON=/path/to/python3" >&2; \
exit 1
endef

$(BIN)/uv:
	@python="$$($(find_python))"; set -x; \
	"$$python" -m venv --clear $(VENV); \
	$(BIN)/python -m pip install --quiet uv

# Bytecode at once, or the first start of every program here compiles it, or all do if
# PYTHONDONTWRITEBYTECODE is set. Headstart is named, or uv sees an unchanged pyproject.toml and
# leaves the copied files as they were.
$(INSTALLED): pyproject.toml $(COPIED) $(PANEL_SOURCES) $(PANEL_MODULES) | $(BIN)/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode \
		--group dev --reinstall-package headstart --editable .
	@touch $@

$(PANEL_MODULES): $(PANEL)/package-lock.json
	@command -v npm >/dev/null || { \
		echo "npm was not found. Install node 20 with npm (on Debian: apt install npm)." >&2; exit 1; }
	cd $(PANEL) && npm ci --silent --no-audit --no-fund
	@touch $@

# For the browser tests. Without it they are skipped on a laptop, and fail where CI is set.
chromium:
	@command -v chromium chromium-browser google-chrome >/dev/null && exit; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		set -x; apt-get update -qq; \
		DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends chromium; \
	else \
		echo "Chromium was not found: the browser tests need it (on Debian: apt install chromium)." >&2; \
	fi

# What lets system calls fail, and makes the disks whose power is cut; without them, or without root,
# those tests are skipped.
fault-tools:
	@command -v strace >/dev/null && command -v mkfs.ext4 >/dev/null && \
		command -v mkfs.xfs >/dev/null && exit; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		set -x; apt-get update -qq; \
		DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends \
			strace e2fsprogs xfsprogs; \
	else \
		echo "strace and mkfs.xfs were not found: some tests need them" \
			"(on Debian: apt install strace xfsprogs)." >&2; \
	fi
