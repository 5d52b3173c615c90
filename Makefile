# clip-eval: `make help` lists the targets.

SWIFT ?= swift
DEMO_OUTPUT ?= Reports/demo-run
# `make demo` and `make test` build the same products with the same flags, so the second reuses the first's.
BUILD_FLAGS = -c release --disable-testable-imports
TEST_FLAGS = $(BUILD_FLAGS) --disable-xctest
FORMATTED = Sources Tests Benchmarks Fuzz Package.swift

.PHONY: help setup build test demo demo-report bench fuzz format lint clean
.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install the system packages that are missing
	@Tools/install-packages.sh

build: setup ## build the program in release mode
	$(SWIFT) build -c release --product clip-eval
	@echo "built $$($(SWIFT) build -c release --show-bin-path)/clip-eval"

test: setup lint ## check the formatting and run the tests, in release mode
	$(SWIFT) test $(TEST_FLAGS)

demo: build ## every experiment in miniature: draws the demo world, runs Suites/demo.yaml on the demo's models
	$(SWIFT) build -c release --product demo-world
	@Tools/demo.sh "$(DEMO_OUTPUT)"

demo-report: demo ## refresh Reports/demo from what `make demo` found
	@mkdir -p Reports/demo
	@rm -rf Reports/demo/figures
	cp -r $(addprefix $(DEMO_OUTPUT)/,report.md report.tex results.csv results.jsonl figures) Reports/demo/

# An inherited OPENBLAS_CORETYPE or OPENBLAS_L2_SIZE can halve the speed: measured without them.
bench: setup ## measure the towers, preprocessing and the whole pipeline (Benchmarks/README.md)
	env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE Benchmarks/run.sh

fuzz: setup ## feed damaged files to every reader of checkpoints, FUZZ_SECONDS each (60)
	Fuzz/run.sh

format: ## format the Swift sources in place
	$(SWIFT) format format -i -r $(FORMATTED)

lint: ## check the formatting
	$(SWIFT) format lint --strict -r $(FORMATTED)

clean: ## remove what was built
	$(SWIFT) package clean
