#!/usr/bin/env python3
"""The peers' side of the probes' benchmarks: each call measures one thing in a process of its own and prints one line of JSON.
probes.py calls it, with a Python that has the peer.

Programs: `scikit-learn` (whatever version this Python has), `scikit-learn-intelex`, `scipy` (L-BFGS-B on an objective
written here in NumPy, float32 products, everything else in place). scikit-learn converts to float64 up to 1.8 and keeps float32
from then on; it is given float32.

Objectives are reported as Σᵢ CEᵢ + ‖W‖²/(2C), computed here in float64 from the weights; gradientNorm is max|∂|/N."""
import argparse
import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np

PROGRAMS = ["scikit-learn", "scikit-learn-intelex", "scipy"]
SHOTS = [1, 2, 4, 8, 16]


def read(path):
    """Tensors of a .safetensors file, mapped."""
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
    kinds = {"F32": np.float32, "I64": np.int64}
    return {name: np.memmap(path, kinds[e["dtype"]], "r", 8 + size + e["data_offsets"][0], tuple(e["shape"]))
            for name, e in header.items()}


class Reached(Exception):
    """The objective is low enough, or time is up."""


class Watch:
    """Stands where a program looks for scipy.optimize: counts and times what minimize does, and ends it early."""

    def __init__(self, until=None, limit=None):
        import scipy.optimize

        self.original = scipy.optimize
        self.until, self.limit = until, limit
        self.evaluations, self.iterations, self.seconds = 0, 0, 0.0
        self.reached = self.stop = None
        # From the program's own objective, the sum or the mean over the samples, to the sum.
        self.scale = 1.0

    def __getattr__(self, name):
        return getattr(self.original, name)

    def minimize(self, function, start, *rest, **options):
        begin = time.perf_counter()
        best = {}

        def watched(x, *arguments):
            value, gradient = function(x, *arguments)
            self.evaluations += 1
            value = float(np.asarray(value).ravel()[0])
            if not best or value < best["fun"]:
                best.update(fun=value, x=np.array(x), jac=gradient)
            if self.until is not None and value * self.scale <= self.until:
                self.reached = True
                raise Reached
            if self.limit is not None and time.perf_counter() - begin > self.limit:
                self.reached = False
                raise Reached
            return value, gradient

        try:
            result = self.original.minimize(watched, start, *rest, **options)
        except Reached:
            result = self.original.OptimizeResult(
                nit=0, nfev=self.evaluations, njev=self.evaluations, status=0, success=True, message="ended by the benchmark", **best)
        self.seconds += time.perf_counter() - begin
        self.iterations += int(result.nit)
        self.stop = result.message if isinstance(result.message, str) else result.message.decode()
        return result


class ScikitLearn:
    def __init__(self, intelex, threads):
        import sklearn
        from sklearn.linear_model import _logistic

        self.modules = [_logistic]
        if intelex:
            import daal4py
            from daal4py.sklearn.linear_model import logistic_path
            from sklearnex.linear_model import LogisticRegression

            daal4py.daalinit(threads)
            self.modules.append(logistic_path)
        else:
            from sklearn.linear_model import LogisticRegression
        self.model = LogisticRegression
        # Intel's is the sum of losses, as scikit-learn's was up to 1.3.
        self.mean = not intelex and tuple(map(int, sklearn.__version__.split(".")[:2])) >= (1, 4)

    def fit(self, x, labels, classes, C, watch, iterations, tolerance):
        watch.scale = float(len(x)) if self.mean else 1.0
        for module in self.modules:
            module.optimize = watch
        model = self.model(C=C, max_iter=iterations, **({} if tolerance is None else {"tol": tolerance}))
        model.fit(x, labels)
        return np.hstack([model.coef_, model.intercept_[:, None]])


class SciPy:
    """The mean of losses and what scikit-learn 1.7 asks of minimize."""

    def fit(self, x, labels, classes, C, watch, iterations, tolerance):
        rows, columns = x.shape
        watch.scale = float(rows)
        logits = np.empty((rows, classes), np.float32)
        gradient = np.empty((classes, columns + 1))
        index = np.arange(rows)

        def function(parameters):
            w = parameters.reshape(classes, columns + 1)
            weights = w[:, :-1].astype(np.float32)
            np.matmul(x, weights.T, out=logits)
            np.add(logits, w[:, -1].astype(np.float32), out=logits)
            np.subtract(logits, logits.max(1, keepdims=True), out=logits)
            chosen = logits[index, labels].sum(dtype=np.float64)
            np.exp(logits, out=logits)
            total = logits.sum(1, keepdims=True)
            loss = np.log(total).sum(dtype=np.float64) - chosen
            np.divide(logits, total, out=logits)
            logits[index, labels] -= 1
            gradient[:, :-1] = logits.T @ x
            gradient[:, :-1] += w[:, :-1] / C
            gradient[:, -1] = logits.sum(0, dtype=np.float64)
            value = loss + 0.5 / C * float(np.einsum("kd,kd->", w[:, :-1], w[:, :-1]))
            return value / rows, gradient.ravel() / rows

        result = watch.minimize(
            function, np.zeros(classes * (columns + 1)), jac=True, method="L-BFGS-B",
            options={"maxiter": iterations, "maxls": 50, "gtol": 1e-4 if tolerance is None else tolerance,
                     "ftol": 64 * np.finfo(float).eps})
        return result.x.reshape(classes, columns + 1)


def open_program(arguments):
    if arguments.program == "scipy":
        return SciPy()
    return ScikitLearn(arguments.program == "scikit-learn-intelex", arguments.threads)


def judge(x, labels, w, C):
    """The objective and max|∂|/N in float64, a block of rows at a time."""
    w = w.astype(np.float64)
    loss, gradient = 0.0, np.zeros_like(w)
    for start in range(0, len(x), 8192):
        part, wanted = x[start:start + 8192].astype(np.float64), labels[start:start + 8192]
        z = part @ w[:, :-1].T + w[:, -1]
        if len(w) == 1:
            raise SystemExit("two classes are not measured")
        z -= z.max(1, keepdims=True)
        e = np.exp(z)
        total = e.sum(1)
        index = np.arange(len(part))
        loss += float((np.log(total) - z[index, wanted]).sum())
        e /= total[:, None]
        e[index, wanted] -= 1
        gradient[:, :-1] += e.T @ part
        gradient[:, -1] += e.sum(0)
    gradient[:, :-1] += w[:, :-1] / C
    return loss + 0.5 / C * float((w[:, :-1] ** 2).sum()), float(np.abs(gradient).max() / len(x))


def training(arguments):
    data = read(arguments.data)
    return data, np.array(data["features"]), np.array(data["labels"])


def evaluation(arguments):
    """Seconds per evaluation of the objective, of a few iterations: the time in minimize, so without the checks and conversions."""
    data, x, labels = training(arguments)
    program, classes = open_program(arguments), int(labels.max()) + 1
    watch = Watch(limit=arguments.limit)
    begin = time.perf_counter()
    w = program.fit(x, labels, classes, arguments.C, watch, arguments.iterations, 0.0)
    whole = time.perf_counter() - begin
    objective, norm = judge(x, labels, w, arguments.C)
    return {"seconds": watch.seconds / watch.evaluations, "evaluations": watch.evaluations, "fitSeconds": whole,
            "objective": objective, "gradientNorm": norm}


def gemm(arguments):
    """Seconds of the two products of an evaluation alone, X·Wᵀ and Gᵀ·X, in float32 and float64."""
    data, x, labels = training(arguments)
    report = {}
    for name, kind in [("seconds", np.float32), ("secondsFloat64", np.float64)]:
        x = x.astype(kind, copy=False)
        w = np.full((int(labels.max()) + 1, x.shape[1]), 1e-3, kind)
        logits = np.empty((len(x), len(w)), kind)
        gradient = np.empty_like(w)
        times, began = [], time.perf_counter()
        while len(times) < 3 or time.perf_counter() - began < arguments.seconds:
            start = time.perf_counter()
            np.matmul(x, w.T, out=logits)
            np.matmul(logits.T, x, out=gradient)
            times.append(time.perf_counter() - start)
        report[name] = min(times)
    return {**report, "evaluations": len(times), "objective": None, "gradientNorm": None}


def fit(arguments):
    """A whole fit: as the program does by itself, or on to an objective."""
    data, x, labels = training(arguments)
    program, classes = open_program(arguments), int(labels.max()) + 1
    watch = Watch(arguments.until, arguments.limit)
    begin = time.perf_counter()
    w = program.fit(x, labels, classes, arguments.C, watch, arguments.iterations,
                    None if arguments.until is None else 0.0)
    seconds = time.perf_counter() - begin
    objective, norm = judge(x, labels, w, arguments.C)
    return {"seconds": seconds, "evaluations": watch.evaluations, "iterations": watch.iterations, "objective": objective,
            "gradientNorm": norm, "reached": watch.reached, "stop": watch.stop}


def paper_search(score):
    """The paper's grid, in steps of an eighth of a decade from 1e-6: 7 points 16 steps apart, then halving around the peak.
    Returns the scores by step."""
    scores = {j: score(j) for j in range(0, 97, 16)}
    step = 16
    while step > 1:
        step //= 2
        # The lowest C of several that score best.
        peak = min(scores, key=lambda j: (-scores[j], j))
        for j in (peak - step, peak + step):
            if 0 <= j <= 96 and j not in scores:
                scores[j] = score(j)
    return scores


def search_on(program, x, labels, held, wanted, classes, iterations):
    """The scores by step, fits and evaluations."""
    watch = Watch()

    def score(j):
        w = program.fit(x, labels, classes, 10 ** (-6 + j / 8), watch, iterations, None)
        return float(np.mean((held @ w[:, :-1].T.astype(np.float32) + w[:, -1]).argmax(1) == wanted))

    scores = paper_search(score)
    return scores, watch.evaluations


def search(arguments):
    """The paper's search over C with the program's own stopping, from zero each time."""
    data, x, labels = training(arguments)
    held, wanted = np.array(data["validation_features"]), np.array(data["validation_labels"])
    program = open_program(arguments)
    begin = time.perf_counter()
    scores, evaluations = search_on(program, x, labels, held, wanted, int(labels.max()) + 1, arguments.iterations)
    seconds = time.perf_counter() - begin
    best = min(scores, key=lambda j: (-scores[j], j))
    return {"seconds": seconds, "evaluations": evaluations, "fits": len(scores), "objective": None, "gradientNorm": None,
            "C": 10 ** (-6 + best / 8), "score": scores[best],
            "curve": [[10 ** (-6 + j / 8), scores[j]] for j in sorted(scores)]}


def few_shot(arguments):
    """A search and a refit on train + validation for each number of shots and each seed."""
    data, pool, labels = training(arguments)
    classes = int(labels.max()) + 1
    program = open_program(arguments)
    evaluations = fits = 0
    scores = {}
    begin = time.perf_counter()
    for k in SHOTS:
        for seed in range(arguments.seeds):
            rows, held = np.array(data[f"rows-{k}-{seed}"]), np.array(data[f"validation-{k}-{seed}"])
            found, count = search_on(program, pool[rows], labels[rows], pool[held], labels[held], classes, arguments.iterations)
            best = min(found, key=lambda j: (-found[j], j))
            both = np.concatenate([rows, held])
            watch = Watch()
            program.fit(pool[both], labels[both], classes, 10 ** (-6 + best / 8), watch, arguments.iterations, None)
            evaluations += count + watch.evaluations
            fits += len(found) + 1
            scores.setdefault(str(k), []).append(found[best])
    return {"seconds": time.perf_counter() - begin, "evaluations": evaluations, "fits": fits, "objective": None,
            "gradientNorm": None, "seeds": arguments.seeds, "scores": scores}


def versions(arguments):
    """Which peers this Python has, by name with version."""
    found = {}
    try:
        import scipy
        found["scipy"] = scipy.__version__
        import sklearn
        found["scikit-learn"] = sklearn.__version__
        from importlib.metadata import version
        found["scikit-learn-intelex"] = version("scikit-learn-intelex")
    except ImportError:
        pass
    return found


WHAT = {"evaluation": evaluation, "gemm": gemm, "fit": fit, "search": search, "few-shot": few_shot, "versions": versions}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=WHAT)
    parser.add_argument("--program", choices=PROGRAMS, default="scikit-learn")
    parser.add_argument("--data", help="a file of make-probe-data.py")
    parser.add_argument("--C", type=float, default=0.316)
    parser.add_argument("--threads", type=int, default=1, help="for programs that ask for it; the rest follow OMP_NUM_THREADS")
    parser.add_argument("--iterations", type=int, default=1000)
    parser.add_argument("--until", type=float, help="end a fit when its objective is this low, however long the program would go on")
    parser.add_argument("--limit", type=float, help="end a fit after so many seconds")
    parser.add_argument("--seconds", type=float, default=2, help="how long products are repeated")
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    report = WHAT[arguments.what](arguments)
    if arguments.what != "versions":
        report = {"program": arguments.program, "problem": Path(arguments.data).stem, "what": arguments.what,
                  "threads": arguments.threads, **report}
    print(json.dumps(report))


if __name__ == "__main__":
    main()
