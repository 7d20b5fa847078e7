.DEFAULT_GOAL := help
.PHONY: help setup demo quick test dynoxide engines fuzz client city day races matrix check types style openapi runbook screenshots bench package pins

BIN := .venv/bin
PY := $(BIN)/python
READY := .venv/.ready
OPENAPI := docs/openapi.json
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
PYTEST := $(PY) -m pytest --maxprocesses 4 --dist worksteal
# A worker a core where tests compute; one more where some of them wait for processes of their own.
A_WORKER_A_CORE := -n auto
ONE_WORKER_MORE := -n $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
# `make test ORDER=random` shuffles, and prints the seed of the order; `ORDER=7` repeats the order of that seed.
IN_ORDER := $(if $(ORDER),-p pytest_randomly $(if $(filter-out random,$(ORDER)),--randomly-seed=$(ORDER)))
# The seed of `make day`.
SEED := 1
# Each of the others has a target of its own.
COMMON := not races and not matrix and not fuzz and not client and not city
QUICK := tests/domain tests/services tests/functions tests/tables
RENTALS_AND_TOPUPS := tests/tables tests/services/rentals tests/services/topups
# Where Python may not keep what it compiled, every process compiles everything again.
unexport PYTHONDONTWRITEBYTECODE

help: ## What can be made here
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## The virtual environment .venv, every package pinned by hash (the others call it)

# The stamp is written last: an interrupted setup starts again.
$(READY): requirements-dev.txt
	@python=; for name in $${PYTHON:-python3.11 python3.12 python3.13 python3 python}; do \
		if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python="$$name"; break; fi; \
	done; \
	if [ -z "$$python" ]; then echo "Python 3.11 or newer is needed; name one with PYTHON=" >&2; exit 1; fi; \
	[ -x $(PY) ] || "$$python" -m venv .venv
	@echo "installing the packages into .venv, once: half a minute, or two where uv can't help"
	@awk '/^uv==/ { on = 1 } on { print } on && !/\\$$/ { exit }' requirements-dev.txt > .venv/uv.txt
	@$(PIP) --require-hashes -r .venv/uv.txt
	@$(BIN)/uv pip install --quiet --python $(PY) --compile-bytecode --require-hashes -r requirements-dev.txt \
		|| $(PIP) --require-hashes -r requirements-dev.txt
	@touch $(READY)

demo: setup ## The whole service on this machine, seeded; Ctrl-C stops it. PORT=9000 moves it; OPTIONS=--help lists options
	@exec $(PY) -m infra.local --seed demo $(if $(PORT),--api-port $(PORT) --sandbox-port $(shell expr $(PORT) + 1)) $(OPTIONS)

quick: setup ## The inner loop: the tests of domain, services, tables and handlers, without the long ones
	@$(PYTEST) $(IN_ORDER) $(A_WORKER_A_CORE) --hypothesis-profile=quick -m "$(COMMON) and not long" $(QUICK)

test: setup dynoxide ## The tests, without the races, and each right of each function; ORDER=random shuffles them
	@$(PYTEST) $(IN_ORDER) $(ONE_WORKER_MORE) -m "$(COMMON)" --every-right

# The sandbox's tests are quicker on it; without it they run on moto.
dynoxide: setup ## Fetch the DynamoDB engine dynoxide, once
	@$(PY) -m infra.local.dynoxide >/dev/null || true

engines: setup ## Rentals and top-ups on dynoxide, a day of the sandbox on moto: the reverse of `test`
	@$(PY) -m infra.local.dynoxide >/dev/null && BIJULI_TEST_ENGINE=dynoxide BIJULI_SANDBOX_ENGINE=moto \
		$(PYTEST) $(ONE_WORKER_MORE) -m "$(COMMON) and not long" $(RENTALS_AND_TOPUPS) tests/sandbox/test_days.py

fuzz: setup ## Every operation of the API document, fuzzed in every role
	@$(PYTEST) $(A_WORKER_A_CORE) -m fuzz tests/fuzz

client: setup ## A client generated from the API document, compiled and used (needs npm)
	@$(PY) -m pytest -m client tests/client

matrix: setup ## A flow broken at every call out of it in every way, minutes each
	@$(PY) -m pytest -m matrix

city: setup ## A hundred small cities whose cabinets send false reports at random
	@$(PYTEST) $(A_WORKER_A_CORE) -m city tests/services/rentals/test_city.py

day: setup ## A day of 100 cabinets and 1,000 rentals on dynoxide, with faults of all kinds; SEED=7 is another day
	@$(PY) -m infra.local.dynoxide >/dev/null && BIJULI_TEST_ENGINE=dynoxide BIJULI_TEST_SEED=$(SEED) \
		$(PY) -m pytest -m city tests/services/rentals/test_busy_day.py

races: setup ## Many callers at once against a real engine over HTTP
	@$(PYTEST) $(A_WORKER_A_CORE) -m races tests/races

check: setup ## Lint, format, types, imports, declared packages, the API document, the fuzzer, the tests
	@$(MAKE) --no-print-directory -j2 types style
	@$(MAKE) --no-print-directory fuzz test

types: setup ## The types alone, of `check`
	@$(PY) -m mypy

style: setup ## Lint, format, imports, declared packages and the API document alone, of `check`
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/deptry .
	@$(BIN)/deptry . --optional-dependencies-dev-groups dev --extend-exclude '^(bench|infra|tests)/'
	@$(PY) -m infra.openapi | diff -u $(OPENAPI) - >&2 || { echo "$(OPENAPI) is stale: make openapi" >&2; exit 1; }

openapi: setup ## Write docs/openapi.json anew
	@$(PY) -m infra.openapi > $(OPENAPI).new && mv $(OPENAPI).new $(OPENAPI)

runbook: setup ## Write docs/runbook.md anew
	@$(PY) -m infra.runbook > docs/runbook.md.new && mv docs/runbook.md.new docs/runbook.md

screenshots: setup ## Take the pictures of the sandbox's pages in docs/images anew (needs chromium and chromedriver)
	@$(PY) -m infra.local.screenshots

bench: setup ## Time and round trips of each operation
	@$(PY) -m bench

package: setup ## The deployable zip and its template, in build/
	@$(PY) -m infra.package

pins: ## Resolve the requirements of pyproject.toml anew (needs uv)
	@uv pip compile pyproject.toml --universal --generate-hashes --python-version 3.11 --no-annotate \
		--custom-compile-command "make pins" --quiet -o requirements.txt
	@uv pip compile pyproject.toml --extra dev -c requirements.txt --universal --generate-hashes --python-version 3.11 \
		--no-annotate --custom-compile-command "make pins" --quiet -o requirements-dev.txt
