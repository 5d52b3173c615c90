#!/usr/bin/python3
"""Writes Tests/Fixtures/probes: problems of logistic regression (one .safetensors each) and references.json, what scikit-learn
makes of them.

Objective, of every fit alike: f(W, b) = Σᵢ CEᵢ + ‖W‖²/(2C), intercepts free: the sum over the samples, softmax over the classes
for three classes and more, the logistic loss with one row of weights for two, and for several labels a sample the
sum of one logistic regression a class. scikit-learn up to 1.3 minimises f itself, from 1.4 f/N; scikit-learn's own figures are not
used: f and its gradient are computed here from its weights in float64, with NumPy. gradientNorm is max|∂f|/N.

Of each problem and C:
- truth: the optimum, by Newton's method in float64 (here, dense or with conjugate gradients);
- LogisticRegression(C=C, max_iter=1000), otherwise as it comes, of scikit-learn 1.7 and 1.2; with `spread`, the least and the most
  iterations of the same fit after a permutation of the rows and a relative change of the features by ±6e-8, and `objectiveSpread`,
  of the objective: how much of a count of iterations is rounding;
- fits that go on to the optimum: lbfgs of 1.7 with tol 1e-10, on float64 and float32 (which it converts to float64: the same fit),
  and newton-cg of 1.2 with tol 1e-6 (lbfgs of 1.2 leaves scipy's ftol at its default whatever `tol` says).
Predictions are of the problem's test rows. `close` lists the rows whose margin (first logit minus second, or |logit| where there
is one) is 1e-3 or less; with several labels a sample a "row" is row · classes + class, its label 0 or 1.

    python3 -m venv sk17 && sk17/bin/pip install 'scikit-learn==1.7.*'
    Tools/make-probe-fixtures.py --python-1.7 sk17/bin/python --python-1.2 /usr/bin/python3

This Python needs NumPy and SciPy; 1.2 is Debian 12's python3-sklearn. Data are the same bytes on every run; what scikit-learn
makes of them depends in the last digits on its BLAS, which gets one thread.
"""
import argparse
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

THREADS = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
os.environ.update(THREADS)

import numpy as np  # noqa: E402

OUT = pathlib.Path(__file__).resolve().parent.parent / "Tests/Fixtures/probes"
MARGIN = 1e-3
MAX_ITER = 1000
MAX_ITER_TIGHT = 20000


# Problems.

def draw_labels(random, logits):
    """A class for each row, from the softmax of its logits."""
    return np.argmax(logits + random.gumbel(size=logits.shape), axis=1)


def every_class(labels, count):
    """The first rows get one of each class, so that none is without."""
    labels = labels.copy()
    labels[:count] = np.arange(count)
    return labels


def gaussian(random, rows, columns):
    return random.standard_normal((rows, columns))


def softmax_problem(random, x, classes, sharpness, count):
    """Rows x with labels of a random linear model whose logits spread by `sharpness`; the last `count` rows are for the test."""
    w = gaussian(random, classes, x.shape[1])
    z = (x - x.mean(0)) / np.maximum(x.std(0), 1e-12)
    labels = draw_labels(random, sharpness * np.einsum("nd,kd->nk", z, w) / np.sqrt(x.shape[1]))
    train = len(x) - count
    return x[:train], every_class(labels[:train], classes), x[train:]


def clip_like(random, rows, columns, classes, spread):
    """Unit length, a common mean that all rows share (cosines near 0.7), a power-law spectrum, a mean for each class."""
    spectrum = np.arange(1, columns + 1) ** -0.7
    common = gaussian(random, 1, columns)
    means = gaussian(random, classes, columns) * spectrum
    labels = random.randint(classes, size=rows)
    x = 1.2 * common + means[labels] * spread + gaussian(random, rows, columns) * spectrum * 2
    return x / np.sqrt((x * x).sum(1, keepdims=True)), labels


def problems():
    """name: (note, classes, features, labels, test features, C's)"""
    result = {}

    def add(name, note, classes, data, costs=(1e-4, 0.316, 100.0)):
        x, labels, test = data
        # Rounded well above the rounding errors of another machine's sums.
        rounded = lambda m: (np.round(m / step(m), 0) * step(m)).astype(np.float32)
        step = lambda m: 2.0 ** (np.floor(np.log2(np.maximum(np.abs(m), 1e-30))) - 20)
        result[name] = (note, classes, rounded(x), labels.astype(np.int64), rounded(test), list(costs))

    random = np.random.RandomState(1)
    add("two-classes", "two overlapping classes: the logistic loss", 2,
        softmax_problem(random, gaussian(random, 400, 20), 2, 1.5, 100), (1e-4, 0.316, 100.0, 1e4))

    random = np.random.RandomState(2)
    add("ten-classes", "well conditioned", 10, softmax_problem(random, gaussian(random, 600, 24), 10, 3, 200))

    random = np.random.RandomState(3)
    x = gaussian(random, 400, 16) * 10.0 ** np.linspace(-3, 3, 16)[random.permutation(16)]
    add("column-scales", "columns' scales over six decades", 5, softmax_problem(random, x, 5, 2, 100))

    random = np.random.RandomState(4)
    x, labels = clip_like(random, 700, 48, 10, 1)
    add("clip-like", "unit length, a large common mean, a power-law spectrum", 10,
        (x[:500], every_class(labels[:500], 10), x[500:]), (1e-4, 0.316, 100.0, 1e4))

    random = np.random.RandomState(5)
    factors = gaussian(random, 400, 6)
    x = 5 + np.einsum("nf,fd->nd", factors, gaussian(random, 6, 32)) + 1e-3 * gaussian(random, 400, 32)
    add("correlated", "32 columns of rank 6 but for 1e-3 of noise, means of 5", 4, softmax_problem(random, x, 4, 2, 100))

    random = np.random.RandomState(6)
    means = gaussian(random, 8, 96) * 0.4
    labels = np.tile(np.arange(8), 20)
    x = means[labels] + gaussian(random, 160, 96) + 0.5
    add("fewer-rows", "N < D, five samples a class, separable", 8, (x[:40], labels[:40], x[40:]))

    random = np.random.RandomState(7)
    x, labels = clip_like(random, 140, 64, 20, 3)
    labels[:20] = np.arange(20)
    add("one-shot", "N < D, one sample a class, length 10", 20, (10 * x[:20], labels[:20], 10 * x[20:]))

    random = np.random.RandomState(8)
    x = gaussian(random, 300, 10)
    x = np.hstack([x, x[:, :3], x[:, :1], np.full((300, 1), 100.0), np.full((300, 1), -0.5), np.zeros((300, 2))])
    add("degenerate-columns", "three columns twice, one three times, two constant (100, -0.5), two zero", 3,
        softmax_problem(random, x, 3, 2, 100))

    random = np.random.RandomState(9)
    means = gaussian(random, 1000, 32)
    labels = np.concatenate([np.tile(np.arange(1000), 2), random.randint(1000, size=300)])
    x = 0.5 + means[labels] + 0.6 * gaussian(random, 2300, 32)
    add("thousand-classes", "two samples a class", 1000, (x[:2000], labels[:2000], x[2000:]))

    random = np.random.RandomState(10)
    x = gaussian(random, 400, 20)
    logits = 2.5 * np.einsum("nd,kd->nk", x, gaussian(random, 20, 20)) / np.sqrt(20) + np.linspace(-4, 0, 20)
    positive = (logits + random.logistic(size=logits.shape) > 0).astype(np.int64)
    positive[0], positive[1] = 1, 0
    add("multi-label", "20 classes of 2 to 50 % positive samples: one logistic regression each", 20,
        (x[:300], positive[:300], x[300:]))
    return result


def write_safetensors(path, tensors):
    header, offset = {}, 0
    for name, array in tensors.items():
        kind = {"float32": "F32", "int64": "I64"}[str(array.dtype)]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    data = len(text).to_bytes(8, "little") + text + b"".join(a.tobytes() for a in tensors.values())
    path.write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def read_safetensors(path):
    data = pathlib.Path(path).read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    kinds = {"F32": np.float32, "I64": np.int64}
    return {name: np.frombuffer(data[8 + size:][slice(*entry["data_offsets"])], kinds[entry["dtype"]]).reshape(entry["shape"])
            for name, entry in header.items()}


# The objective.

class Objective:
    """f, its gradient and Hessian at parameters K × (D + 1), the intercept last. The rows of labels: -1 and 1 for
    the logistic loss, of each of K columns; class numbers for the softmax."""

    def __init__(self, x, labels, classes, C, softmax):
        self.x = np.hstack([x.astype(np.float64), np.ones((len(x), 1))])
        self.softmax = softmax
        self.penalty = np.append(np.full(x.shape[1], 1 / C), 0.0)
        if softmax:
            self.target = np.zeros((len(x), classes))
            self.target[np.arange(len(x)), labels] = 1
        else:
            self.target = (labels.reshape(len(x), -1) > 0).astype(np.float64)

    def parts(self, w):
        """Loss, probabilities."""
        z = self.x @ w.T
        if self.softmax:
            z -= z.max(1, keepdims=True)
            e = np.exp(z)
            total = e.sum(1, keepdims=True)
            return float((np.log(total[:, 0]) - (z * self.target).sum(1)).sum()), e / total
        sign = 1 - 2 * self.target
        loss = np.logaddexp(0, sign * z).sum()
        with np.errstate(over="ignore"):
            return float(loss), 1 / (1 + np.exp(-z))

    def value(self, w):
        return self.parts(w)[0] + 0.5 * float((w * w * self.penalty).sum())

    def gradient(self, w):
        p = self.parts(w)[1]
        return (p - self.target).T @ self.x + w * self.penalty, p

    def gradient_norm(self, w):
        return float(np.abs(self.gradient(w)[0]).max() / len(self.x))

    def product(self, p, v):
        """The Hessian times v, at probabilities p. Adding the intercepts' sum, of which f does not depend, makes it regular."""
        u = self.x @ v.T
        if self.softmax:
            u = p * (u - (p * u).sum(1, keepdims=True))
        else:
            u = p * (1 - p) * u
        result = u.T @ self.x + v * self.penalty
        if self.softmax:
            result[:, -1] += v[:, -1].sum()
        return result

    def direction(self, w, gradient, p):
        classes, width = w.shape
        if not self.softmax:  # one block a class
            return np.stack([self.solve((self.x * (p[:, k] * (1 - p[:, k]))[:, None]).T @ self.x + np.diag(self.penalty),
                                        -gradient[k]) for k in range(classes)])
        if classes * width <= 2000:
            h = np.zeros((classes, width, classes, width))
            for k in range(classes):
                for j in range(k + 1):
                    weight = p[:, k] * ((k == j) - p[:, j])
                    block = (self.x * weight[:, None]).T @ self.x
                    if k == j:
                        block += np.diag(self.penalty)
                    h[k, :, j] = h[j, :, k] = block
            h[:, -1, :, -1] += 1
            return self.solve(h.reshape(classes * width, -1), -gradient.ravel()).reshape(w.shape)
        return self.conjugate(gradient, p)

    def solve(self, h, right):
        """Scaled to a diagonal of ones, with one step of refinement."""
        from scipy.linalg import cho_factor, cho_solve
        scale = 1 / np.sqrt(np.diag(h))
        h = h * scale[:, None] * scale
        ridge = 0.0
        while True:
            try:
                factor = cho_factor(h + ridge * np.eye(len(h)))
                break
            except np.linalg.LinAlgError:
                ridge = max(ridge * 10, 1e-15)
        b = right * scale
        x = cho_solve(factor, b)
        for _ in range(3):
            x += cho_solve(factor, b - h @ x)
        return x * scale

    def conjugate(self, gradient, p):
        weight = p * (1 - p)
        diagonal = weight.T @ (self.x * self.x) + self.penalty
        diagonal[:, -1] += 1
        v = np.zeros_like(gradient)
        r = -gradient
        z = r / diagonal
        d = z.copy()
        rz = (r * z).sum()
        goal = min(0.1, np.sqrt(np.abs(gradient).max() / len(self.x))) ** 2 * rz * 1e-2
        for _ in range(2000):
            q = self.product(p, d)
            step = rz / (d * q).sum()
            v += step * d
            r -= step * q
            z = r / diagonal
            last, rz = rz, (r * z).sum()
            if rz <= goal:
                break
            d = z + (rz / last) * d
        return v

    def optimum(self, w):
        """Newton's method from w."""
        if self.softmax:
            w = w - w.mean(0)
        value = self.value(w)
        best = None
        for _ in range(200):
            gradient, p = self.gradient(w)
            norm = np.abs(gradient).max() / len(self.x)
            if best is None or norm < best[0]:
                best = (norm, w, 0)
            else:
                best = (best[0], best[1], best[2] + 1)
            if norm <= 1e-14 or (best[0] <= 1e-10 and best[2] >= 3) or best[2] >= 20:
                break
            d = self.direction(w, gradient, p)
            slope = (gradient * d).sum()
            step = 1.0
            while step > 1e-10:
                candidate = w + step * d
                new = self.value(candidate)
                # Near the optimum f is flat to the last digit, and the whole step the best there is.
                if new <= value + 1e-4 * step * slope + 1e-13 * abs(value):
                    break
                step /= 2
            w, value = candidate, new
        return best[1]


# scikit-learn's side, run in its own Python.

def fit_main(problem, output):
    import scipy
    import sklearn
    from sklearn.linear_model import LogisticRegression, _logistic
    from sklearn.multiclass import OneVsRestClassifier

    warnings.simplefilter("ignore")
    calls = []

    class Recording:
        """scipy.optimize with a minimize that keeps what it says of its end."""

        def __getattr__(self, name):
            return getattr(scipy.optimize, name)

        def minimize(self, *arguments, **options):
            result = scipy.optimize.minimize(*arguments, **options)
            message = result.message if isinstance(result.message, str) else result.message.decode()
            calls.append({"evaluations": int(result.nfev), "stop": message, "options": dict(options["options"])})
            return result

    _logistic.optimize = Recording()
    tensors = read_safetensors(problem)
    x, labels = tensors["features"], tensors["labels"]
    jobs = json.loads(sys.stdin.read())
    new = sklearn.__version__.startswith("1.7")
    report, arrays, ways = [], {}, {}

    def fit(C, dtype, rows=None, noise=0.0, **options):
        calls.clear()
        data, wanted = x.astype(dtype), labels
        if rows is not None:
            change = np.random.RandomState(len(rows) + rows[0]).choice([-noise, noise], size=x.shape)
            data, wanted = (data * (1 + change))[rows].astype(dtype), labels[rows]
        base = LogisticRegression(C=C, **options)
        model = (OneVsRestClassifier(base) if labels.ndim == 2 else base).fit(data, wanted)
        parts = model.estimators_ if labels.ndim == 2 else [model]
        w = np.vstack([np.hstack([m.coef_, m.intercept_[:, None]]) for m in parts]).astype(np.float64)
        return w, [int(m.n_iter_[0]) for m in parts]

    def record(by, C, dtype, spread=0, **options):
        w, iterations = fit(C, dtype, **options)
        # Of several regressions, the longest.
        entry = {"by": by, "C": C, "iterations": max(iterations),
                 "evaluations": max((c["evaluations"] for c in calls), default=None),
                 "stop": sorted({c["stop"] for c in calls}), "reachedLimit": max(iterations) >= options["max_iter"]}
        ways[by] = {"arguments": options, "optionsOfMinimize": calls[0]["options"] if calls else None}
        if spread:
            counts = list(iterations)
            values = [w]
            for seed in range(spread):
                rows = np.random.RandomState(100 + seed).permutation(len(x))
                other, more = fit(C, dtype, rows=rows, noise=6e-8, **options)
                counts.append(max(more))
                values.append(other)
            entry["spread"] = [int(min(counts)), int(max(counts))]
            for number, value in enumerate(values[1:]):
                arrays[f"{len(report)}-{number}"] = value
        arrays[str(len(report))] = w
        report.append(entry)

    for job in jobs:
        C, spread = job["C"], job["spread"]
        if new:
            record("scikit-learn 1.7 float64", C, np.float64, spread, max_iter=MAX_ITER)
            record("scikit-learn 1.7 float64, tol 1e-10", C, np.float64, 0, max_iter=MAX_ITER_TIGHT, tol=1e-10)
            record("scikit-learn 1.7 float32, tol 1e-10", C, np.float32, 0, max_iter=MAX_ITER_TIGHT, tol=1e-10)
        else:
            record("scikit-learn 1.2 float64", C, np.float64, spread, max_iter=MAX_ITER)
            record("scikit-learn 1.2 float64, newton-cg, tol 1e-6", C, np.float64, 0, max_iter=1000, tol=1e-6,
                   solver="newton-cg")
    np.savez(output, **arrays)
    versions = {"scikit-learn": sklearn.__version__, "scipy": scipy.__version__, "numpy": np.__version__,
                "defaults": LogisticRegression().get_params()}
    print(json.dumps({"versions": versions, "ways": ways, "fits": report}))


# Everything put together.

def logits(x, w):
    return x.astype(np.float64) @ w[:, :-1].T + w[:, -1]


def predict(x, w, several):
    """Labels, and where the margin is small."""
    z = logits(x, w)
    if several or len(w) == 1:
        return (z > 0).astype(int).ravel(), np.flatnonzero(np.abs(z).ravel() <= MARGIN)
    top = np.sort(z, axis=1)[:, -2:]
    return z.argmax(1), np.flatnonzero(top[:, 1] - top[:, 0] <= MARGIN)


def digits(value):
    return float("%.12g" % value)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python-1.7", dest="new", required=True)
    parser.add_argument("--python-1.2", dest="old", default="/usr/bin/python3")
    parser.add_argument("--only", nargs="*", help="to look at some problems, without writing references.json")
    arguments = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    versions, ways, document = {}, {}, []
    for name, (note, classes, x, labels, test, costs) in problems().items():
        path = OUT / f"{name}.safetensors"
        digest = write_safetensors(path, {"features": x, "labels": labels, "test_features": test})
        if arguments.only and name not in arguments.only:
            continue
        several = labels.ndim == 2
        softmax = not several and classes > 2
        fits = {C: [] for C in costs}
        for python in (arguments.new, arguments.old):
            with tempfile.TemporaryDirectory() as folder:
                spread = 3 if classes >= 1000 else 8
                done = subprocess.run([python, __file__, "fit", str(path), folder + "/weights.npz"], check=True, text=True,
                                      input=json.dumps([{"C": C, "spread": spread} for C in costs]), stdout=subprocess.PIPE,
                                      env={**os.environ, **THREADS})
                report = json.loads(done.stdout)
                weights = dict(np.load(folder + "/weights.npz"))
            versions["scikit-learn " + report["versions"]["scikit-learn"][:3]] = report["versions"]
            ways.update(report["ways"])
            for number, entry in enumerate(report["fits"]):
                entry["w"] = weights[str(number)]
                entry["others"] = [v for k, v in weights.items() if k.startswith(f"{number}-")]
                fits[entry["C"]].append(entry)
        problem = {"name": name, "note": note, "file": path.name, "sha256": digest, "rows": len(x), "columns": x.shape[1],
                   "classes": classes, "severalLabels": several, "testRows": len(test), "fits": []}
        for C, entries in fits.items():
            objective = Objective(x, labels, classes, C, softmax)
            start = min((e["w"] for e in entries), key=objective.value)
            w = objective.optimum(start)
            truth = objective.value(w)
            expected, close = predict(test, w, several)
            scale = max(truth, 1e-3 * len(x))
            print(f"{name} C {C:g}: {truth:.10g}, gradient norm {objective.gradient_norm(w):.1e}", file=sys.stderr)
            fit = {"C": C, "truth": {"objective": truth, "gradientNorm": objective.gradient_norm(w),
                                     "labels": expected.tolist(), "close": close.tolist()}, "references": []}
            for entry in entries:
                found, near = predict(test, entry["w"], several)
                value = objective.value(entry["w"])
                reference = {
                    "by": entry["by"], "objective": value, "gradientNorm": digits(objective.gradient_norm(entry["w"])),
                    "iterations": entry["iterations"], "evaluations": entry["evaluations"], "stop": entry["stop"],
                    "reachedLimit": entry["reachedLimit"],
                    "otherwise": [[int(r), int(found[r])] for r in np.flatnonzero(found != expected)],
                    "close": near.tolist()}
                if "spread" in entry:
                    reference["spread"] = entry["spread"]
                    values = [value] + [objective.value(o) for o in entry["others"]]
                    reference["objectiveSpread"] = [min(values), max(values)]
                fit["references"].append(reference)
                print(f"    {entry['by']}: Δ/scale {(value - truth) / scale:.1e}, gradient {reference['gradientNorm']:.1e}, "
                      f"{entry['iterations']} iterations {entry.get('spread', '')}, {entry['stop']}, "
                      f"{len(reference['otherwise'])} labels otherwise", file=sys.stderr)
            problem["fits"].append(fit)
        document.append(problem)
    if not arguments.only:
        lines = ",\n".join(json.dumps(p, ensure_ascii=False, separators=(",", ":")) for p in document)
        text = json.dumps({"versions": versions, "by": ways, "margin": MARGIN}, indent=1)[:-2]
        (OUT / "references.json").write_text(f'{text},\n "problems": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    if sys.argv[1:2] == ["fit"]:
        fit_main(*sys.argv[2:])
    else:
        main()
