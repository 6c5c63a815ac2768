"""Reference values of likeness: python3 test/analysis/likeness/reference.py > test/analysis/likeness/reference.json

G-test and chi-square tail: scipy.stats.chi2_contingency(lambda_="log-likelihood"); distances: plain Python and
scipy.spatial.distance.jensenshannon(base=2); the permutation p of a 2 x C table: every table with its margins.
"""
import itertools
import json
import math

from scipy.spatial.distance import jensenshannon
from scipy.stats import beta, chi2_contingency

TABLES = [
    [[30, 70], [45, 55]],
    [[12, 0, 3, 5], [4, 6, 3, 7]],
    [[500, 300, 200], [480, 330, 190]],
    [[1, 2, 0, 0, 4], [0, 1, 3, 2, 0]],
    [[7, 0], [0, 5]],
]


def total_variation(x, y):
    n, m = sum(x), sum(y)
    return sum(abs(a / n - b / m) for a, b in zip(x, y)) / 2


def g2(x, y):
    n, m = sum(x), sum(y)
    total = 0.0
    for a, b in zip(x, y):
        for k, size in ((a, n), (b, m)):
            if k:
                total += 2 * k * math.log(k * (n + m) / (size * (a + b)))
    return total


def exact_p(x, y):
    """Chance of a G2 as large among all tables with both margins; None where there are too many."""
    totals = [a + b for a, b in zip(x, y)]
    n, everything = sum(x), sum(totals)
    if math.prod(t + 1 for t in totals) > 200000:
        return None
    observed, hit = g2(x, y), 0
    for draw in itertools.product(*(range(t + 1) for t in totals)):
        if sum(draw) != n:
            continue
        if g2(draw, [t - d for t, d in zip(totals, draw)]) >= observed - 1e-9:
            hit += math.prod(math.comb(t, d) for t, d in zip(totals, draw))
    return hit / math.comb(everything, n)


def describe(x, y):
    found = chi2_contingency([x, y], correction=False, lambda_="log-likelihood")
    assert abs(found.statistic - g2(x, y)) < 1e-9
    return {
        "first": x,
        "second": y,
        "totalVariation": total_variation(x, y),
        "jensenShannon": float(jensenshannon(x, y, base=2)),
        "statistic": float(found.statistic),
        "degreesOfFreedom": int(found.dof),
        "chiSquareP": float(found.pvalue),
        "exactP": exact_p(x, y),
    }


def share(k, n):
    return {
        "k": k,
        "n": n,
        "lower": float(beta.ppf(0.025, k, n - k + 1)) if k else 0.0,
        "upper": float(beta.ppf(0.975, k + 1, n - k)) if k < n else 1.0,
    }


print(
    json.dumps(
        {
            "tables": [describe(x, y) for x, y in TABLES],
            "shares": [share(k, n) for k, n in [(0, 10), (1, 10), (10, 10), (3, 7200), (4000, 5000000)]],
        },
        indent="\t",
    )
)
