"""The laws the models learn: transition kernels over words, known exactly.

    T(g|f) = q(g)^a S(f, g) D(f, g) / Z(f),   T(f|f) = 0

q(g)     how often g is said (datasets/words/english.tsv)
S(f, g)  symmetric: same first letter, letters in common, similar length, same topic in WordNet
D(f, g)  = 1 for the reversible law, which has V(f) = -log(q(f)^a Z(f));
         = exp(k sin(theta_g - theta_f)) for the driven one, theta the place of the first letter on a
         circle of 26: it drives words around the alphabet, and a loop f, g, h has the affinity
         2k (sin(theta_g - theta_f) + sin(theta_h - theta_g) + sin(theta_f - theta_h)).
"""

import csv
from itertools import combinations
from pathlib import Path

import numpy as np

SUM = 100
FREQUENCY_POWER = 0.7
FIRST_LETTER, LETTERS, LENGTH, TOPIC = 2.0, 3.0, 0.4, 1.2
DRIVE = 0.8

WORDS_FILE = Path(__file__).parents[2] / "datasets" / "words" / "english.tsv"


def read_words():
    """Words of letter sum SUM, most frequent first: lists of word, count, topic (None: unknown)."""
    with WORDS_FILE.open() as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if int(row["letterSum"]) == SUM]
    return (
        [row["word"] for row in rows],
        np.array([float(row["count"]) for row in rows]),
        [int(row["topic"]) if row["topic"] else None for row in rows],
    )


def similarity(words, topics):
    """log S, [N, N], symmetric."""
    letters = np.array([[chr(65 + i) in word for i in range(26)] for word in words], float)
    common = letters @ letters.T
    size = letters.sum(1)
    jaccard = common / (size[:, None] + size[None, :] - common)
    first = np.array([ord(word[0]) for word in words])
    length = np.array([len(word) for word in words], float)
    topic = np.array([-1 - i if t is None else t for i, t in enumerate(topics)])
    return (
        FIRST_LETTER * (first[:, None] == first[None, :])
        + LETTERS * jaccard
        - LENGTH * abs(length[:, None] - length[None, :])
        + TOPIC * (topic[:, None] == topic[None, :])
    )


def transition_kernel(kind):
    """(words, T): T[f, g] = T(g|f), rows sum to 1. kind: 'reversible' or 'driven'."""
    words, counts, topics = read_words()
    log = FREQUENCY_POWER * np.log(counts)[None, :] + similarity(words, topics)
    if kind == "driven":
        angle = 2 * np.pi * np.array([ord(word[0]) - 65 for word in words]) / 26
        log = log + DRIVE * np.sin(angle[None, :] - angle[:, None])
    elif kind != "reversible":
        raise ValueError(f"no law {kind!r}; there are 'reversible' and 'driven'")
    kernel = np.exp(log - log.max(1, keepdims=True))
    np.fill_diagonal(kernel, 0)
    return words, kernel / kernel.sum(1, keepdims=True)


def stationary(kernel):
    """pi with pi T = pi, by powers of the lazy chain."""
    pi = np.full(len(kernel), 1 / len(kernel))
    for _ in range(2000):
        pi = (pi + pi @ kernel) / 2
    return pi / pi.sum()


def mutual_information(kernel, source):
    """I(f; g) in nats under the law `source` of f."""
    target = source @ kernel
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = kernel * np.log(kernel / target[None, :])
    return float(source @ np.nansum(terms, 1))


def entropy_production(kernel):
    """1/2 sum (pi_f T_fg - pi_g T_gf) log(pi_f T_fg / pi_g T_gf), nats a step."""
    flux = stationary(kernel)[:, None] * kernel
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = (flux - flux.T) * np.log(flux / flux.T)
    return float(np.nansum(terms) / 2)


def rms_affinity(kernel, states):
    """Root mean square of the cycle affinities of all triangles of the states, nats, weighted by 1 / sum 1/T."""
    with np.errstate(divide="ignore"):
        log = np.log(kernel)
    affinities, weights = [], []
    for f, g, h in combinations(states, 3):
        edges = ((f, g), (g, h), (h, f))
        affinities.append(sum(log[a, b] - log[b, a] for a, b in edges))
        weights.append(1 / sum(1 / kernel[a, b] + 1 / kernel[b, a] for a, b in edges))
    return float(np.sqrt(np.average(np.square(affinities), weights=weights)))


if __name__ == "__main__":
    for kind in ("reversible", "driven"):
        words, kernel = transition_kernel(kind)
        pi = stationary(kernel)
        with np.errstate(divide="ignore", invalid="ignore"):
            rows = -np.nansum(kernel * np.log(kernel), 1)
        twelve = np.zeros(len(words))
        twelve[:12] = 1 / 12
        print(
            f"{kind}: {len(words)} words, entropy {pi @ rows:.3f} nats, I(f;g) {mutual_information(kernel, pi):.3f}, "
            f"entropy production {entropy_production(kernel):.3f}; between the twelve most frequent words rms "
            f"affinity {rms_affinity(kernel, range(12)):.3f}, I(f;g) from them {mutual_information(kernel, twelve):.3f}"
        )
