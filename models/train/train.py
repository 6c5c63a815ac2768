"""Trains one model: OPENBLAS_CORETYPE=SkylakeX OPENBLAS_NUM_THREADS=1 python3 train.py llama reversible OUT [--steps N]

The target at every token of an answer is the exact law of the next token under the kernel of
law.py, given the word and what was written so far: no noise of sampled targets. Answers themselves
are drawn, so that the places are met as often as they occur.
"""

import argparse
import json
import random
import time
import zlib
from pathlib import Path

import numpy as np
import torch

from architectures import LanguageModel
from law import stationary, transition_kernel
from safetensors import save_tensors
from tokenizer import TEMPLATES, Tokenizer

TOKENIZERS = {"llama": "characters", "gpt2": "parts", "qwen3": "parts", "mamba2": "parts"}
CHOSEN = 0.85  # share of the usual tokenisation of a word; the rest goes to another one
ROWS = 48  # words a template and step
LEARNING_RATE, WARM_UP, WEIGHT_DECAY = 3e-3, 100, 0.05


class Answers:
    """Every answer as a token path: a word in one of its tokenisations, then a line end."""

    def __init__(self, tokenizer, words):
        random.seed(1)
        leaves = []
        for w, word in enumerate(words):
            usual = tokenizer.encode(" " + word)
            skip = {r for r in range(len(tokenizer.merges)) if random.random() < 0.3}
            other = tokenizer.encode(" " + word, skip)
            if other == usual:
                leaves.append((usual, w, 1.0))
            else:
                leaves += [(usual, w, CHOSEN), (other, w, 1 - CHOSEN)]
        end = tokenizer.encode("\n")
        leaves = sorted((tokens + end, w, share) for tokens, w, share in leaves)
        self.paths = [tokens for tokens, _, _ in leaves]
        self.word = np.array([w for _, w, _ in leaves])
        self.share = np.array([share for _, _, share in leaves])
        self._nodes()

    def _nodes(self):
        """Every prefix of a path is a node; the paths beyond each of its children are neighbours in the order."""
        nodes, self.trail = {}, []
        for i, path in enumerate(self.paths):
            trail = []
            for depth in range(len(path)):
                children = nodes.setdefault(tuple(path[:depth]), {})
                low, _ = children.get(path[depth], (i, i))
                children[path[depth]] = (low, i + 1)
                trail.append(tuple(path[:depth]))
            self.trail.append(trail)
        index = {prefix: n for n, prefix in enumerate(nodes)}
        self.trail = [[index[prefix] for prefix in trail] for trail in self.trail]
        most = max(len(children) for children in nodes.values())
        self.child = np.zeros((len(nodes), most), np.int64)
        self.low = np.zeros((len(nodes), most), np.int64)
        self.high = np.zeros((len(nodes), most), np.int64)
        for n, children in enumerate(nodes.values()):
            for c, (token, (low, high)) in enumerate(children.items()):
                self.child[n, c], self.low[n, c], self.high[n, c] = token, low, high


class Prompts:
    def __init__(self, tokenizer, words):
        self.heads, self.rests = [], []
        for text in TEMPLATES.values():
            before, after = text.split("{state}")
            blank = before.endswith(" ")
            self.heads.append(torch.tensor(tokenizer.encode(before[: -1 if blank else None])))
            self.rests.append([tokenizer.encode(" " * blank + word + after) for word in words])


def batch(prompts, template, answers, weights, sources, rng):
    """One template, the sources [B]: body [B, T], rows and places [M] to read, targets there."""
    cumulated = np.concatenate([np.zeros((len(sources), 1)), weights[sources].cumsum(1)], 1)
    draws = rng.random(len(sources)) * cumulated[:, -1]
    chosen = [int(np.searchsorted(cumulated[i, 1:], draws[i], "right")) for i in range(len(sources))]
    texts, rows, places, nodes = [], [], [], []
    for i, (source, leaf) in enumerate(zip(sources, chosen)):
        rest = prompts.rests[template][source]
        texts.append(rest + answers.paths[leaf][:-1])
        for depth, node in enumerate(answers.trail[leaf]):
            rows.append(i)
            places.append(len(rest) - 1 + depth)
            nodes.append(node)
    body = np.zeros((len(texts), max(map(len, texts))), np.int64)
    for i, text in enumerate(texts):
        body[i, : len(text)] = text
    rows_, nodes_ = np.array(rows), np.array(nodes)
    mass = cumulated[rows_[:, None], answers.high[nodes_]] - cumulated[rows_[:, None], answers.low[nodes_]]
    law = mass / mass.sum(1, keepdims=True)
    tensor = torch.from_numpy
    return tensor(body), tensor(rows_), torch.tensor(places), tensor(answers.child[nodes_]), tensor(law).float()


def excess(log_probabilities, child, law):
    """Kullback-Leibler divergence of the model's law from the exact one, [M], nats."""
    known = torch.where(law > 0, law.log(), torch.zeros(()))
    return (law * (known - log_probabilities.gather(1, child))).sum(1)


def train(architecture, kind, out, steps, stop):
    seed = zlib.crc32(f"{architecture}-{kind}".encode())
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    words, kernel = transition_kernel(kind)
    tokenizer = Tokenizer(TOKENIZERS[architecture], words)
    answers, prompts = Answers(tokenizer, words), Prompts(tokenizer, words)
    weights = kernel[:, answers.word] * answers.share
    often = (stationary(kernel) + 1 / len(words)) / 2  # frequent words and rare ones
    model = LanguageModel(architecture, len(tokenizer.tokens))
    decayed = [p for p in model.parameters() if p.dim() > 1]
    plain = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": WEIGHT_DECAY}, {"params": plain, "weight_decay": 0}],
        lr=LEARNING_RATE,
        betas=(0.9, 0.98),
    )
    rate = lambda step: min(1, (step + 1) / WARM_UP) * (0.01 + 0.99 * (1 + np.cos(np.pi * step / steps)) / 2)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    print(f"{architecture} {kind}: {sum(p.numel() for p in model.parameters())} parameters", flush=True)
    curve, recent, start = [], [], time.time()
    for step in range(1, stop + 1):
        optimizer.zero_grad()
        for template, head in enumerate(prompts.heads):
            sources = rng.choice(len(words), ROWS, p=often)
            body, rows, places, child, law = batch(prompts, template, answers, weights, sources, rng)
            loss = excess(model(head, body, rows, places).log_softmax(-1), child, law).sum() / ROWS
            (loss / len(prompts.heads)).backward()
            recent.append(loss.item())
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 50 == 0 or step == stop:
            curve.append([step, round(float(np.mean(recent)), 6)])
            recent = []
            print(f"{step} {curve[-1][1]:.6f} nats a word above the law's own, {time.time() - start:.0f} s", flush=True)
        if step % 500 == 0 or step == stop:
            save(out, model, tokenizer, {"architecture": architecture, "law": kind, "seed": seed, "steps": step, "curve": curve})


def save(out, model, tokenizer, facts):
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    save_tensors(out / "weights.safetensors", {name: p.detach().numpy() for name, p in model.named_parameters()})
    facts = facts | {"tokens": tokenizer.tokens, "merges": [" ".join(pair) for pair in tokenizer.merges]}
    (out / "model.json").write_text(json.dumps(facts))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("architecture", choices=TOKENIZERS)
    parser.add_argument("law", choices=["reversible", "driven"])
    parser.add_argument("out")
    parser.add_argument("--steps", type=int, default=3000, help="of the whole training: they set the learning rate")
    parser.add_argument("--stop", type=int, help="end after this many steps")
    args = parser.parse_args()
    torch.set_num_threads(1)
    train(args.architecture, args.law, args.out, args.steps, args.stop or args.steps)
