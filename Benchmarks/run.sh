#!/usr/bin/env bash
# Builds, then compares with the peers that are installed (Benchmarks/README.md). Arguments go to compare.py.
set -euo pipefail
cd "$(dirname "$0")/.."
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
# Debian keeps PyTorch and Pillow with its own Python; ONNX Runtime and OpenVINO need a newer NumPy than that PyTorch.
export PYTORCH_PYTHON=${PYTORCH_PYTHON:-/usr/bin/python3}
export RUNTIMES_PYTHON=${RUNTIMES_PYTHON:-python3}

swift build -c release --product clip-eval
swift build -c release --product clip-eval-bench
build=$(swift build -c release --show-bin-path)
python3 Benchmarks/compare.py --build "$build" --scratch .build/bench "$@"
if [[ $* != *--only* ]]; then
  CLIP_EVAL_CACHE=.build/bench/cache "$build/clip-eval-bench" pipeline Benchmarks/data/photo-500x375.jpg
  "$PYTORCH_PYTHON" Benchmarks/peers.py pillow --photo Benchmarks/data/photo-500x375.jpg || echo "Pillow left out"
fi
