# make run: the app on http://localhost:8501. make test: every test. Both make the environment they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# More than cores: browser tests mostly wait.
WORKERS ?= 3

.PHONY: run test test-quick lint format lock clean

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; found " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run-ready: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.test-ready: requirements-dev.txt $(VENV)/.run-ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

run: $(VENV)/.run-ready
	$(BIN)/streamlit run app.py

test: $(VENV)/.test-ready
	bash tools/get_chromium.sh $(BIN)/python
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

test-quick: $(VENV)/.test-ready
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not browser and not heavy and not gateway"

lint: $(VENV)/.test-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.test-ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Pins the dependencies of pyproject.toml with everything they need, for every platform.
lock: $(VENV)/.test-ready
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-emit-index-url --no-emit-find-links pyproject.toml --group dev -o requirements-dev.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
