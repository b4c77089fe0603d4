# `make` alone lists the targets. Paths are relative, so that the folder may be anywhere, with a space in its name too.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
PYTHON := $(BIN)/python
export PATH := $(shell pwd)/$(BIN):$(PATH)
SOURCES := $(shell find static -path static/dist -prune -o -type f -print)

.PHONY: help setup setup-dev up link manage watch test check format bench faults backup restore requirements clean chromium

help:
	@echo "Targets:"
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):[^#]*## /  make \1\t/' | expand -t 24

setup: $(BIN)/.runtime static/dist/manifest.json ## install what the product needs, build its pages
setup-dev: $(BIN)/.dev setup ## the same, with the tools for tests

$(BIN)/.uv: requirements-uv.txt
	@sh .ci/venv
	@$(PYTHON) -m pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.txt
	@touch $@

$(BIN)/.runtime: $(BIN)/.uv requirements.txt
	@echo "Installing the Python packages ..."
	@$(PYTHON) -m uv pip install -q --require-hashes -r requirements.txt
	@touch $@

$(BIN)/.dev: $(BIN)/.runtime requirements-dev.txt
	@echo "Installing the tools for tests ..."
	@$(PYTHON) -m uv pip install -q --require-hashes -r requirements-dev.txt
	@touch $@

node_modules/.installed: $(BIN)/.runtime package.json package-lock.json .npmrc
	@echo "Installing the packages of the pages ..."
	@npm ci --silent
	@touch $@

static/dist/manifest.json: node_modules/.installed vite.config.ts $(SOURCES)
	@echo "Building the pages ..."
	@npm run --silent build -- --logLevel warn
	@touch $@
