#!/usr/bin/env bash
# Runs Suites/first-light.yaml on the demo checkpoint: demo.sh MODEL DATA OUTPUT. Called by `make demo`.
set -euo pipefail
model=$1 data=$2 output=$3

absent=()
for folder in "$model" "$data"; do
  [[ -d $folder ]] || absent+=("$folder")
done
if [[ ${#absent[@]} -gt 0 ]]; then
  cat >&2 <<TEXT
make demo needs a checkpoint and data that are not here: ${absent[*]}
Put the shared folder beside this checkout, or say where it is:
  make demo SHARED=/path/to/shared     (with models/clip-mini and data inside)
With a checkpoint and datasets of your own:
  clip-eval run Suites/first-light.yaml --model CHECKPOINT --data-root DATA --output RUN
TEXT
  exit 66
fi

program=$(swift build -c release --show-bin-path)/clip-eval
# Prints the table and where the report is.
"$program" run Suites/first-light.yaml --data-root "$data" --model "$model" --output "$output"
