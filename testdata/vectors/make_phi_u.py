"""Reference values for linear assignment and for φ_U, the peer statistic of the power benchmark.

    pip install scipy==1.17.1
    python testdata/vectors/make_phi_u.py

Entries come from integer formulas and are divided by a power of two, so that every language has
the same float32 numbers: gain[i][j] = (a·i·i + b·j·j + c·i·j + d·i + e·j) mod m / 1024, and row
entries likewise, minus half the modulus.
"""

import json
import math
import platform
from pathlib import Path

import numpy as np
import scipy
from scipy import stats
from scipy.optimize import linear_sum_assignment

HERE = Path(__file__).parent
ORIGIN = {
    "script": "testdata/vectors/make_phi_u.py",
    "versions": {
        "python": platform.python_version(),
        "scipy": scipy.__version__,
        "numpy": np.__version__,
    },
}


def table(rows, cols, factors, modulus):
    a, b, c, d, e = factors
    i, j = np.meshgrid(np.arange(rows), np.arange(cols), indexing="ij")
    return (a * i * i + b * j * j + c * i * j + d * i + e * j) % modulus


def assignment_case(size, factors, modulus):
    gain = table(size, size, factors, modulus) / 1024
    rows, cols = linear_sum_assignment(gain, maximize=True)
    return {
        "size": size,
        "factors": factors,
        "modulus": modulus,
        "total": float(gain[rows, cols].sum()),
    }


def layer(rows, cols, spec):
    """One up projection of each model: the second holds `kept`/16 of the first."""
    modulus = spec["modulus"]
    first = table(rows, cols, spec["first"], modulus) - modulus // 2
    other = table(rows, cols, spec["other"], modulus) - modulus // 2
    second = spec["kept"] * first + (16 - spec["kept"]) * other
    return first / 64, second / 1024


def phi_u_case(rows, cols, specs):
    layers = []
    log10_ps = []
    for spec in specs:
        a, b = layer(rows, cols, spec)
        a = a / np.linalg.norm(a, axis=1, keepdims=True)
        b = b / np.linalg.norm(b, axis=1, keepdims=True)
        order = linear_sum_assignment(a @ b.T, maximize=True)[1]
        r, p = stats.spearmanr(order, np.arange(rows), alternative="greater")
        t = r * math.sqrt((rows - 2) / (1 - r * r))
        log10_p = float(stats.t.logsf(t, rows - 2) / math.log(10))
        assert abs(10**log10_p / p - 1) < 1e-9
        log10_ps.append(log10_p)
        layers.append({**spec, "order": order.tolist(), "r": float(r), "log10P": log10_p})
    statistic = -2 * math.log(10) * sum(log10_ps)
    combined = float(stats.chi2.logsf(statistic, 2 * len(specs)) / math.log(10))
    return {"rows": rows, "cols": cols, "layers": layers, "log10P": combined}




def write(name, cases):
    body = ",\n".join("    " + json.dumps(case) for case in cases)
    text = f'{{\n  "origin": {json.dumps(ORIGIN)},\n  "cases": [\n{body}\n  ]\n}}\n'
    (HERE / f"{name}.json").write_text(text)


if __name__ == "__main__":
    write(
        "assignment",
        [
            assignment_case(1, [1, 1, 1, 1, 1], 97),
            assignment_case(2, [3, 5, 7, 11, 13], 97),
            assignment_case(7, [17, 29, 31, 5, 3], 1009),
            assignment_case(40, [101, 57, 89, 13, 7], 4093),
            # Few values, so that many optima are equal.
            assignment_case(64, [1, 2, 3, 1, 2], 5),
            assignment_case(300, [7919, 6101, 4513, 311, 173], 65521),
        ],
    )
    strong = {"modulus": 251, "first": [17, 29, 31, 5, 3], "other": [13, 7, 37, 19, 11]}
    weak = {"modulus": 509, "first": [41, 11, 97, 3, 23], "other": [5, 83, 61, 29, 7]}
    write(
        "phi-u",
        [
            phi_u_case(24, 8, [{**strong, "kept": 0}, {**weak, "kept": 1}]),
            phi_u_case(24, 8, [{**strong, "kept": 6}, {**weak, "kept": 4}]),
            phi_u_case(64, 12, [{**strong, "kept": 5}, {**weak, "kept": 3}, {**weak, "kept": 0}]),
        ],
    )
