"""The safetensors format, as much of it as a list of F32 tensors needs."""

import json

import numpy as np


def save_tensors(path, tensors):
    """8 bytes of header length, a JSON header, then the little-endian data in the header's order."""
    header, offset, data = {}, 0, []
    for name, values in tensors.items():
        values = np.ascontiguousarray(values, "<f4")
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [offset, offset + values.nbytes]}
        offset += values.nbytes
        data.append(values.tobytes())
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for part in data:
            file.write(part)


def load_tensors(path):
    with open(path, "rb") as file:
        data = file.read()
    start = 8 + int.from_bytes(data[:8], "little")
    return {
        name: np.frombuffer(data[start + entry["data_offsets"][0] : start + entry["data_offsets"][1]], "<f4").reshape(entry["shape"]).copy()
        for name, entry in json.loads(data[8:start]).items()
    }
