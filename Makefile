# One place for every command; `make help` lists them. Nothing but Python 3.11, make and a network is assumed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Compiled modules are kept, whatever the machine says: the tests start the command hundreds of times.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help

.PHONY: help
help: ## what there is to run
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(VENV)/.ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: setup
setup: $(VENV)/.ready ## a virtual environment from the lock file, with the commands in .venv/bin

.PHONY: lock
lock: ## the lock file anew, from pyproject.toml (needs uv on the PATH)
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-strip-extras --quiet -o requirements.lock
	uv pip compile tools/node.in --universal --python-version 3.11 --generate-hashes --quiet -o requirements-node.lock

AZURITE := tools/azurite/node_modules/.ready

# Node from the PATH; a machine without it gets the wheel from PyPI.
$(AZURITE): tools/azurite/package-lock.json $(VENV)/.ready
	@command -v npm >/dev/null || $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.lock
	cd tools/azurite && PATH="$$PATH:$(CURDIR)/$(BIN)" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: azurite
azurite: $(AZURITE) ## Azurite, the blob storage that the demo and the tests use

.PHONY: demo
demo: setup azurite ## the whole job against an emulator and Azurite on this machine
	@$(BIN)/python tools/demo.py

.PHONY: format
format: setup ## lay the code out
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: schemas
schemas: setup ## schemas/ anew from the kinds' own
	$(BIN)/python -m vmapps.manifest.publish schemas
	for name in plan drift status events; do cp src/vmapps/render/$$name.schema.json schemas/$$name.json; done

.PHONY: docs
docs: schemas ## docs/manifests.md anew from the schemas
	$(BIN)/python tools/document_manifests.py > docs/manifests.md

.PHONY: golden
golden: setup ## rewrite the expected plans; read the difference before you commit it
	GOLDEN=rewrite $(BIN)/python -m pytest tests/golden tests/render -q

.PHONY: check
check: setup ## layout, lint, types, layers, workflows: no test is run
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows examples/github/*.yml
	$(BIN)/zizmor --offline --no-progress --quiet --persona pedantic examples/github/*.yml

.PHONY: test
test: check azurite ## everything that has to be green before a change lands
	rm -f .coverage .coverage.*
	$(BIN)/python -m pytest -n auto --dist loadgroup --cov --cov-report=
	$(BIN)/coverage report --skip-covered --fail-under=96
	$(BIN)/coverage report --skip-covered --include='src/vmapps/core/*,src/vmapps/kinds/*' --fail-under=98

.PHONY: contract
contract: setup ## the emulator's tables anew from the specification (VMAPPS_ORACLE names its folder)
	$(BIN)/python -m vmapps_emulator.contract.generate

.PHONY: conformance
conformance: setup ## how many recorded answers the emulator gives again
	cd tests && PYTHONPATH=. ../$(BIN)/python -m conformance.measure

.PHONY: bench
bench: setup ## the benchmarks: tables, and JSON in benchmarks/results (minutes; nothing else should run)
	$(BIN)/python benchmarks/executor.py
	$(BIN)/python benchmarks/throttling.py

.PHONY: soak
soak: setup azurite ## every kill point and many runs under fire (docs/convergence.md); SOAK="--every 4", ONLY=kill:97:after:1
	$(if $(ONLY),,VMAPPS_STATEFUL_EXAMPLES=1000 $(BIN)/python -m pytest -q --timeout 1800 tests/engine/test_stateful.py)
	cd tests && PYTHONPATH=.:../tools ../$(BIN)/python -m soak --json ../soak.json $(SOAK) $(if $(ONLY),--only $(ONLY))

AZ_VENV ?= $(HOME)/.cache/vmapps/az

.PHONY: test-az
test-az: setup ## the real azure-cli against the emulator, in an environment of its own (opt-in)
	@test -x $(AZ_VENV)/bin/az || { $(PYTHON) -m venv $(AZ_VENV) && $(AZ_VENV)/bin/pip install --quiet azure-cli; }
	VMAPPS_AZ=1 VMAPPS_AZ_VENV=$(AZ_VENV) $(BIN)/python -m pytest tests/az -q

.PHONY: clean
clean: ## what setup and the tests left behind
	rm -rf $(VENV) tools/azurite/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* dist
