#!/usr/bin/env python3
"""Runs this program's probes and the peers' in turn on the same features and prints Markdown tables (Benchmarks/README.md).

Every measurement is a process of its own, and the programs take turns, round after round; the best round counts. Peers run on each
number of threads and the better counts. Needs Python's library and, for make-probe-data.py, NumPy in this Python or PEER_PYTHON's.

Peers: PEER_PYTHON (scikit-learn 1.7 and SciPy; by default python3) and INTELEX_PYTHON (scikit-learn-intelex, and the scikit-learn it
came with, where that is another version)."""
import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Iterations for the time of an evaluation, so that no program takes much more than a minute.
EVALUATION = {"food-101": 20, "imagenet-16-shot": 12, "imagenet-tenth": 6}
FIT = ["food-101-tenth", "food-101", "imagenet-16-shot"]
SEARCH = ["dtd", "food-101-tenth"]
FEW_SHOT = ["few-shot"]
PRESETS = ["converged", "sklearn-1.7", "paper"]


class Failed(Exception):
    pass


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def run(command, threads):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("OPENBLAS_", "OMP_", "MKL_"))}
    environment["OMP_NUM_THREADS"] = str(threads)
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, env=environment)
    line = (done.stdout.strip().splitlines() or [""])[-1]
    if done.returncode or not line.startswith("{"):
        last = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
        raise Failed(last.removeprefix("Error: "))
    return json.loads(line)


class Program:
    def __init__(self, label, command, ours=False):
        self.label, self.command, self.ours = label, command, ours


def find_programs(build):
    programs = []
    tool = Path(build) / "clip-eval-bench"
    if tool.exists():
        programs.append(Program("clip-eval", lambda what: [tool, "probe", what], ours=True))
    else:
        say(f"clip-eval: left out, no {tool}")
    known = set()
    for variable, default in [("PEER_PYTHON", "python3"), ("INTELEX_PYTHON", None)]:
        python = os.environ.get(variable, default)
        if python is None:
            say(f"{variable} is not set: scikit-learn-intelex is left out")
            continue
        try:
            found = run([python, HERE / "probe_peers.py", "versions"], 1)
        except (Failed, OSError) as error:
            say(f"{python}: left out: {error}")
            continue
        for name in ("scikit-learn", "scikit-learn-intelex", "scipy"):
            if name not in found or (name == "scipy" and any(k[0] == name for k in known)):
                continue
            key = (name, found[name])
            if key in known:
                continue
            known.add(key)
            label = {"scikit-learn": "scikit-learn", "scikit-learn-intelex": "scikit-learn-intelex", "scipy": "SciPy's L-BFGS-B"}[name]
            programs.append(Program(
                f"{label} {found[name]}",
                lambda what, python=python, name=name: [python, HERE / "probe_peers.py", what, "--program", name]))
    return programs


class Bench:
    def __init__(self, arguments):
        self.arguments = arguments
        self.folder = Path(arguments.scratch) / "probes"
        self.programs = find_programs(arguments.build)
        self.best, self.failures = {}, {}
        self.results = open(self.folder / "results.jsonl", "a") if self.folder.exists() else None

    def data(self, problem):
        path = self.folder / f"{problem}.safetensors"
        if not path.exists():
            say(f"writing {path}")
            command = [HERE / "make-probe-data.py", "--folder", self.folder, problem]
            for python in (sys.executable, os.environ.get("PEER_PYTHON", "python3")):
                if subprocess.run([python] + [str(w) for w in command]).returncode == 0:
                    break
            else:
                raise Failed("no Python with NumPy to write the features with: PEER_PYTHON")
        return path

    def rows(self, problem):
        with open(self.data(problem), "rb") as file:
            return json.loads(file.read(int.from_bytes(file.read(8), "little")))["labels"]["shape"][0]

    def measure(self, program, problem, what, variant="", **options):
        """The faster of the thread counts; kept when it is the best so far."""
        for threads in [self.arguments.threads[-1]] if program.ours else self.arguments.threads:
            key = (problem, what, variant, program.label)
            if (key, threads) in self.failures:
                continue
            words = program.command(what) + ["--data", self.data(problem), "--threads", threads]
            for name, value in options.items():
                if value is not None:
                    words += ["--" + name, value]
            try:
                report = run(words, threads)
            except Failed as error:
                self.failures[key, threads] = str(error)
                say(f"{' '.join(filter(None, key))}, {threads} threads: left out: {error}")
                continue
            report |= {"program": program.label, "variant": variant, "threads": threads}
            if self.results:
                self.results.write(json.dumps(report) + "\n")
                self.results.flush()
            say(f"{problem} {what} {variant} {program.label}, {threads} threads: {report['seconds']:.4g} s")
            # A fit that was ended for its time is worse than any that was not.
            rank = lambda r: (r.get("reached") is False, r["seconds"])
            if key not in self.best or rank(report) < rank(self.best[key]):
                self.best[key] = report

    def evaluation(self, problem):
        for program in self.programs:
            self.measure(program, problem, "gemm", seconds=self.arguments.seconds)
            self.measure(program, problem, "evaluation", C=1, iterations=EVALUATION.get(problem, 20), limit=None if program.ours else 60)

    def fit(self, problem):
        target = None
        for program in self.programs:
            if program.ours:
                for preset in PRESETS:
                    self.measure(program, problem, "fit", preset, preset=preset)
                ours = self.best.get((problem, "fit", "converged", program.label))
                if ours:
                    target = ours["objective"] + 1e-6 * max(ours["objective"], 1e-3 * self.rows(problem))
            else:
                self.measure(program, problem, "fit", "own stopping", limit=self.arguments.limit)
                if target is not None:
                    self.measure(program, problem, "fit", "to clip-eval's objective", until=target, iterations=100_000,
                                 limit=self.arguments.limit)

    def search(self, problem):
        for program in self.programs:
            self.measure(program, problem, "search")

    def few_shot(self, problem):
        for program in self.programs:
            self.measure(program, problem, "few-shot", seeds=self.arguments.seeds)

    # Tables.

    def get(self, problem, what, program, variant=""):
        return self.best.get((problem, what, variant, program.label))

    def table(self, head, rows):
        if rows:
            print("| " + " | ".join(head) + " |\n|---" + "|--:" * (len(head) - 1) + "|")
            for row in rows:
                print("| " + " | ".join(row) + " |")
            print()

    def tables(self, parts):
        ours = next((p for p in self.programs if p.ours), None)
        peers = [p for p in self.programs if not p.ours]
        times = lambda theirs, mine: "–" if not theirs or not mine else "%.2f" % (theirs["seconds"] / mine["seconds"])

        if parts["evaluation"]:
            print("One evaluation of the objective and its gradient; ÷ products is by the two matrix products alone with the same BLAS in the "
                  "same precision:\n")
            rows = []
            for problem in parts["evaluation"]:
                mine = ours and self.get(problem, "evaluation", ours)
                for program in self.programs:
                    found, bound = self.get(problem, "evaluation", program), self.get(problem, "gemm", program)
                    if not found:
                        continue
                    cells = []
                    for key in ("seconds", "secondsFloat64"):
                        if bound and key in bound:
                            cells.append("%.2f" % (found["seconds"] / bound[key]))
                    rows.append([f"{problem}: {program.label}", "%.4f" % found["seconds"], str(found["threads"]),
                                 " / ".join(cells) or "–", times(found, mine)])
            self.table(["", "seconds", "threads", "÷ products, fp32 / fp64", "÷ clip-eval"], rows)
        if parts["fit"]:
            print("A whole fit, C = 0.316. Δ is the objective above the lowest one, ÷ max(objective, 10⁻³ N):\n")
            rows = []
            for problem in parts["fit"]:
                reports = [(key, r) for key, r in self.best.items() if key[:2] == (problem, "fit")]
                if not reports:
                    continue
                least = min(r["objective"] for _, r in reports)
                mine = ours and self.get(problem, "fit", ours, "converged")
                for (_, _, variant, label), r in reports:
                    mark = ">" if r.get("reached") is False else ""
                    rows.append([f"{problem}: {label}, {variant}", mark + "%.2f" % r["seconds"], str(r["threads"]), str(r["evaluations"]),
                                 "%.1e" % ((r["objective"] - least) / max(least, 1e-3 * self.rows(problem))),
                                 "%.1e" % r["gradientNorm"], mark + times(r, mine)])
            self.table(["", "seconds", "threads", "evaluations", "Δ", "max abs ∂ ÷ N", "÷ clip-eval, converged"], rows)
        if parts["search"]:
            print("The paper's search over C (7 + 8 fits):\n")
            rows = []
            for problem in parts["search"]:
                mine = ours and self.get(problem, "search", ours)
                for program in self.programs:
                    r = self.get(problem, "search", program)
                    if r:
                        rows.append([f"{problem}: {program.label}", "%.1f" % r["seconds"], str(r["threads"]), str(r["evaluations"]),
                                     "%.3g" % r["C"], "%.2f %%" % (100 * r["score"]), times(r, mine)])
            self.table(["", "seconds", "threads", "evaluations", "best C", "validation accuracy", "÷ clip-eval"], rows)
        if parts["few-shot"]:
            print(f"A few-shot sweep: 1, 2, 4, 8, 16 shots × {self.arguments.seeds} seeds × (the search and a refit):\n")
            rows = []
            for problem in parts["few-shot"]:
                mine = ours and self.get(problem, "few-shot", ours)
                for program in self.programs:
                    r = self.get(problem, "few-shot", program)
                    if r:
                        rows.append([f"{problem}: {program.label}", "%.1f" % r["seconds"], str(r["threads"]), str(r["fits"]),
                                     str(r["evaluations"]), times(r, mine)])
            self.table(["", "seconds", "threads", "fits", "evaluations", "÷ clip-eval"], rows)
        for (key, threads), reason in self.failures.items():
            print(f"- left out: {' '.join(filter(None, key))}, {threads} threads: {reason}")
        if not peers:
            print("- no peers: PEER_PYTHON names a Python with scikit-learn")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=".build/release")
    parser.add_argument("--scratch", default=".build/bench")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--threads", type=int, nargs="*", default=[1, 2], help="for the peers; clip-eval gets the last")
    parser.add_argument("--seconds", type=float, default=2, help="how long products are repeated")
    parser.add_argument("--seeds", type=int, default=3, help="of the few-shot sweep")
    parser.add_argument("--limit", type=float, default=300, help="seconds after which a peer's fit is ended")
    parser.add_argument("--parts", nargs="*", choices=["evaluation", "fit", "search", "few-shot"],
                        default=["evaluation", "fit", "search", "few-shot"])
    parser.add_argument("--problems", nargs="*", help="instead of each part's own, as make-probe-data.py calls them")
    arguments = parser.parse_args()
    (Path(arguments.scratch) / "probes").mkdir(parents=True, exist_ok=True)
    usual = {"evaluation": list(EVALUATION), "fit": FIT, "search": SEARCH, "few-shot": FEW_SHOT}
    few = lambda name: name.endswith("few-shot")
    parts = {part: [] if part not in arguments.parts else
             [p for p in arguments.problems if few(p) == (part == "few-shot")] if arguments.problems else problems
             for part, problems in usual.items()}
    bench = Bench(arguments)
    try:
        for turn in range(arguments.rounds):
            say(f"round {turn + 1} of {arguments.rounds}, load average {os.getloadavg()[0]:.1f}")
            for part, problems in parts.items():
                for problem in problems:
                    getattr(bench, part.replace("-", "_"))(problem)
    except KeyboardInterrupt:
        say("interrupted: the tables hold what was measured")
    bench.tables(parts)


if __name__ == "__main__":
    main()
