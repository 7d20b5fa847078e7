.DEFAULT_GOAL := help
.PHONY: help setup demo test fuzz client races matrix check openapi bench package pins

BIN := .venv/bin
PY := $(BIN)/python
READY := .venv/.ready
OPENAPI := docs/openapi.json
# A worker a core; the races bring processes of their own.
TESTS := $(PY) -m pytest -n auto --maxprocesses 4 --dist worksteal -m "not races and not matrix and not fuzz and not client"

help: ## What can be made here
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## The virtual environment .venv, every package pinned by hash (the others call it)

# The stamp is written last: an interrupted setup starts again.
$(READY): requirements-dev.txt
	@python=; for name in $${PYTHON:-python3.11 python3.12 python3.13 python3 python}; do \
		if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python="$$name"; break; fi; \
	done; \
	if [ -z "$$python" ]; then echo "Python 3.11 or newer is needed; name one with PYTHON=" >&2; exit 1; fi; \
	[ -x $(PY) ] || "$$python" -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $(READY)

demo: setup ## The whole service on this machine, seeded; Ctrl-C stops it
	@exec $(PY) -m infra.local --seed demo

test: setup ## The tests, without the races
	@$(TESTS)

fuzz: setup ## Every operation of the API document, fuzzed in every role
	@$(PY) -m pytest tests/fuzz -m fuzz -n auto --maxprocesses 4 --dist worksteal

client: setup ## A client generated from the API document, compiled and used (needs npm)
	@$(PY) -m pytest tests/client -m client

matrix: setup ## A flow broken at every call out of it in every way, minutes each
	@$(PY) -m pytest -m matrix

races: setup ## Many callers at once against a real engine over HTTP
	@$(PY) -m pytest -m races

check: setup ## Lint, format, types, imports, the API document, the fuzzer, the tests
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(BIN)/lint-imports
	@$(PY) -m infra.openapi | diff -u $(OPENAPI) - >&2 || { echo "$(OPENAPI) is stale: make openapi" >&2; exit 1; }
	@$(MAKE) --no-print-directory fuzz
	@$(TESTS)

openapi: setup ## Write docs/openapi.json anew
	@$(PY) -m infra.openapi > $(OPENAPI).new && mv $(OPENAPI).new $(OPENAPI)

bench: setup ## Time and round trips of each operation
	@$(PY) -m bench

package: setup ## The deployable zip and its template, in build/
	@$(PY) -m infra.package

pins: ## Resolve the requirements of pyproject.toml anew (needs uv)
	@uv pip compile pyproject.toml --universal --generate-hashes --python-version 3.11 --no-annotate \
		--custom-compile-command "make pins" --quiet -o requirements.txt
	@uv pip compile pyproject.toml --extra dev -c requirements.txt --universal --generate-hashes --python-version 3.11 \
		--no-annotate --custom-compile-command "make pins" --quiet -o requirements-dev.txt
