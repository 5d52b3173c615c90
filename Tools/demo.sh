#!/usr/bin/env bash
# Draws the demo world and runs Suites/demo.yaml on it: demo.sh OUTPUT. Called by `make demo` and `make demo-report`.
set -euo pipefail
output=$1
models=Demo/models
world=${DEMO_WORLD:-.build/demo-world}

programs=$(swift build -c release --show-bin-path)
"$programs/demo-world" render --output "$world" --corpus 0

arguments=()
for model in "$models"/*/; do arguments+=(--model "${model%/}"); done
# Prints the table and where the report is.
"$programs/clip-eval" run Suites/demo.yaml --data-root "$world" --output "$output" "${arguments[@]}"
