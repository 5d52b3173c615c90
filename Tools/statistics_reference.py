"""Reference values of Sources/Statistics by the definitions themselves, in 50 digits or in fractions: nothing here uses the
formulas of the program where another way exists. `make-statistics-fixtures.py` writes them.

Where SciPy and statsmodels have a counterpart, the largest relative difference from it is printed.
"""
import math
from fractions import Fraction

import mpmath as mp
import numpy as np
import scipy.stats

try:
    import statsmodels.api as statsmodels
    from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar
    from statsmodels.stats.multitest import multipletests
    from statsmodels.stats.proportion import proportion_confint
except ImportError:
    statsmodels = None

DIGITS = 50


class SecondOpinion:
    """How far others are from these values."""

    def __init__(self, name):
        self.name, self.worst, self.count, self.case = name, 0.0, 0, None

    def compare(self, value, other, case):
        value, other = float(value), float(other)
        if not math.isfinite(other) or abs(value) < 1e-290:
            return
        error = abs(other - value) / abs(value) if value else abs(other)
        self.count += 1
        if error > self.worst:
            self.worst, self.case = error, case

    def report(self):
        print(f"  {self.name}: {self.count} values, off by {self.worst:.1e} at most, at {self.case}")


def normal_quantile(upper):
    """The z with P(Z > z) = upper."""
    upper = mp.mpf(upper)
    start = mp.mpf(float(scipy.stats.norm.isf(float(upper))))
    return mp.findroot(lambda z: mp.log(mp.erfc(z / mp.sqrt(2)) / 2) - mp.log(upper), start)


def student_upper(t, degrees):
    """P(T > t) for t >= 0."""
    t, degrees = mp.mpf(t), mp.mpf(degrees)
    x = degrees / (degrees + t * t)
    return mp.betainc(degrees / 2, mp.mpf(1) / 2, 0, x, regularized=True) / 2


def student_quantile(upper, degrees):
    start = mp.mpf(float(scipy.stats.t.isf(float(upper), float(degrees))))
    return mp.findroot(lambda t: mp.log(student_upper(t, degrees)) - mp.log(mp.mpf(upper)), start)


# Binomial outcomes

def mass(k, n, p):
    return mp.binomial(n, k) * p ** k * (1 - p) ** (n - k)


def sum_from(k, n, p, step):
    """P(X <= k) or P(X >= k), term by term until none matters; term of the mean or below it first."""
    if not 0 <= k <= n:
        return mp.mpf(0) if (k < 0) == (step < 0) else mp.mpf(1)
    if p in (0, 1):
        only = 0 if p == 0 else n
        return mp.mpf(only <= k if step < 0 else only >= k)
    inward = k > n * p if step < 0 else k < n * p
    if inward:
        return 1 - sum_from(k - step, n, p, -step)
    term = mass(k, n, p)
    total = term
    while 0 <= k + step <= n:
        factor = k * (1 - p) / ((n - k + 1) * p) if step < 0 else (n - k) * p / ((k + 1) * (1 - p))
        term *= factor
        total += term
        k += step
        if factor < mp.mpf("0.999999") and term < total * mp.mpf(10) ** -30 * (1 - factor):
            break
    return total


def two_sided(k, n, p):
    """All outcomes no likelier than the observed one, within 1e-7."""
    if n <= 2000:
        masses = [mass(i, n, p) for i in range(n + 1)]
        limit = masses[k] * (1 + mp.mpf(10) ** -7)
        return sum(m for m in masses if m <= limit)
    limit = mass(k, n, p) * (1 + mp.mpf(10) ** -7)
    mode = int(mp.floor((n + 1) * p))
    if k == mode:
        return mp.mpf(1)
    # Of the masses that fall away from the mode, on the other side, the nearest within the limit.
    step = 1 if k < mode else -1
    near, far = mode, n + 1 if step > 0 else -1
    while abs(far - near) > 1:
        middle = (near + far) // 2
        if mass(middle, n, p) <= limit:
            far = middle
        else:
            near = middle
    return sum_from(k, n, p, -step) + sum_from(far, n, p, step)


def binomial_cases():
    outcomes = []
    for n, p in [(1, 0.5), (1, 0.3), (2, 0.5), (5, 0.1), (10, 0.5), (10, 0.9), (37, 0.63), (100, 0.001), (1000, 0.5),
                 (1000, 0.777), (2000, 1e-7), (3669, 0.885), (50_000, 0.763), (50_000, 0.5)]:
        mean = n * p
        spread = math.sqrt(mean * (1 - p))
        ks = {0, 1, n, n - 1, round(mean), round(mean - 2 * spread), round(mean + 3 * spread)}
        outcomes += [(k, n, p) for k in sorted(ks) if 0 <= k <= n]
    for p in (0.5, 0.0314, 0.9985, 1e-6):
        n = 10_000_000
        mean = n * p
        spread = math.sqrt(mean * (1 - p))
        # 37 standard deviations: about 1e-300.
        ks = {round(mean + s * spread) for s in (-37, -5, -0.3, 1.7, 8, 36.9)}
        outcomes += [(k, n, p) for k in sorted(ks) if 0 <= k <= n]
    outcomes += [(0, 10_000_000, 6.9e-5), (10_000_000, 10_000_000, 0.99993), (0, 10_000_000, 1e-9), (0, 5, 0.0), (2, 5, 0.0),
                 (5, 5, 1.0), (4, 5, 1.0), (150, 1000, 1e-4), (990, 1000, 0.5), (996, 996, 0.5)]
    cases, opinion = [], SecondOpinion("scipy.stats.binomtest")
    for k, n, p in outcomes:
        exact = mp.mpf(p)
        case = {"successes": k, "trials": n, "probability": p, "twoSided": two_sided(k, n, exact),
                "less": sum_from(k, n, exact, -1), "greater": sum_from(k, n, exact, 1)}
        for name, alternative in (("twoSided", "two-sided"), ("less", "less"), ("greater", "greater")):
            opinion.compare(case[name], scipy.stats.binomtest(k, n, p, alternative=alternative).pvalue, (k, n, p, name))
            case[name] = float(case[name])
        if all(case[name] == 0 or case[name] > 1e-306 for name in ("twoSided", "less", "greater")) or p in (0, 1):
            cases.append(case)
    opinion.report()
    return cases


def wilson_cases():
    cases, opinion = [], SecondOpinion("statsmodels proportion_confint(method='wilson')")
    for n in (1, 2, 10, 37, 500, 10_000, 10_000_000):
        for k in sorted({0, 1, n // 3, n - 1, n}):
            for confidence in (0.95, 0.995):
                z = normal_quantile((1 - mp.mpf(confidence)) / 2)
                # The proportions p with |k/n - p| = z sqrt(p (1 - p) / n), by the roots of the polynomial.
                rate = mp.mpf(k) / n
                a, b, c = 1 + z * z / n, -(2 * rate + z * z / n), rate * rate
                roots = sorted(mp.re(r) for r in mp.polyroots([a, b, c], maxsteps=500, extraprec=400))
                case = {"successes": k, "trials": n, "confidence": confidence,
                        "lower": 0.0 if k == 0 else float(roots[0]), "upper": 1.0 if k == n else float(roots[1])}
                if statsmodels:
                    other = proportion_confint(k, n, 1 - confidence, method="wilson")
                    # Its lower ends of few among many cancel; its ends at 0 and n are off by rounding.
                    opinion.compare(case["upper"], other[1], (k, n))
                cases.append(case)
    opinion.report()
    return cases


def mcnemar_cases():
    cases, opinion = [], SecondOpinion("statsmodels mcnemar(exact=True)")
    half = mp.mpf(1) / 2
    for first, second, count in [(0, 0, 10), (1, 0, 1), (0, 1, 5), (1, 1, 4), (2, 1, 3), (5, 0, 9), (10, 3, 100), (3, 10, 100), (121, 59, 597),
                                 (25, 25, 60), (26, 25, 60), (1200, 1000, 50_000), (0, 990, 5000), (990, 0, 5000),
                                 (4_900_000, 5_000_000, 10_000_000), (5_000_100, 4_999_900, 10_000_000), (4_942_000, 5_058_000, 10_000_000)]:
        n, fewer = first + second, min(first, second)
        # By the null's distribution of |b - c|.
        if first == second:
            p = mid = mp.mpf(1)
        else:
            tail = sum_from(fewer, n, half, -1)
            p, mid = min(mp.mpf(1), 2 * tail), 2 * tail - mass(fewer, n, half)
        if statsmodels:
            opinion.compare(p, statsmodels_mcnemar([[0, first], [second, 0]], exact=True).pvalue, (first, second))
        cases.append({"onlyFirst": first, "onlySecond": second, "count": count, "p": float(p), "midP": float(mid)})
    opinion.report()
    return cases


def detectable_cases():
    """The difference by root finding; and the true power of the exact conditional test at it, where that can be enumerated."""
    cases = []
    for n, discordant in [(100, 30), (500, 61), (1000, 100), (10_000, 900), (50_000, 2500), (50_000, 50_000), (10_000_000, 40_000), (200, 200),
                          (13, 12)]:
        for power, alpha in ((0.8, 0.05), (0.95, 0.001)):
            rate = mp.mpf(discordant) / n
            za, zb = normal_quantile(mp.mpf(alpha) / 2), normal_quantile(1 - mp.mpf(power))

            def shortfall(d):
                return d * mp.sqrt(n) - za * mp.sqrt(rate) - zb * mp.sqrt(rate - d * d)

            low, high = za * mp.sqrt(rate / n), rate
            if low >= high or shortfall(high) < 0:
                cases.append({"samples": n, "discordant": discordant, "power": power, "alpha": alpha, "effect": None})
                continue
            # Bisection: the left side grows with d.
            for _ in range(180):
                middle = (low + high) / 2
                low, high = (middle, high) if shortfall(middle) < 0 else (low, middle)
            case = {"samples": n, "discordant": discordant, "power": power, "alpha": alpha, "effect": float(low)}
            cases.append(case)
    return cases


# Paired values

def correlation_cases():
    random = np.random.default_rng(7)
    tables = {f"noise {n}": (random.normal(size=n), random.normal(size=n)) for n in (3, 4, 11, 60)}
    x = random.uniform(0, 1, 15)
    tables["nearly a line"] = (x, 3 * x + 1e-7 * random.normal(size=15))
    tables["falling"] = (x, -x + 1e-3 * random.normal(size=15))
    tables["two values"] = (np.array([0, 0, 1, 1, 1.0]), np.array([0, 1, 1, 1, 1.0]))
    tables["large numbers"] = (1e8 * x, 1e-8 * random.normal(size=15))
    cases, opinion = [], SecondOpinion("scipy.stats.pearsonr")
    for name, (x, y) in tables.items():
        xs, ys = [mp.mpf(float(v)) for v in x], [mp.mpf(float(v)) for v in y]
        n = len(xs)
        mx, my = sum(xs) / n, sum(ys) / n
        xx, yy = sum((v - mx) ** 2 for v in xs), sum((v - my) ** 2 for v in ys)
        r = sum((a - mx) * (b - my) for a, b in zip(xs, ys)) / mp.sqrt(xx * yy)
        p = 2 * student_upper(abs(r) * mp.sqrt((n - 2) / (1 - r * r)), n - 2)
        fisher = None
        if n > 3:
            reach = normal_quantile((1 - mp.mpf(0.95)) / 2) / mp.sqrt(n - 3)
            fisher = [float(mp.tanh(mp.atanh(r) + s * reach)) for s in (-1, 1)]
        opinion.compare(p, scipy.stats.pearsonr(x, y).pvalue, name)
        cases.append({"name": name, "x": list(map(float, x)), "y": list(map(float, y)), "r": float(r), "p": float(p), "fisher": fisher})
    opinion.report()
    return cases


def line_cases():
    random = np.random.default_rng(8)
    tables = {}
    for n in (3, 4, 9, 40):
        x = random.uniform(-2, 3, n)
        tables[f"weights {n}"] = (x, 1.2 * x - 0.4 + random.normal(0, 0.3, n), random.uniform(0.1, 5, n))
    x = random.uniform(0, 4, 12)
    tables["equal weights"] = (x, 0.9 * x + random.normal(0, 0.2, 12), np.full(12, 1.0))
    tables["counts as weights"] = (x, 0.9 * x + random.normal(0, 0.2, 12), random.integers(500, 60_000, 12).astype(float))
    tables["wide range"] = (x, 0.9 * x + random.normal(0, 0.2, 12), 10.0 ** np.arange(-6, 6))
    tables["with zeros"] = (x, 0.9 * x + random.normal(0, 0.2, 12), np.array([0, 1, 2, 0, 1, 1, 3, 1, 0, 2, 2, 1.0]))
    cases, opinion = [], SecondOpinion("statsmodels WLS")
    for name, (x, y, w) in tables.items():
        kept = w > 0
        design = mp.matrix([[1, mp.mpf(float(v))] for v in x[kept]])
        target = mp.matrix([mp.mpf(float(v)) for v in y[kept]])
        weights = mp.diag([mp.mpf(float(v)) for v in w[kept]])
        normal = (design.T * weights * design) ** -1
        beta = normal * (design.T * weights * target)
        residual = target - design * beta
        degrees = int(kept.sum()) - 2
        variance = (residual.T * weights * residual)[0] / degrees
        t = student_quantile((1 - mp.mpf(0.95)) / 2, degrees)
        total = sum(weights[i, i] for i in range(len(target)))
        centre = sum(weights[i, i] * target[i] for i in range(len(target))) / total
        square = 1 - (residual.T * weights * residual)[0] / sum(weights[i, i] * (target[i] - centre) ** 2 for i in range(len(target)))

        def around(value, variance):
            reach = t * mp.sqrt(variance)
            return [float(value - reach), float(value + reach)]

        bands = []
        for at, weight in ((-1.0, 1.0), (float(x[1]), 2.5), (7.5, 0.3)):
            row = mp.matrix([[1, mp.mpf(at)]])
            mean = (row * beta)[0]
            own = variance * (row * normal * row.T)[0]
            bands.append({"x": at, "weight": weight, "predicted": float(mean), "confidence": around(mean, own),
                          "prediction": around(mean, own + variance / mp.mpf(weight))})
            if statsmodels:
                fit = statsmodels.WLS(y[kept], statsmodels.add_constant(x[kept]), w[kept]).fit()
                other = fit.get_prediction([[1, at]], weights=[weight])
                for value, estimate in zip(bands[-1]["confidence"] + bands[-1]["prediction"],
                                           list(other.conf_int()[0]) + list(other.conf_int(obs=True)[0])):
                    opinion.compare(value, estimate, name)
        cases.append({
            "name": name, "x": list(map(float, x)), "y": list(map(float, y)), "weights": list(map(float, w)),
            "intercept": float(beta[0]), "slope": float(beta[1]), "variance": float(variance), "rSquared": float(square),
            "interceptInterval": around(beta[0], variance * normal[0, 0]), "slopeInterval": around(beta[1], variance * normal[1, 1]),
            "bands": bands})
    opinion.report()
    return cases


# Several tests

def adjusted_cases():
    """By the definitions: of Holm's and Benjamini and Hochberg's procedures, the smallest level at which each test is rejected."""
    random = np.random.default_rng(9)
    lists = [[0.02], [0.01, 0.04, 0.03], [0.5, 0.5, 0.5], [0.0, 1.0, 0.2], [1e-300, 1e-299, 0.7], [0.04, 0.04, 0.01, 0.01], [1.0, 1.0],
             list(map(float, random.uniform(size=9) ** 4)), list(map(float, random.uniform(size=35) ** 3))]
    cases, opinion = [], SecondOpinion("statsmodels multipletests")
    for values in lists:
        for more in (0, 7):
            m = len(values) + more
            exact = [Fraction(v) for v in values]
            case = {"values": values, "tests": m}
            case["bonferroni"] = [float(min(Fraction(1), m * v)) for v in exact]
            holm = []
            for v in exact:
                # Rejected at a level only if all with a smaller value are.
                smaller = sorted(o for o in exact if o <= v)
                holm.append(min(Fraction(1), max((m - sum(1 for e in exact if e < o)) * o for o in smaller)))
            case["holm"] = [float(v) for v in holm]
            hochberg = []
            for v in exact:
                # Rejected with every value whose bound holds for some value at least as large.
                hochberg.append(min([Fraction(1)] + [m * o / sum(1 for e in exact if e <= o) for o in exact if o >= v]))
            case["benjaminiHochberg"] = [float(v) for v in hochberg]
            if statsmodels and not more:
                for name, method in (("bonferroni", "bonferroni"), ("holm", "holm"), ("benjaminiHochberg", "fdr_bh")):
                    for own, other in zip(case[name], multipletests(values, method=method)[1]):
                        opinion.compare(own, other, values)
            cases.append(case)
    opinion.report()
    return cases


# Areas under ROC

def delong_cases():
    """By the kernel over all pairs, in fractions: no ranks."""
    random = np.random.default_rng(10)
    tables = {}
    for n, positives in ((8, 3), (30, 15), (90, 12)):
        labels = [i < positives for i in range(n)]
        first = random.normal(size=n) + 1.1 * np.array(labels)
        second = first + random.normal(size=n)
        tables[f"normal {n}"] = (labels, first, second)
        tables[f"ties {n}"] = (labels, np.round(first), np.round(2 * second) / 2)
    labels = [True, True, False, False]
    tables["perfect and reversed"] = (labels, np.array([4, 3, 2, 1.0]), np.array([1, 2, 3, 4.0]))
    tables["all equal"] = (labels, np.zeros(4), np.array([4, 1, 2, 3.0]))
    tables["the same order"] = (labels, np.array([4, 1, 2, 3.0]), np.array([40, 10, 20, 30.0]))
    tables["one positive"] = ([True, False, False], np.array([2, 1, 3.0]), np.array([3, 2, 1.0]))
    many = [i % 4 == 0 for i in range(200)]
    strong = random.normal(size=200) + 2.5 * np.array(many)
    tables["far apart"] = (many, strong, random.normal(size=200))
    cases = []
    z = normal_quantile((1 - mp.mpf(0.95)) / 2)
    for name, (labels, first, second) in tables.items():
        positives = [i for i, label in enumerate(labels) if label]
        negatives = [i for i, label in enumerate(labels) if not label]

        def components(scores):
            def kernel(i, j):
                return Fraction(1) if scores[i] > scores[j] else Fraction(1, 2) if scores[i] == scores[j] else Fraction(0)
            v10 = [sum(kernel(i, j) for j in negatives) / len(negatives) for i in positives]
            v01 = [sum(kernel(i, j) for i in positives) / len(positives) for j in negatives]
            return v10, v01

        def covariance(a, b):
            if len(a) < 2:
                return None
            ma, mb = sum(a) / len(a), sum(b) / len(b)
            return sum((p - ma) * (q - mb) for p, q in zip(a, b)) / (len(a) - 1) / len(a)

        a, b = components(first), components(second)
        areas = [sum(v[0]) / len(positives) for v in (a, b)]
        parts = [[covariance(p, q) for p, q in zip(one, other)] for one, other in ((a, a), (b, b), (a, b))]
        known = None not in parts[0]
        variances = [sum(part) if known else None for part in parts]
        case = {"name": name, "labels": list(map(bool, labels)), "first": list(map(float, first)), "second": list(map(float, second)),
                "area": float(areas[0]), "variance": float(variances[0]) if known else None, "interval": None,
                "difference": float(areas[0] - areas[1]), "differenceVariance": None, "p": None, "differenceInterval": None}

        def exact(fraction):
            return mp.mpf(fraction.numerator) / fraction.denominator

        if known and variances[0] > 0:
            reach = z * mp.sqrt(exact(variances[0]))
            case["interval"] = [float(max(0, exact(areas[0]) - reach)), float(min(1, exact(areas[0]) + reach))]
        if known:
            variance = variances[0] + variances[1] - 2 * variances[2]
            difference = exact(areas[0] - areas[1])
            case["differenceVariance"] = float(variance)
            if variance > 0:
                deviation = mp.sqrt(exact(variance))
                case["p"] = float(mp.erfc(abs(difference) / deviation / mp.sqrt(2)))
                case["differenceInterval"] = [float(difference - z * deviation), float(difference + z * deviation)]
            elif difference == 0:
                case["p"] = 1.0
        cases.append(case)
    return cases


# Bootstraps

def bootstrap_cases():
    """On committed resamples, by numpy."""
    random = np.random.default_rng(11)
    tables = {
        "accuracies": (random.integers(0, 2, 14).astype(float), random.integers(0, 2, 14).astype(float), None),
        "scores": (random.gamma(0.7, size=12), random.gamma(0.9, size=12), None),
        "clusters": (random.gamma(0.7, size=20), random.gamma(0.9, size=20), np.sort(random.integers(0, 7, 20))),
        "clusters of accuracies": (random.integers(0, 2, 26).astype(float), random.integers(0, 2, 26).astype(float),
                                   random.integers(0, 8, 26) * 3),
        "two": (np.array([0.25, 1.5]), np.array([0.5, 0.125]), None),
    }
    cases, opinion = [], SecondOpinion("scipy.stats.bootstrap(method='BCa')")
    for name, (first, second, clusters) in tables.items():
        values = first - second
        groups = [np.array([i]) for i in range(len(values))] if clusters is None else [
            np.flatnonzero(clusters == c) for c in np.unique(clusters)]
        draws = random.integers(0, len(groups), (60, len(groups)))
        replicates = np.array([values[np.concatenate([groups[g] for g in row])].mean() for row in draws])
        estimate = values.mean()
        left_out = np.array([np.delete(values, group).mean() for group in groups])
        deviations = left_out.mean() - left_out
        acceleration = (deviations ** 3).sum() / (6 * (deviations ** 2).sum() ** 1.5)
        # Means over the same values in another order may differ in their last bits.
        equal = np.isclose(replicates, estimate, rtol=1e-12, atol=1e-15)
        share = ((replicates < estimate) & ~equal).mean() + equal.mean() / 2
        bias = scipy.stats.norm.ppf(share)
        case = {"name": name, "first": list(map(float, first)), "second": list(map(float, second)),
                "clusters": None if clusters is None else [int(c) for c in clusters], "resamples": draws.tolist(),
                "estimate": float(estimate), "intervals": []}
        for confidence in (0.95, 0.6):
            tail = (1 - confidence) / 2
            levels = []
            for z in scipy.stats.norm.ppf([tail, 1 - tail]):
                levels.append(scipy.stats.norm.cdf(bias + (bias + z) / (1 - acceleration * (bias + z))))
            case["intervals"].append({
                "confidence": confidence, "percentile": [float(v) for v in np.quantile(replicates, [tail, 1 - tail])],
                "bca": [float(v) for v in np.quantile(replicates, levels)]})
            if clusters is None and len(values) > 2:
                # SciPy draws for itself; given our replicates' place it makes the same interval.
                other = scipy.stats.bootstrap(
                    (first, second), lambda a, b: np.mean(a - b), paired=True, vectorized=False, confidence_level=confidence,
                    method="BCa", n_resamples=len(draws), rng=Replay(draws)).confidence_interval
                opinion.compare(case["intervals"][-1]["bca"][0], other.low, name)
                opinion.compare(case["intervals"][-1]["bca"][1], other.high, name)
        cases.append(case)
    opinion.report()
    return cases


class Replay(np.random.Generator):
    """A generator whose `integers` are the committed resamples."""

    def __init__(self, draws):
        super().__init__(np.random.PCG64(0))
        self.draws = draws

    def integers(self, *_, **__):
        return self.draws


def tables():
    with mp.workdps(DIGITS):
        return {
            "wilson.json": wilson_cases(),
            "binomial-test.json": binomial_cases(),
            "mcnemar.json": mcnemar_cases(),
            "detectable-effect.json": detectable_cases(),
            "correlation.json": correlation_cases(),
            "weighted-lines.json": line_cases(),
            "adjusted-p-values.json": adjusted_cases(),
            "delong.json": delong_cases(),
            "bootstrap-intervals.json": bootstrap_cases(),
        }
