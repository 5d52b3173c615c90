#!/usr/bin/env bash
# Builds and runs the benchmarks, then the same work by the peers that are installed (Benchmarks/README.md).
set -euo pipefail
cd "$(dirname "$0")/.."
photo=${1:-Benchmarks/data/photo-500x375.jpg}

swift build -c release --product clip-eval
swift build -c release --product clip-eval-bench
cache=$(mktemp -d)
trap 'rm -rf "$cache"' EXIT
CLIP_EVAL_CACHE=$cache "$(swift build -c release --show-bin-path)/clip-eval-bench" .build/bench "$photo"

# Debian keeps PyTorch and Pillow with its own Python.
python=/usr/bin/python3
[[ -x $python ]] || python=python3
for threads in 1 2; do
  OMP_NUM_THREADS=$threads OPENBLAS_NUM_THREADS=$threads "$python" Benchmarks/peers.py "$photo" "$threads"
done
