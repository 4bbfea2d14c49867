"""Reference values for the statistics and the number formats.

    pip install scipy==1.17.1 mpmath==1.4.1 ml_dtypes==0.6.0
    python testdata/vectors/make_vectors.py

Tail probabilities are computed with mpmath at 60 digits (SciPy underflows below 1e-308) and, where
SciPy can represent them, checked against it here before they are written.
"""

import json
import platform
from pathlib import Path

import ml_dtypes
import mpmath as mp
import numpy as np
import scipy
from scipy import stats

mp.mp.dps = 60
HERE = Path(__file__).parent
ORIGIN = {
    "script": "testdata/vectors/make_vectors.py",
    "versions": {
        "python": platform.python_version(),
        "scipy": scipy.__version__,
        "numpy": np.__version__,
        "mpmath": mp.__version__,
        "ml_dtypes": ml_dtypes.__version__,
    },
}


def write(name, cases):
    path = HERE / f"{name}.json"
    body = ",\n".join("    " + json.dumps(case) for case in cases)
    origin = json.dumps(ORIGIN)
    path.write_text(f'{{\n  "origin": {origin},\n  "cases": [\n{body}\n  ]\n}}\n')


def log10(p):
    """20 digits of log10 p as text; a float64 would not hold them all."""
    return mp.nstr(mp.log10(p), 20, strip_zeros=False, min_fixed=-40, max_fixed=40)


def agree(ours, scipys, what):
    if scipys > 1e-290:
        assert abs(ours / mp.mpf(float(scipys)) - 1) < 1e-9, (what, ours, scipys)


def binomial_tail(k, n, p):
    """Sum from the side with fewer terms to the last bit of 60 digits."""
    p = mp.mpf(p)
    q = 1 - p

    def from_first(first, step, ratio):
        term = mp.binomial(n, first) * p**first * q ** (n - first)
        total = term
        j = first
        while 0 <= j + step <= n:
            term *= ratio(j)
            total += term
            j += step
            if term < total * mp.mpf(10) ** -50:
                break
        return total

    if k > n * p:
        return from_first(k, 1, lambda j: mp.mpf(n - j) / (j + 1) * p / q)
    return 1 - from_first(k - 1, -1, lambda j: mp.mpf(j) / (n - j + 1) * q / p)


def binomial_cases():
    cases = []
    half = [
        (1, 1), (1, 2), (3, 4), (60, 100), (50, 100), (51, 100), (40, 100), (100, 100),
        (768, 768), (500, 768), (2100, 4096), (4096, 4096), (180000, 352256), (352256, 352256),
        (5_000_000, 10_000_000), (5_000_001, 10_000_000), (5_010_000, 10_000_000),
        (4_995_000, 10_000_000), (5_400_000, 10_000_000), (10_000_000, 10_000_000),
    ]
    for k, n in half:
        p = binomial_tail(k, n, 0.5)
        agree(p, stats.binom.sf(k - 1, n, 0.5), (k, n))
        cases.append({"atLeast": k, "trials": n, "probability": 0.5, "log10P": log10(p)})
    general = [
        (3, 10, 0.1), (1, 10, 0.001), (10, 10, 0.3), (7, 10, 0.9), (2, 1000, 1e-6),
        (130, 1000, 0.1), (95, 1000, 0.1), (999, 1000, 0.99), (300000, 1000000, 0.29),
        (600000, 1000000, 0.29), (5, 12, 1 / 3),
    ]
    for k, n, prob in general:
        p = binomial_tail(k, n, prob)
        agree(p, stats.binom.sf(k - 1, n, prob), (k, n, prob))
        cases.append({"atLeast": k, "trials": n, "probability": prob, "log10P": log10(p)})
    return cases


def poisson_cases():
    cases = []
    for k, mean in [
        (1, 1.0), (5, 1.0), (40, 1.0), (1000, 1.0), (20000, 32.0), (3, 10.0), (10, 10.0),
        (11, 10.0), (60, 32.0), (1, 1e-9), (1_000_100, 1e6), (999_000, 1e6), (2_000_000, 1e6),
    ]:
        p = mp.gammainc(k, 0, mean, regularized=True) if k < 5000 else poisson_sum(k, mean)
        agree(p, stats.poisson.sf(k - 1, mean), (k, mean))
        cases.append({"atLeast": k, "mean": mean, "log10P": log10(p)})
    return cases


def poisson_sum(k, mean):
    mean = mp.mpf(mean)

    def run(first, ratio):
        term = mp.exp(first * mp.log(mean) - mean - mp.loggamma(first + 1))
        total, j = term, 0
        while True:
            term *= ratio(j)
            total += term
            j += 1
            if term < total * mp.mpf(10) ** -50:
                return total

    if k > mean:
        return run(k, lambda j: mean / (k + 1 + j))
    return 1 - run(k - 1, lambda j: (k - 1 - j) / mean)


def chi_square_tail(x, degrees):
    """Even degrees: a finite Poisson sum. Otherwise mpmath's incomplete gamma function."""
    x = mp.mpf(x)
    return mp.gammainc(mp.mpf(degrees) / 2, x / 2, mp.inf, regularized=True)


def chi_square_cases():
    cases = []
    for x, degrees in [
        (1e-9, 1), (0.5, 1), (4.0, 1), (30.0, 10), (3.0, 10), (100.0, 3), (2000.0, 8), (50000.0, 64),
        (460000.0, 64), (700.0, 704), (1000.0, 704), (650.0, 704), (12.5, 2.5), (0.001, 4),
    ]:
        p = chi_square_tail(x, degrees)
        agree(p, stats.chi2.sf(x, degrees), (x, degrees))
        cases.append({"x": x, "degrees": degrees, "log10P": log10(p)})
    return cases


def normal_cases():
    cases = []
    for z in [-9.0, -3.0, -1.0, -0.1, 0.0, 1e-8, 0.3, 1.0, 1.96, 5.0, 7.0, 38.0, 100.0, 678.6]:
        p = mp.erfc(mp.mpf(z) / mp.sqrt(2)) / 2
        agree(p, stats.norm.sf(z), z)
        cases.append({"z": z, "log10P": log10(p)})
    return cases


def student_tail(t, degrees):
    t, v = mp.mpf(t), mp.mpf(degrees)
    tail = mp.betainc(v / 2, mp.mpf(1) / 2, 0, v / (v + t * t), regularized=True) / 2
    return tail if t >= 0 else 1 - tail


def student_cases():
    cases = []
    for t, degrees in [
        (0.0, 5), (0.2, 10), (2.5, 10), (-2.5, 10), (1.0, 1), (1e6, 1), (1e12, 3), (5.0, 2.5),
        (3.0, 100), (20.0, 766), (100.0, 766), (40.0, 11006), (1000.0, 11006), (1.5, 11006),
        (1.9, 4), (0.7, 1e6), (6.0, 1e6),
    ]:
        p = student_tail(t, degrees)
        agree(p, stats.t.sf(t, degrees), (t, degrees))
        cases.append({"t": t, "degrees": degrees, "log10P": log10(p)})
    return cases


def log_gamma_cases():
    xs = [1e-6, 0.1, 0.5, 1.0, 1.5, 2.0, 3.7, 10.0, 15.5, 16.0, 100.25, 4096.0, 1e7, 1e12]
    return [{"x": x, "lnGamma": mp.nstr(mp.loggamma(x), 20)} for x in xs]


def fisher_cases():
    cases = []
    for ps in [[0.1, 0.2], [0.5], [1.0, 1.0, 1.0], [1e-20, 0.3, 0.9], [1e-300] * 8, [0.04, 0.06, 0.01]]:
        statistic = -2 * sum(mp.log(mp.mpf(p)) for p in ps)
        p = chi_square_tail(statistic, 2 * len(ps))
        agree(p, stats.combine_pvalues(ps, method="fisher").pvalue, ps)
        cases.append({"p": ps, "log10P": log10(p)})
    return cases


def holm(ps):
    order = sorted(range(len(ps)), key=lambda i: ps[i])
    adjusted, running = [0.0] * len(ps), 0.0
    for rank, i in enumerate(order):
        running = max(running, min(1.0, (len(ps) - rank) * ps[i]))
        adjusted[i] = running
    return adjusted


def correlation_cases():
    rng = np.random.default_rng(20260115)
    cases = []
    for n, rho in [(5, 0.0), (20, 0.8), (200, -0.3), (1000, 0.05)]:
        x = rng.standard_normal(n)
        y = rho * x + np.sqrt(1 - rho * rho) * rng.standard_normal(n)
        x, y = np.round(x, 3), np.round(y, 1)  # ties
        cases.append({
            "x": x.tolist(), "y": y.tolist(),
            "pearson": float(stats.pearsonr(x, y).statistic),
            "spearman": float(stats.spearmanr(x, y).statistic),
        })
    x = (1 + 1e-4 * rng.standard_normal(64)).round(9)
    y = (1 + 1e-4 * rng.standard_normal(64)).round(9)
    cases.append({
        "x": x.tolist(), "y": y.tolist(),
        "pearson": float(stats.pearsonr(x, y).statistic),
        "spearman": float(stats.spearmanr(x, y).statistic),
    })
    return cases


def kolmogorov_cases():
    rng = np.random.default_rng(20260116)
    cases = []
    for n, power in [(1, 1.0), (5, 1.0), (20, 1.0), (20, 3.0), (100, 1.0), (100, 1.3), (1000, 1.0),
                     (1000, 1.08), (200, 6.0), (3000, 1.0), (3000, 1.05)]:
        p = np.round(rng.random(n) ** power, 6)
        result = stats.kstest(p, "uniform", method="exact")
        cases.append({"p": p.tolist(), "statistic": float(result.statistic), "pValue": float(result.pvalue)})
    return cases


def goodness_cases():
    cases = []
    rng = np.random.default_rng(20260117)
    for trials, prob, size in [(20, 0.5, 400), (20, 0.56, 400), (768, 0.5, 600)]:
        counts = rng.binomial(trials, prob, size)
        cases.append({"trials": trials, "counts": counts.tolist()})
    return cases


def code_cases():
    """Every code of the 8-bit formats and every 16-bit code in steps that reach all exponents."""
    cases = []
    for name, dtype in [("F8_E4M3", ml_dtypes.float8_e4m3fn), ("F8_E5M2", ml_dtypes.float8_e5m2)]:
        values = np.arange(256, dtype=np.uint8).view(dtype).astype(np.float64)
        cases.append({"dtype": name, "codes": list(range(256)), "values": [text(v) for v in values]})
    codes = np.unique(np.concatenate([np.arange(0, 65536, 97), [1, 0x3FF, 0x400, 0x7BFF, 0x7C00, 0x7C01,
                      0x8000, 0xFC00, 0x3C00, 0x7F80, 0x7F81, 0xFF80, 0x3F80, 0x7F7F]])).astype(np.uint16)
    for name, dtype in [("F16", np.float16), ("BF16", ml_dtypes.bfloat16)]:
        values = codes.view(dtype).astype(np.float64)
        cases.append({"dtype": name, "codes": codes.tolist(), "values": [text(v) for v in values]})
    return cases


def text(value):
    return repr(float(value)) if value != 0 or not np.signbit(value) else "-0.0"


def bf16_rounding_cases():
    rng = np.random.default_rng(20260118)
    bits = rng.integers(0, 2**32, 600, dtype=np.uint32)
    special = np.array([0x3F808000, 0x3F818000, 0x3F807FFF, 0x3F808001, 0x7F7FFFFF, 0x7F7F7FFF, 0x80000000,
                        0x00000001, 0x00008000, 0x00008001, 0xFF800000, 0x7F800000], dtype=np.uint32)
    bits = np.concatenate([special, bits])
    floats = bits.view(np.float32)
    keep = ~np.isnan(floats)
    codes = floats[keep].astype(ml_dtypes.bfloat16).view(np.uint16)
    return [{"float32Bits": bits[keep].tolist(), "bf16Bits": codes.tolist()}]


if __name__ == "__main__":
    write("binomial-tail", binomial_cases())
    write("poisson-tail", poisson_cases())
    write("chi-square-tail", chi_square_cases())
    write("normal-tail", normal_cases())
    write("student-tail", student_cases())
    write("log-gamma", log_gamma_cases())
    write("fisher", fisher_cases())
    write("holm", [{"p": ps, "adjusted": holm(ps)} for ps in [[0.01, 0.04, 0.03, 0.005], [0.5, 0.5], [0.2]]])
    write("correlation", correlation_cases())
    write("kolmogorov-smirnov", kolmogorov_cases())
    write("binomial-counts", goodness_cases())
    write("float-codes", code_cases())
    write("bf16-rounding", bf16_rounding_cases())
