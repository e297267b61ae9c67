# Plain `make` prints what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python

.DEFAULT_GOAL := help
.PHONY: help run test check format bench faults soak pictures lock clean

help: ## print this
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /  make \1|/' | column -t -s '|'

run: setup-run ## the studio with the sample show (PORTRAIT=1: upright); without a display 20 s of it, headless
	@$(PY) main.py sample $(if $(PORTRAIT),--portrait)

test: setup-test check ## everything CI runs
	@$(PY) -m pytest

check: $(VENV)/installed ## format, lint, types (as Linux, Windows and macOS see them), import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports
	@$(BIN)/basedpyright
	@$(BIN)/basedpyright --pythonplatform Windows
	@$(BIN)/basedpyright --pythonplatform Darwin

format: $(VENV)/installed ## put the code into shape
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: setup-test ## benchmarks: ratios taken in one run, written to benchmarks/results/
	@$(PY) -m benchmarks

faults: setup-test ## the fault table: each fault costs only itself
	@$(PY) -m benchmarks.faults

soak: setup-test ## a show of two hours
	@$(PY) -m benchmarks.soak --seconds 7200

pictures: setup-test ## the README's screenshots, from real windows
	@$(PY) docs/make_pictures.py

lock: $(VENV)/installed ## requirements.lock from pyproject.toml: names, versions and hashes only
	@$(BIN)/python -m pip install -q uv
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-annotate --no-header --extra dev --extra postgres --extra analysis --extra denoise --extra bench pyproject.toml -o requirements.lock

clean: ## remove what was built
	@rm -rf $(VENV) build .pytest_cache .ruff_cache benchmarks/results

.PHONY: setup-run setup-test
setup-run: system-run $(VENV)/kernels
setup-test: system-test $(VENV)/kernels

.PHONY: system-run system-test
system-run:
	@.ci/system-packages run
system-test:
	@.ci/system-packages test
	@mkdir -p $(VENV)
	@.ci/node-media-server

$(VENV)/installed: requirements.lock
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@echo "Installing Python packages into $(VENV) (once, about a minute) …"
	@$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

# Compiled once, so that the first show isn't busy with it: ten seconds that would be repeated frames. The modules too: half a second
# of each start where Python may not write beside them later.
$(VENV)/kernels: $(VENV)/installed $(wildcard capture/look/*.py capture/*.py overlays/*.py)
	@echo "Compiling the picture's kernels (once) …"
	@$(PY) -c "import capture.look.kernels, capture.look.face_kernels, capture.look.bake_kernels, capture.look.mix_kernels, capture.look.skin_kernels, capture.look.neck_kernels; import overlays; overlays.warm_up()"
	@$(PY) -m compileall -q main.py studio capture overlays encoder ui
	@touch $@
