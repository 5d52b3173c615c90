#!/bin/sh
# Runs each fuzzer for FUZZ_SECONDS (60) from the fixtures and what earlier runs found worth keeping (.build-fuzz/corpus);
# stops at the first finding, which it leaves in .build-fuzz/findings.
# A finding: a trap, an error of the sanitizer, an allocation above 256 MB, 768 MB in all (the sanitizer's own included), more
# than 1 s for one input, or an error that is no EvalError about the file.
#
#   Fuzz/run.sh [TARGET...]
set -eu
cd "$(dirname "$0")/.."
Fuzz/build.sh
# In memory: a run writes the files of millions of inputs.
TMPDIR=$(mktemp -d /dev/shm/clip-eval-fuzz-XXXXXX)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
program=$PWD/.build-fuzz/release/clip-eval-fuzz
for target in ${*:-safetensors torch index checkpoint tokenizer}; do
  corpus=.build-fuzz/corpus/$target
  mkdir -p "$corpus" .build-fuzz/findings
  "$program" "$target" --seeds Tests/Fixtures ".build-fuzz/seeds/$target"
  ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:quarantine_size_mb=16 "$program" "$target" \
    -max_total_time="${FUZZ_SECONDS:-60}" -timeout=1 -rss_limit_mb=768 -malloc_limit_mb=256 -max_len=16384 \
    -dict=Fuzz/dictionary.txt -artifact_prefix=".build-fuzz/findings/$target-" -print_final_stats=1 \
    "$corpus" ".build-fuzz/seeds/$target"
done
