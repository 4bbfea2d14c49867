"""Blocks of random bytes and what the `gguf` package (of llama.cpp) makes of them.

    pip install gguf==0.19.0 numpy==2.4.6
    python testdata/vectors/make_block_vectors.py

Each case holds the bytes of two blocks and the float32 bits of their values, both in hexadecimal.
The half-precision scales are drawn finite; everything else is uniform.
"""

import json
import platform
from importlib.metadata import version
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType as T
from gguf.constants import GGML_QUANT_SIZES
from gguf.quants import dequantize

HERE = Path(__file__).parent
BLOCKS = 2
# Byte offsets of the float16 scales in a block.
HALVES = {
    "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0],
    "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208],
    "IQ4_NL": [0], "IQ4_XS": [0], "TQ1_0": [52], "TQ2_0": [64], "MXFP4": [], "NVFP4": [],
    "IQ2_XXS": [0], "IQ2_XS": [0], "IQ2_S": [0], "IQ3_XXS": [0], "IQ3_S": [0], "IQ1_S": [0],
    "IQ1_M": [],
}

random = np.random.default_rng(20261123)
cases = []
for name, halves in HALVES.items():
    size = GGML_QUANT_SIZES[T[name]][1]
    blocks = random.integers(0, 256, (BLOCKS, size), dtype=np.uint8)
    for at in halves:
        scale = random.normal(0, 0.05, BLOCKS).astype(np.float16)
        blocks[:, at : at + 2] = scale.view(np.uint8).reshape(BLOCKS, 2)
    if name == "MXFP4":
        blocks[:, 0] = [0, 121]
    if name == "NVFP4":
        # Zero, the code that stands for none, subnormal; with a sign that is not read.
        blocks[:, :4] = [[0, 127, 3, 45], [128, 255, 131, 173]]
    if name == "IQ1_M":
        # The scale is spread over four highest nibbles; 0x2a4d and 0xa123 are finite.
        for at, nibbles in zip(range(49, 57, 2), [(13, 3), (4, 2), (10, 1), (2, 10)]):
            blocks[:, at] = (blocks[:, at] & 15) | (np.array(nibbles, np.uint8) << 4)
    values = dequantize(blocks, T[name]).astype("<f4")
    cases.append({"format": name, "bytes": blocks.tobytes().hex(), "values": values.tobytes().hex()})

origin = {
    "script": "testdata/vectors/make_block_vectors.py",
    "versions": {
        "python": platform.python_version(),
        "gguf": version("gguf"),
        "numpy": np.__version__,
    },
}
body = ",\n".join("    " + json.dumps(case) for case in cases)
(HERE / "ggml-blocks.json").write_text(
    f'{{\n  "origin": {json.dumps(origin)},\n  "cases": [\n{body}\n  ]\n}}\n'
)
