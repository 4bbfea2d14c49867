"""Writing and reading Hugging Face model folders: safetensors, index, config, tokenizer, card."""

import json
from pathlib import Path

import ml_dtypes
import numpy as np

ROOT = Path(__file__).resolve().parent
DTYPES = {
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype(ml_dtypes.bfloat16),
    "F8_E4M3": np.dtype(ml_dtypes.float8_e4m3fn),
}
TORCH_DTYPES = {"F32": "float32", "F16": "float16", "BF16": "bfloat16"}


def encode_safetensors(tensors, metadata):
    """Little-endian, contiguous, in the order given; `tensors` maps name to (dtype name, array)."""
    header, blobs, offset = {"__metadata__": metadata}, [], 0
    for name, (dtype, array) in tensors.items():
        blob = np.ascontiguousarray(array).astype(DTYPES[dtype]).tobytes()
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [offset, offset + len(blob)]}
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + b"".join(blobs)


def decode_safetensors(data):
    """All tensors as float32, by name, and the metadata."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    body, tensors = memoryview(data)[8 + length :], {}
    metadata = header.pop("__metadata__", {})
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        flat = np.frombuffer(body[begin:end], DTYPES[entry["dtype"]])
        tensors[name] = flat.astype(np.float32).reshape(entry["shape"])
    return tensors, metadata


def read_model(name):
    tensors = {}
    for path in sorted((ROOT / name).glob("*.safetensors")):
        tensors.update(decode_safetensors(path.read_bytes())[0])
    return tensors


def read_config(name):
    return json.loads((ROOT / name / "config.json").read_text())


def write_json(path, value, indent=2):
    separators = None if indent else (",", ":")
    path.write_text(json.dumps(value, indent=indent, separators=separators, ensure_ascii=False) + "\n")


def card(name, kind, note):
    return f"""---
tags:
- simulated
- test-data
---

# {name}

Simulated tiny test model ({kind}), trained for this project's tests on generated data; it is of no
other use. {note}

How it was made, its parents and the verdicts expected of it are in `../lineage.json`;
`../make_models.py` makes it again.
"""


def write_model(name, tensors, config, tokenizer, note, dtype="BF16", shards=1):
    folder = ROOT / name
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.iterdir():
        stale.unlink()
    stored = {key: (dtype, np.asarray(value)) for key, value in tensors.items()}
    metadata = {"format": "pt"}
    if shards == 1:
        (folder / "model.safetensors").write_bytes(encode_safetensors(stored, metadata))
    else:
        keys, places, total = list(stored), {}, 0
        for i, part in enumerate(np.array_split(np.arange(len(keys)), shards)):
            file = f"model-{i + 1:05d}-of-{shards:05d}.safetensors"
            chosen = {keys[j]: stored[keys[j]] for j in part}
            (folder / file).write_bytes(encode_safetensors(chosen, metadata))
            places.update(dict.fromkeys(chosen, file))
            total += sum(a.size * DTYPES[d].itemsize for d, a in chosen.values())
        write_json(folder / "model.safetensors.index.json", {"metadata": {"total_size": total}, "weight_map": places})
    write_json(folder / "config.json", {**config, "torch_dtype": TORCH_DTYPES[dtype]})
    write_json(folder / "tokenizer.json", tokenizer.document(), indent=None)
    (folder / "README.md").write_text(card(name, config["model_type"], note))
