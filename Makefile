# `make` alone lists the targets. Paths are relative, so that the folder may be anywhere, with a space in its name too.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
PYTHON := $(BIN)/python
export PATH := $(shell pwd)/$(BIN):$(PATH)
unexport PYTHONDONTWRITEBYTECODE  # a start takes three times as long without compiled files
SOURCES := $(shell find static templates -path static/dist -prune -o -type f -print)

.PHONY: help setup setup-dev up link manage watch test check format bench faults backup restore requirements clean chromium

help:
	@echo "Targets:"
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):[^#]*## /  make \1\t/' | expand -t 24

setup: $(BIN)/.runtime static/dist/manifest.json ## install what the product needs, build its pages
setup-dev: ## the same, with the tools for tests
	@$(MAKE) -j2 $(BIN)/.dev static/dist/manifest.json

$(BIN)/.uv: requirements-uv.txt
	@sh .ci/venv
	@$(PYTHON) -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-uv.txt
	@touch $@

$(BIN)/.runtime: $(BIN)/.uv requirements.txt
	@echo "Installing the Python packages ..."
	@$(PYTHON) -m uv pip install -q --require-hashes -r requirements.txt
	@touch $@

$(BIN)/.dev: $(BIN)/.runtime requirements-dev.txt
	@echo "Installing the tools for tests ..."
	@$(PYTHON) -m uv pip install -q --require-hashes -r requirements-dev.txt
	@touch $@

node_modules/.installed: package.json package-lock.json .npmrc | $(BIN)/.runtime
	@echo "Installing the packages of the pages ..."
	@npm ci --silent
	@touch $@

static/dist/manifest.json: node_modules/.installed vite.config.ts $(SOURCES)
	@echo "Building the pages ..."
	@npm run --silent build -- --logLevel warn
	@touch $@

up: setup ## start the product (PORT=8000 HOST=127.0.0.1 WEB_PROCESSES=1); Ctrl-C stops it
	@exec $(PYTHON) -m config.supervisor up

link: ## print a fresh sign-in link (USER=olivia)
	@exec $(PYTHON) -m config.supervisor manage link "$(if $(filter command,$(firstword $(origin USER))),$(USER),olivia)"

manage: ## run a command of manage.py beside the running product (ARGS="shell")
	@exec $(PYTHON) -m config.supervisor manage $(ARGS)

watch: setup ## build the pages again whenever a file of theirs changes
	@exec npm run --silent watch

backup: $(BIN)/.runtime ## write database and media to a file (FILE=backups/...)
	@exec $(PYTHON) -m config.supervisor backup "$(FILE)"

restore: $(BIN)/.runtime ## replace database and media by a backup (FILE=...)
	@exec $(PYTHON) -m config.supervisor restore "$(FILE)"

format: setup-dev ## format Python, TypeScript and Svelte
	@$(PYTHON) -m ruff format -q . && $(PYTHON) -m ruff check -q --fix . && npm run --silent format -- --log-level warn

check: setup-dev ## format, lint, types, floors, migrations, the pages' tests: the fast part of the tests
	@sh .ci/check

test: setup-dev chromium ## everything: the checks, and the tests on real services and in a real browser (ARGS=)
	@sh .ci/check >$(BIN)/.checked 2>&1 & checks=$$!; trap 'kill $$checks' INT TERM; \
	$(PYTHON) -m pytest -n 3 --dist=loadfile --no-loadscope-reorder $(ARGS); tests=$$?; \
	wait $$checks; checked=$$?; cat $(BIN)/.checked; exit $$((tests + checked))

faults: setup-dev ## kill web server, worker, Valkey and PostgreSQL at random moments, in many rounds (ROUNDS=20)
	@FAULT_ROUNDS=$(or $(ROUNDS),20) exec $(PYTHON) -m pytest -m faults --timeout=3600 $(ARGS)

bench: setup-dev chromium ## measure ours beside others (NAME=live ARGS="--quick --json out.json")
	@for file in benchmarks/$(or $(NAME),[a-z]*).py; do \
		$(PYTHON) -m "benchmarks.$$(basename "$$file" .py)" $(ARGS) || exit 1; \
	done

chromium: $(BIN)/.chromium

$(BIN)/.chromium: $(BIN)/.dev .ci/chromium
	@sh .ci/chromium
	@touch $@

requirements: $(BIN)/.dev ## pin the newest allowed versions of the Python packages
	@for name in requirements requirements-dev requirements-s3; do \
		uv pip compile -q --upgrade --generate-hashes --universal --python-version 3.11 --no-header --no-emit-index-url $$name.in -o $$name.txt; \
	done

clean: ## remove what was installed and built; var/ stays
	@rm -rf .venv node_modules static/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
