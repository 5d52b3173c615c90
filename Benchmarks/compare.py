#!/usr/bin/env python3
"""Runs this program and the peers in turn on the same random weights and prints the tables of Benchmarks/README.md.

Every measurement is a process of its own, and everything is measured once a round, one program after the other; the best
of the rounds counts, since other work on a machine only ever slows a run down. Needs nothing but Python's library."""
import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAMES = {"clip-eval": "clip-eval", "pytorch": "PyTorch", "onnxruntime": "ONNX Runtime", "openvino": "OpenVINO"}
PRECISIONS = {"clip-eval": ["fp32", "bf16"], "pytorch": ["fp32", "bf16"], "onnxruntime": ["fp32"],
              "openvino": ["fp32", "bf16"]}


class Failed(Exception):
    pass


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def run(command, threads=None):
    """Seconds, peak bytes and the JSON that a process printed."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("OPENBLAS_", "OMP_", "MKL_"))}
    if threads:
        environment["OMP_NUM_THREADS"] = str(threads)
    start = time.monotonic()
    process = subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    output, errors = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        last = (errors.strip().splitlines() or [f"status {process.returncode}"])[-1]
        raise Failed(last.removeprefix("Error: "))
    line = output.strip().splitlines()[-1:] or [""]
    return seconds, usage.ru_maxrss * 1024, json.loads(line[0]) if line[0].startswith("{") else None


class Peers:
    """Which Python runs which peer."""

    def __init__(self, pythons):
        self.python, self.version = {}, {}
        for python in dict.fromkeys(pythons):
            try:
                _, _, found = run([python, HERE / "peers.py", "versions"])
            except (Failed, OSError) as error:
                say(f"{python}: left out: {error}")
                continue
            for name, version in found.items():
                if name in NAMES and name not in self.python:
                    self.python[name], self.version[name] = python, version
        for name in list(NAMES)[1:]:
            if name not in self.python:
                say(f"{NAMES[name]}: left out, none of {', '.join(pythons)} has it")

    def command(self, action, program, **options):
        words = [self.python[program], HERE / "peers.py", action, "--program", program]
        for key, value in options.items():
            words += ["--" + key, value]
        return words


class Bench:
    def __init__(self, arguments):
        self.arguments = arguments
        self.tool = [Path(arguments.build) / "clip-eval-bench"]
        self.scratch = Path(arguments.scratch).resolve()
        self.peers = Peers([os.environ.get("PYTORCH_PYTHON", "/usr/bin/python3"),
                            os.environ.get("RUNTIMES_PYTHON", "python3")])
        say("writing weights and inputs")
        self.machine = run(self.tool + ["prepare", "--scratch", self.scratch])[2]
        self.places = {p["cell"]["name"]: p for p in self.machine["cells"]}
        self.best, self.failures = {}, {}

    def programs(self):
        return [name for name in NAMES if name == "clip-eval" or name in self.peers.python]

    def keep(self, key, value, better=max):
        """The best of the rounds."""
        self.best[key] = value if key not in self.best else better(self.best[key], value)

    def attempt(self, key, body):
        if key in self.failures:
            return
        try:
            body()
        except Failed as error:
            self.failures[key] = str(error)
            say(" ".join(map(str, key)) + f": left out: {error}")

    def onnx(self, place, batch):
        """Exported once from the weights; None without PyTorch."""
        cell = place["cell"]
        path = self.scratch / f"{cell['model']}-{cell['tower']}-{batch}.onnx"
        weights = Path(place["weights"])
        if not path.exists() or path.stat().st_mtime < weights.stat().st_mtime:
            if "pytorch" not in self.peers.python:
                raise Failed("no PyTorch to export the model with")
            say(f"exporting {path.name}")
            partial = path.with_suffix(".partial")
            run(self.peers.command("export", "pytorch", weights=weights, onnx=partial, tower=cell["tower"],
                                   input=place["input"], batch=batch))
            partial.rename(path)
        return path

    # The cells.

    def cell(self, name, seconds):
        place = self.places[name]
        cell = place["cell"]
        for program in self.programs():
            for precision in PRECISIONS[program]:
                key = (name, program, precision)
                self.attempt(key, lambda: self.measure(key, place, cell, seconds))

    def measure(self, key, place, cell, seconds):
        name, program, precision = key
        reference = self.scratch / f"features-{name}-fp32.npy"
        if program == "clip-eval":
            report = run(self.tool + ["cell", name, "--scratch", self.scratch, "--precision", precision,
                                      "--seconds", seconds])[2]
            self.keep(key + ("rate",), report["rate"])
            return say(f"{name} {program} {precision}: {report['rate']:.2f}/s")
        model = {"weights": place["weights"]} if program == "pytorch" else {"onnx": self.onnx(place, cell["batch"])}
        if (name, "clip-eval", "fp32") not in self.failures:
            model["reference"] = reference
        # With two cores: one batch on both, or two side by side, whichever is faster.
        for streams in range(1, cell["threads"] + 1):
            threads = cell["threads"]
            command = self.peers.command(
                "measure", program, tower=cell["tower"], input=place["input"], threads=threads, streams=streams,
                precision=precision, seconds=seconds, **model)
            report = run(command, threads // streams)[2]
            self.keep(key + ("rate",), report["rate"])
            if "difference" in report:
                self.keep(key + ("difference",), report["difference"])
            say(f"{name} {program} {precision}, {streams} side by side: {report['rate']:.2f}/s")

    # A process that loads ViT-B/32 and encodes one image.

    def load(self):
        place = self.places["b32-b8"]
        common = {"input": place["input"], "threads": 2}
        for program in self.programs():
            for precision in PRECISIONS[program]:
                if program == "clip-eval":
                    commands = {
                        "whole program, from a photo": [
                            Path(self.arguments.build) / "clip-eval", "embed", "images", self.arguments.photo, "--model",
                            Path(place["weights"]).parent, "--precision", precision, "--quiet", "--output",
                            self.scratch / "one.npy"],
                        "tower alone": self.tool + ["load", "--scratch", self.scratch, "--precision", precision]}
                    for what, command in commands.items():
                        key = ("load", f"{program}, {what}", precision)
                        self.attempt(key, lambda: self.once(key, command))
                    continue
                key = ("load", program, precision)

                def body():
                    model = ({"weights": place["weights"]} if program == "pytorch"
                             else {"onnx": self.onnx(place, 1)})
                    self.once(key, self.peers.command("load", program, precision=precision, **common, **model))

                self.attempt(key, body)

    def once(self, key, command):
        os.environ["CLIP_EVAL_CACHE"] = str(self.scratch / "cache")
        shutil.rmtree(os.environ["CLIP_EVAL_CACHE"], ignore_errors=True)
        seconds, peak, _ = run(command, 2)
        self.keep(key + ("seconds",), seconds, min)
        self.keep(key + ("peak",), peak, min)
        say(f"{' '.join(key)}: {seconds:.2f} s, {peak / 1e9:.2f} GB")

    # ImageNet's text classifier.

    def classifier(self, verify):
        for precision in PRECISIONS["clip-eval"]:
            key = ("classifier", "clip-eval", precision)

            def body():
                report = run(self.tool + ["classifier", "--scratch", self.scratch, "--precision", precision,
                                          "--verify", 500 if verify else 0])[2]
                self.keep(key + ("seconds",), report["seconds"], min)
                self.best["classifier"] = report
                if "cosine" in report:
                    self.best[key + ("cosine",)] = report["cosine"]
                say(f"classifier clip-eval {precision}: {report['seconds']:.1f} s")

            self.attempt(key, body)
        if "pytorch" not in self.peers.python or "classifier" not in self.best:
            return
        for precision in PRECISIONS["pytorch"]:
            key = ("classifier", "pytorch", precision)

            def trimmed():
                report = run(self.peers.command(
                    "trimmed", "pytorch", weights=self.places["text-b32"]["weights"], tower="text",
                    input=self.best["classifier"]["tokenFile"], batch=128, threads=2, precision=precision), 2)[2]
                self.keep(key + ("seconds",), report["seconds"], min)
                say(f"classifier PyTorch {precision}, trimmed: {report['seconds']:.0f} s")

            self.attempt(key, trimmed)

    # Tables.

    def tables(self, cells):
        get = self.best.get
        both = lambda values: " / ".join("–" if v is None else v for v in values)
        precisions = ["fp32", "bf16"]

        def table(head, rows):
            print("| " + " | ".join(head) + " |\n|---" + "|--:" * (len(head) - 1) + "|")
            for row in rows:
                print("| " + " | ".join(row) + " |")
            print()

        def rates(program, kind, form):
            return [both([None if get((c, program, p, kind)) is None else form % get((c, program, p, kind))
                          for p in precisions]) for c in cells]

        def ratio(cell, precision):
            ours = get((cell, "clip-eval", precision, "rate"))
            theirs = [r for r in (get((cell, p, precision, "rate")) for p in NAMES if p != "clip-eval") if r]
            return None if ours is None or not theirs else "%.2f" % (ours / max(theirs))

        label = lambda program: NAMES[program] + (
            " " + self.peers.version[program] if program in self.peers.version else "")
        if cells:
            print("Images or texts per second, fp32 / bf16:\n")
            rows = [[label(p)] + rates(p, "rate", "%.1f") for p in self.programs()]
            rows.append(["clip-eval ÷ the best peer"] + [both([ratio(c, p) for p in precisions]) for c in cells])
            places = [self.places[c]["cell"] for c in cells]
            rows.append(["fp32 FMA peak ÷ operations"] + [
                "%.1f" % (self.machine["peaks"][c["threads"] - 1] / c["operations"]) for c in places])
            table([""] + [c["title"] for c in places], rows)
            print("Largest |Δ| of a peer's unit-length features from clip-eval's in fp32, fp32 / bf16:\n")
            table([""] + [c["title"] for c in places],
                  [[label(p)] + rates(p, "difference", "%.0e") for p in self.programs()[1:]])
        found = self.best.get("classifier")
        if found:
            print(f"ImageNet's {found['prompts']} prompts: {found['tokens']} tokens, {found['prefixes']} distinct prefixes, "
                  f"{found['prompts'] * 77} tokens with padding. Seconds, fp32 / bf16:\n")
            rows = [["clip-eval, measured"] + [both(
                [s and "%.1f" % s for s in (get(("classifier", "clip-eval", p, "seconds")) for p in precisions)])]]
            best = {}
            for program in self.programs()[1:]:
                seconds = [rate and found["prompts"] / rate for rate in
                           (get(("text-b32", program, p, "rate")) for p in precisions)]
                for precision, value in zip(precisions, seconds):
                    if value:
                        best[precision] = min(value, best.get(precision, value))
                rows.append([f"{label(program)}, 77 tokens b32, extrapolated"] + [both([s and "%.0f" % s for s in seconds])])
            if "pytorch" in self.peers.python:
                rows.append([f"{label('pytorch')}, sorted and trimmed b128, extrapolated"] + [both(
                    [s and "%.0f" % s for s in (get(("classifier", "pytorch", p, "seconds")) for p in precisions)])])
            rows.append(["best peer at 77 tokens ÷ clip-eval"] + [both(
                ["%.1f" % (best[p] / get(("classifier", "clip-eval", p, "seconds")))
                 if p in best and get(("classifier", "clip-eval", p, "seconds")) else None for p in precisions])])
            rows.append(["least cosine with encoding a prompt alone"] + [both(
                [c and "%.9f" % c for c in (get(("classifier", "clip-eval", p, "cosine")) for p in precisions)])])
            table(["", "seconds"], rows)
        loads = [key for key in self.best if key[0] == "load" and key[-1] == "seconds"]
        if loads:
            print("A process that loads ViT-B/32 (605 MB) and encodes one image:\n")
            table(["", "seconds", "peak memory, GB"], [
                [", ".join([NAMES.get(key[1], key[1]), key[2]]), "%.2f" % self.best[key],
                 "%.2f" % (self.best[key[:-1] + ("peak",)] / 1e9)] for key in loads])
        for key, reason in self.failures.items():
            print(f"- left out: {' '.join(key)}: {reason}")
        peaks = ", ".join("%.0f" % p for p in self.machine["peaks"])
        print(f"- {self.machine['kernels']}; fp32 FMA peak on one core, two: {peaks} GFLOP/s")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default=".build/release", help="the folder of clip-eval and clip-eval-bench")
    parser.add_argument("--scratch", default=".build/bench", help="weights, inputs and exported models: 6 GB")
    parser.add_argument("--photo", default=str(HERE / "data/photo-500x375.jpg"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5, help="how long each cell is repeated by each program a round")
    parser.add_argument("--only", nargs="*", default=[], metavar="PART",
                        help="these cells, `classifier` (which takes its peers' rates from the text cell) and `load`; all otherwise")
    arguments = parser.parse_args()
    bench = Bench(arguments)
    parts = arguments.only or list(bench.places) + ["classifier", "load"]
    unknown = set(parts) - set(bench.places) - {"classifier", "load"}
    if unknown:
        parser.error(f"no part {', '.join(unknown)}; parts are {', '.join(bench.places)}, classifier, load")
    if "classifier" in parts and "text-b32" not in parts:
        parts.append("text-b32")
    cells = [name for name in bench.places if name in parts]
    try:
        for turn in range(arguments.rounds):
            say(f"round {turn + 1} of {arguments.rounds}, load average {os.getloadavg()[0]:.1f}")
            for name in cells:
                bench.cell(name, arguments.seconds)
            if "load" in parts:
                bench.load()
            if "classifier" in parts:
                bench.classifier(verify=turn == 0)
    except KeyboardInterrupt:
        say("interrupted: the tables hold what was measured")
    bench.tables(cells)


if __name__ == "__main__":
    main()
