#!/bin/sh
# Builds the fuzzers with coverage, bounds and address checks in a build folder of their own.
set -eu
cd "$(dirname "$0")/.."
CLIP_EVAL_FUZZ=1 swift build -c release --build-path .build-fuzz --product clip-eval-fuzz \
  -Xswiftc -sanitize=fuzzer,address -Xcc -fsanitize=fuzzer-no-link,address -Xcxx -fsanitize=fuzzer-no-link,address \
  -Xswiftc -use-ld=lld
