# The words that people, hooks and CI share. `make` alone lists them.
#
#   PYTHON   interpreter for the virtual environment (3.11 or newer)
#   VENV     where that environment lies
#   WORKERS  processes of `make test`
#   DATA     folder of own data for `make evidence`
#   ONLY     beginnings of the names of files in benchmarks/, for `make bench`

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done)
VENV ?= .venv
WORKERS ?= 2
DATA ?=
ONLY ?=

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
SOURCES := src tests benchmarks evidence docs/site
# Small networks and small matrices: a second thread only gets in the way of the second process.
export OMP_NUM_THREADS := 1

.PHONY: help install demo serve browser shots test check docs errors format bench evidence soak clean
.DEFAULT_GOAL := help

help:
	@echo "make demo      install, then run market/volatility on the packaged prices"
	@echo "make serve     the demo's bundle in service, with its dashboard"
	@echo "make test      install what tests need, and run them all"
	@echo "make browser   install Debian's Chromium, which the tests of the dashboard open (as root)"
	@echo "make shots     pictures of the dashboard's pages, light, dark and on a phone: build/shots"
	@echo "make check     format, lint, types, floors, docs"
	@echo "make docs      build the documentation site: build/site/index.html"
	@echo "make errors    write docs/errors.md, every error message with cause and cure, from the source"
	@echo "make format    put the format right"
	@echo "make soak      the long versions of the tests as well"
	@echo "make bench     measure start-up, training and serving [ONLY=service]; writes docs/performance.md"
	@echo "make evidence  the studies of evidence/ at full budget [DATA=DIR]; writes docs/evidence.md"
	@echo "make clean     remove the environment and the caches"

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; name one: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[train,data]'
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(PIP) -e '.[train,data,test]'
	@touch $@

$(VENV)/.installed-check: $(VENV)/.installed-test
	$(PIP) -e '.[train,data,test,check,docs]'
	@touch $@

install: $(VENV)/.installed

demo: $(VENV)/.installed
	$(BIN)/barograph run market/volatility --out runs/demo

runs/demo/bundle/manifest.json:
	$(MAKE) demo

serve: $(VENV)/.installed runs/demo/bundle/manifest.json
	$(BIN)/barograph serve runs/demo/bundle

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

browser:
	@command -v chromium >/dev/null || { apt-get -qq update && \
		apt-get -qq install -y --no-install-recommends chromium fonts-noto-cjk >/dev/null; }

shots: $(VENV)/.installed-test browser
	$(BIN)/python tests/dashboard_shots.py build/shots

check: $(VENV)/.installed-check
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec compose.yaml
	$(BIN)/python -m pytest -q tests/architecture/test_docs.py
	@$(MAKE) --no-print-directory docs

# The variable silences an advertisement of the theme's successor. With --quiet, --strict would count nothing.
errors: $(VENV)/.installed
	$(BIN)/python docs/site/errors.py

docs: $(VENV)/.installed-check
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

format: $(VENV)/.installed-check
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

soak: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --soak

bench: $(VENV)/.installed-test
	@set -e; files="$(if $(ONLY),$(foreach one,$(ONLY),$(wildcard benchmarks/$(one)*.py)),$(wildcard benchmarks/*.py))"; \
	test -n "$$files" || { echo "no benchmark begins with $(ONLY): see benchmarks/" >&2; exit 2; }; \
	for file in $$files; do echo "== $$file"; BENCH_PAGE=docs/performance.md $(BIN)/python $$file; done

evidence: $(VENV)/.installed
	$(BIN)/python evidence/write.py $(if $(DATA),--data "$(DATA)")

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
