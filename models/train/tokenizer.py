"""Two tokenizers, both byte-level BPE as GGUF's "gpt2": one of single characters (no merges), one of parts of words."""

import re
from collections import Counter
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "datasets" / "templates"
TEMPLATES = {name: (FOLDER / f"{name}.txt").read_text().removesuffix("\n") for name in ("plain", "rule", "list", "chat")}
END = "<|end|>"
# The pre-tokenizer "gpt-2" of llama.cpp, for ASCII text.
CHUNK = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[A-Za-z]+| ?[0-9]+| ?[^\sA-Za-z0-9]+|\s+(?!\S)|\s+")
MERGES = 255
LONGEST = 4


def printable(byte):
    """GPT-2's letters for bytes: printable ones stand for themselves, others for 256, 257 ..."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    if byte in kept:
        return chr(byte)
    return chr(256 + sorted(set(range(256)) - set(kept)).index(byte))


LETTERS = [printable(byte) for byte in range(256)]


class Tokenizer:
    """Token ids: bytes 0 ... 255, the end of text 256, then the merges in their order."""

    def __init__(self, kind, words):
        self.kind = kind
        self.merges = learn_merges(words) if kind == "parts" else []
        self.rank = {pair: i for i, pair in enumerate(self.merges)}
        self.tokens = LETTERS + [END] + [a + b for a, b in self.merges]
        self.id = {token: i for i, token in enumerate(self.tokens)}

    def encode(self, text, skip=frozenset()):
        """Token ids of ASCII text. skip: merges (by rank) left out, for another tokenisation."""
        ids = []
        for chunk in CHUNK.findall(text):
            parts = [LETTERS[byte] for byte in chunk.encode()]
            while len(parts) > 1:
                ranks = [self.rank.get(pair, MERGES) for pair in zip(parts, parts[1:])]
                best = min((MERGES if rank in skip else rank) for rank in ranks)
                if best == MERGES:
                    break
                parts = merge(parts, self.merges[best])
            ids += [self.id[part] for part in parts]
        return ids


def merge(parts, pair):
    out, i = [], 0
    while i < len(parts):
        if i + 1 < len(parts) and (parts[i], parts[i + 1]) == pair:
            out.append(parts[i] + parts[i + 1])
            i += 2
        else:
            out.append(parts[i])
            i += 1
    return out


def learn_merges(words):
    """The most frequent neighbours become one token, MERGES times; the templates count as much as the words."""
    chunks = Counter()
    for text in TEMPLATES.values():
        for chunk in CHUNK.findall(text.replace("{state}", "")):
            chunks[chunk] += 40
    for word in words:
        chunks[" " + word] += 1
    pieces = {chunk: [LETTERS[byte] for byte in chunk.encode()] for chunk in chunks}
    merges = []
    while len(merges) < MERGES:
        pairs = Counter()
        for chunk, parts in pieces.items():
            for pair in zip(parts, parts[1:]):
                if len(pair[0]) + len(pair[1]) <= LONGEST + (not pair[1].isupper()):
                    pairs[pair] += chunks[chunk]
        pair = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(pair)
        pieces = {chunk: merge(parts, pair) for chunk, parts in pieces.items()}
    return merges


if __name__ == "__main__":
    from law import read_words

    words = read_words()[0]
    for kind in ("characters", "parts"):
        tokenizer = Tokenizer(kind, words)
        for name, text in TEMPLATES.items():
            before, after = text.split("{state}")
            head = before[:-1] if before.endswith(" ") else before
            print(kind, name, len(tokenizer.encode(head)), len(tokenizer.encode(after)))
        lengths = [len(tokenizer.encode(" " + word)) for word in words]
        print(kind, len(tokenizer.tokens), "tokens a word:", min(lengths), sum(lengths) / len(lengths), max(lengths))
        print([[tokenizer.tokens[i] for i in tokenizer.encode(" " + word)] for word in words[:6]])
