#!/usr/bin/env python3
"""Times this program's exact search for near-duplicates against faiss (IndexFlatIP) and NumPy on the same features, on this machine
(Benchmarks/README.md). Prints a Markdown table.

Every measurement is a process of its own and the programs take turns, round after round; the best counts. Peers: PEER_PYTHON (by default python3)
with NumPy and, if installed, faiss-cpu."""
import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

PEER = r'''
import json, sys, time
import numpy as np
program, query, reference, k, threads, repetitions, output = sys.argv[1:]
k, threads, repetitions = int(k), int(threads), int(repetitions)
q, r = np.load(query), np.load(reference)
def unit(x): return x / np.linalg.norm(x, axis=1, keepdims=True)
best = float("inf")
for _ in range(repetitions):
    start = time.perf_counter()
    a, b = unit(q), unit(r)
    if program == "faiss":
        import faiss
        faiss.omp_set_num_threads(threads)
        index = faiss.IndexFlatIP(b.shape[1])
        index.add(b)
        scores, rows = index.search(a, k)
    else:
        rows = np.empty((len(a), k), np.int64)
        scores = np.empty((len(a), k), np.float32)
        for i in range(0, len(a), 1024):
            s = a[i:i + 1024] @ b.T
            top = np.argpartition(-s, k - 1, axis=1)[:, :k]
            value = np.take_along_axis(s, top, 1)
            order = np.lexsort((top, -value), axis=1)
            rows[i:i + 1024] = np.take_along_axis(top, order, 1)
            scores[i:i + 1024] = np.take_along_axis(value, order, 1)
    best = min(best, time.perf_counter() - start)
np.save(output, rows.astype(np.float32))
version = faiss.__version__ if program == "faiss" else np.__version__
print(json.dumps({"program": f"{program} {version}", "threads": threads, "seconds": best, "checksum": float(scores.sum(dtype=np.float64))}))
'''


def run(command, threads):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("OPENBLAS_", "OMP_", "MKL_"))}
    environment["OMP_NUM_THREADS"] = environment["OPENBLAS_NUM_THREADS"] = str(threads)
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, env=environment)
    line = (done.stdout.strip().splitlines() or [""])[-1]
    if done.returncode or not line.startswith("{"):
        last = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
        print(f"left out: {last}", file=sys.stderr)
        return None
    return json.loads(line)


MAKE = r'''
import sys
import numpy as np
path, rows, columns, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
rng = np.random.default_rng(seed)
out = np.lib.format.open_memmap(path, "w+", np.float32, (rows, columns))
# A power-law spectrum, as features of images have; many rows are near others.
scale = (np.arange(columns) + 1.0) ** -0.5
for i in range(0, rows, 65536):
    n = min(65536, rows - i)
    out[i:i + n] = rng.standard_normal((n, columns), np.float32) * scale
out.flush()
'''

COMPARE = "import sys, numpy as np; a, b = np.load(sys.argv[1]), np.load(sys.argv[2]); print(float(np.mean([len(set(x) & set(y)) / len(x) for x, y in zip(a, b)])))"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queries", type=int, default=50_000)
    parser.add_argument("--references", type=int, default=50_000)
    parser.add_argument("--columns", type=int, default=512)
    parser.add_argument("--top-k", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--repetitions", type=int, default=1)
    parser.add_argument("--build", default=".build/release")
    parser.add_argument("--scratch", default=".build/bench/overlap")
    parser.add_argument("--only", nargs="*", help="programs: clip-eval faiss numpy")
    options = parser.parse_args()
    python = os.environ.get("PEER_PYTHON", "python3")
    scratch = Path(options.scratch)
    scratch.mkdir(parents=True, exist_ok=True)
    files = []
    for name, rows, seed in [("query", options.queries, 1), ("reference", options.references, 2)]:
        path = scratch / f"{name}-{rows}x{options.columns}.npy"
        if not path.exists():
            subprocess.run([python, "-c", MAKE, path, str(rows), str(options.columns), str(seed)], check=True)
        files.append(path)
    tool = Path(options.build) / "clip-eval-bench"
    commands = {
        "clip-eval": [tool, "overlap", "--query", files[0], "--reference", files[1], "--top-k", options.top_k,
                      "--threads", options.threads, "--repetitions", options.repetitions, "--output", scratch / "clip-eval.npy"],
    }
    for program in ("faiss", "numpy"):
        commands[program] = [python, "-c", PEER, program, *files, options.top_k, options.threads, options.repetitions,
                             scratch / f"{program}.npy"]
    best = {}
    for _ in range(options.rounds):
        for name, command in commands.items():
            if options.only and name not in options.only:
                continue
            found = run(command, options.threads)
            if found and (name not in best or found["seconds"] < best[name]["seconds"]):
                best[name] = found
    work = 2 * options.queries * options.references * options.columns
    print(f"{options.queries} × {options.references} × {options.columns}, the {options.top_k} best of each, {options.threads} threads\n")
    print("| program | seconds | GFLOP/s | anonymous memory | rows in common with clip-eval |\n|---|--:|--:|--:|--:|")
    for name, found in best.items():
        common = "–"
        if name != "clip-eval" and "clip-eval" in best:
            common = subprocess.run([python, "-c", COMPARE, scratch / "clip-eval.npy", scratch / f"{name}.npy"],
                                    capture_output=True, text=True).stdout.strip()
            common = f"{100 * float(common):.3f} %" if common else "–"
        memory = f"{found['anonymousPeak'] / 1e6:.0f} MB" if "anonymousPeak" in found else "–"
        print(f"| {found['program']} | {found['seconds']:.2f} | {work / found['seconds'] / 1e9:.0f} | {memory} | {common} |")


if __name__ == "__main__":
    main()
