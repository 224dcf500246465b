# DonorCRM: two commands matter, `make run` and `make test`.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PY := .venv/bin/python
# with the extras: an older pip takes a newer release for a name[extra] it sees no pin of
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-strip-extras --no-emit-index-url --no-header
PIP_FLAGS := --quiet --require-hashes --only-binary=:all:

# what is also tested on the oldest PostgreSQL of this machine; without one it is left out
OLDEST := $(addprefix tests/integration/, db/test_server.py imports/test_service.py \
  imports/test_ambiguous_donors.py imports/test_query_plans.py imports/donors \
  insights/test_service.py \
  donors/test_service.py pledges/test_service.py alerts/test_service.py)

# what reads the code instead of running it
HOUSE_RULES := tests/rules/test_house_rules.py tests/rules/test_import_contracts.py tests/module_tests
# what starts servers of its own instead of running app in the process of the tests
ELSEWHERE := tests/browser tests/deploy

# the checks start dozens of processes, each of which reads what the first has compiled
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run demo test check rules coverage lock image bench screenshots parts clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: .venv/.runtime ## Start everything on http://127.0.0.1:8501
	@exec $(PY) -m app run

demo: .venv/.runtime ## Start everything with the demonstration, which has a database of its own
	@exec $(PY) -m app demo

test: .venv/.development check ## Run every check and every test
	@$(PY) -m pytest tests/unit -n logical --cov --cov-report=term
	@$(PY) -m pytest -n auto --dist loadgroup --durations 20 --ignore tests/unit \
	  $(addprefix --ignore , $(HOUSE_RULES))
	@TESTS_SERVER=oldest $(PY) -m pytest -n 2 $(OLDEST)

check: .venv/.development ## Lint, format, types, import contracts and house rules
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports --no-cache
	@$(MAKE) --no-print-directory rules

rules: .venv/.development ## The house rules alone: size, scope, imports, each module's tests
	@$(PY) -m pytest -n logical $(HOUSE_RULES)

coverage: .venv/.development ## Measure the coverage of all of app and jobs, and each module's tests
	@$(PY) -m pytest -n auto --dist loadgroup $(addprefix --ignore , $(HOUSE_RULES) $(ELSEWHERE)) \
	  --cov --cov-config tests/coverage.toml --cov-context test --cov-report term
	@$(PY) -m tests.module_tests.coverage

image: .venv/.development ## Build the image as root and test its services (Debian, 15 minutes)
	@IMAGE_TESTS=1 $(PY) -m pytest tests/deploy/image

bench: .venv/.development ## Measure every claim in benchmarks/
	@$(PY) -m app bench

screenshots: .venv/.development ## Take the README's pictures again
	@$(PY) -m tests.browser.screenshots

parts: .venv/.development ## List every package with its hashes and licence in parts/
	@$(PY) -m deploy.inventory parts

lock: ## Pin every package with its hashes (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv; nothing was changed." >&2; exit 1; }
	@$(LOCK) requirements.in -o requirements.txt
	@$(LOCK) requirements-s3.in -c requirements.txt -o requirements-s3.txt
	@$(LOCK) requirements-dev.in -c requirements.txt -o requirements-dev.txt

clean: ## Remove the environment and the caches; the data in var/ stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@found=""; \
	for name in python3.13 python3.12 python3.11 python3 python; do \
	  if command -v $$name >/dev/null && \
	     $$name -c 'import sys; raise SystemExit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; \
	  then found=$$name; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "DonorCRM needs Python 3.11, 3.12 or 3.13. Install one and run make again." >&2; exit 1; \
	fi; \
	echo "Making the environment with $$found ..."; \
	if command -v uv >/dev/null; then uv venv --quiet --allow-existing --python $$found .venv; \
	else $$found -m venv .venv || { \
	  echo "Python's venv module is missing. On Debian: apt-get install python3-venv" >&2; exit 1; }; fi

.venv/.runtime: requirements.txt | .venv/bin/python
	@$(call install,requirements.txt)
	@touch $@

.venv/.development: requirements-dev.txt | .venv/bin/python
	@$(call install,requirements-dev.txt)
	@touch $@ .venv/.runtime

define install
echo "Installing $(1) ..."; \
if command -v uv >/dev/null; then \
  uv pip install --python $(PY) $(PIP_FLAGS) --compile-bytecode -r $(1); \
else \
  $(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip >/dev/null 2>&1; \
  $(PY) -m pip install --disable-pip-version-check $(PIP_FLAGS) -r $(1); \
fi || { echo "The packages could not be installed. Check the network and run make again." >&2; exit 1; }; \
echo "Compressing the files that browsers load ..."; $(PY) -m app.static_files
endef
