# Everything a newcomer needs: `make demo` and `make test`. Both set up what they use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export UV_PROJECT_ENVIRONMENT := $(VENV)
# Compiled modules are kept: every command starts several times faster.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-all setup ui system openapi format bench clean

demo: $(VENV)/.ready ui ## build everything, make the demo bank, serve it on http://localhost:8000
	$(BIN)/enishi demo

test: $(VENV)/.ready system ui ## lint, types, import contracts, every Python test, UI tests, browser flows
	$(BIN)/python tests/suites.py

test-all: $(VENV)/.ready system ui ## what `make test` only smokes, in full
	$(BIN)/python tests/suites.py --all

setup: $(VENV)/.ready ## the virtual environment alone

$(VENV)/.ready: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Enishi needs Python 3.11 or newer; name one with: make PYTHON=python3.11 …"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "Python cannot make a virtual environment: install it with: apt-get install python3-venv"; exit 1; }
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv
	$(BIN)/uv sync --frozen --quiet --compile-bytecode
	@touch $@

ui: $(VENV)/.ready ## the interface, built only when its sources changed
	@$(BIN)/python hatch_build.py

system: $(VENV)/.ready ## browser, Japanese fonts and PostgreSQL for the tests
	@$(BIN)/python tests/system_packages.py

openapi: $(VENV)/.ready ## the API's description and the client generated from it
	$(BIN)/enishi openapi > ui/openapi.json
	$(BIN)/python hatch_build.py client

format: $(VENV)/.ready
	$(BIN)/ruff check --fix --quiet src tests benchmarks hatch_build.py
	$(BIN)/ruff format --quiet src tests benchmarks hatch_build.py

bench: $(VENV)/.ready ## every benchmark at its small size, as JSON
	$(BIN)/python -m benchmarks.load
	$(BIN)/python -m benchmarks.lists
	$(BIN)/python -m benchmarks.segments --scale 0.02
	$(BIN)/python -m benchmarks.ingest --seconds 2

clean: ## what the targets above made, the demo bank included
	rm -rf $(VENV) demo dist ui/node_modules src/enishi/web/static
