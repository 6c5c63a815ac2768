"""Reference logits of trained models on held-out prompts: python3 parity.py OUT.json NAME=FOLDER [NAME=FOLDER ...]

The words asked about have another letter sum, so no prompt was met in training. The logits are
those of PyTorch in single precision; test/models/embedded.test.ts compares llama.cpp's with them.
"""

import base64
import json
import sys
from pathlib import Path

import torch

from architectures import LanguageModel
from law import read_words
from safetensors import load_tensors
from tokenizer import TEMPLATES, Tokenizer
from train import TOKENIZERS

HELD_OUT = {"plain": ("LEAVES", " TR"), "rule": ("MOVIE", ""), "list": ("ZERO", " P"), "chat": ("DINNER", " HOSPI")}


def reference(folder):
    facts = json.loads((Path(folder) / "model.json").read_text())
    tokenizer = Tokenizer(TOKENIZERS[facts["architecture"]], read_words()[0])
    if tokenizer.tokens != facts["tokens"]:
        raise ValueError(f"{folder}: the tokenizer is not the one the model was trained with")
    model = LanguageModel(facts["architecture"], len(facts["tokens"]))
    weights = load_tensors(Path(folder) / "weights.safetensors")
    model.load_state_dict({name: torch.from_numpy(values) for name, values in weights.items()})
    cases = []
    for template, (word, answer) in HELD_OUT.items():
        before, after = TEMPLATES[template].split("{state}")
        blank = before.endswith(" ")
        head = tokenizer.encode(before[: -1 if blank else None])
        rest = tokenizer.encode(" " * blank + word + after)
        completion = tokenizer.encode(answer)
        body = torch.tensor([rest + completion])
        with torch.no_grad():
            last = torch.tensor([body.shape[1] - 1])
            logits = model(torch.tensor(head), body, torch.tensor([0]), last)[0]
        cases.append(
            {
                "template": template,
                "word": word,
                "answer": answer,
                "head": head,
                "rest": rest,
                "completion": completion,
                "logits": base64.b64encode(logits.numpy().astype("<f4").tobytes()).decode(),
            }
        )
    return cases


if __name__ == "__main__":
    out, *models = sys.argv[1:]
    named = dict(model.split("=") for model in models)
    Path(out).write_text(json.dumps({name: reference(folder) for name, folder in named.items()}, indent="\t") + "\n")
