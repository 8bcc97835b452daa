# Every target works from a fresh checkout with nothing but Python 3.11 or newer and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# uv is the fast way; where only pip is set up for the network (a mirror, a proxy), pip does the same, slower.
UV := $(BIN)/uv pip install --quiet --system-certs --python $(BIN)/python
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
install = $(UV) $(1) || $(PIP) $(1)

.DEFAULT_GOAL := help
.PHONY: help demo demo-real test check format docs lock clean

help:  ## Say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

demo: $(VENV)/.core  ## Teach a simulated student offline and show what it gained (no key, no network)
	$(BIN)/tutorkit demo

demo-real: $(VENV)/.real  ## Teach a real small language model, served on this machine
	$(BIN)/python evals/real_model/run.py --quick

test: $(VENV)/.dev  ## Run all tests
	$(BIN)/python -m pytest --numprocesses 2

check: $(VENV)/.dev  ## Format, lint, strict types, import layers, house rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest tests/test_house.py

format: $(VENV)/.dev  ## Format the code and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.core  ## Write the pages of the teaching methods anew
	$(BIN)/python tools/method_pages.py

lock: $(VENV)/.tools  ## Resolve all dependencies anew and pin them by hash
	$(BIN)/python tools/lock.py

clean:  ## Remove the environment and all caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.tools: requirements/bootstrap.lock
	sh tools/make_venv.sh "$(PYTHON)" "$(VENV)"
	$(PIP) --require-hashes -r requirements/bootstrap.lock
	@touch $@

$(VENV)/.core: $(VENV)/.tools requirements/core.lock pyproject.toml
	$(call install,--require-hashes -r requirements/core.lock)
	$(call install,--no-deps --no-build-isolation --editable .)
	@touch $@

$(VENV)/.dev: $(VENV)/.core requirements/dev.lock
	$(call install,--require-hashes -r requirements/dev.lock)
	@touch $@

$(VENV)/.real: $(VENV)/.core requirements/real.lock
	$(call install,--no-deps --require-hashes -r requirements/real.lock)
	@touch $@
