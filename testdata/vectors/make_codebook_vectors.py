"""Blocks that use every entry of the lattice codebooks, and what the `gguf` package makes of them.

    pip install gguf==0.19.0 numpy==2.4.6
    python testdata/vectors/make_codebook_vectors.py

Each case holds the bytes of its blocks in base-64 and the SHA-256 of their values, concatenated as
little-endian float32. Signs and scales are random, the half-precision scale is finite.

It also prints the `members` strings of packages/core/src/numeric/dequantise/lattice-codebooks.ts.
A codebook lists points of a small box in rising order, the first coordinate counting fastest, so
naming the points that belong to it is enough: one bit for each point of the box (for some types:
of even coordinate sum), six bits to a character.
"""

import base64
import hashlib
import json
import platform
from importlib.metadata import version
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType as T
from gguf import quants

HERE = Path(__file__).parent
DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
WIDTH = 92
# Where group g of 4 or 8 elements keeps its index: byte of the low bits, then byte, shift and
# number of the others.
PLACES = {
    "IQ2_XXS": lambda g: (2 + 8 * (g // 4) + g % 4, 0, 0, 0),
    "IQ2_XS": lambda g: (2 + 2 * g, 3 + 2 * g, 0, 1),
    "IQ2_S": lambda g: (2 + g, 66 + g // 4, 2 * (g % 4), 2),
    "IQ3_XXS": lambda g: (2 + g, 0, 0, 0),
    "IQ3_S": lambda g: (2 + g, 66 + g // 8, g % 8, 1),
    # Three bits each in a 16-bit word: index 2 lies in both of its bytes.
    "IQ1_S": lambda g: (2 + g, 34 + 2 * (g // 4), 3 * (g % 4), 3),
    "IQ1_M": lambda g: (g, 32 + g // 2, 4 * (g % 2), 3),
}
random = np.random.default_rng(20261124)


def finite_scales(blocks, name):
    scales = random.normal(0, 0.05, len(blocks)).astype(np.float16).view(np.uint16)
    if name != "IQ1_M":
        blocks[:, :2] = scales[:, None].view(np.uint8)
        return
    # The scale's nibbles, the lowest first, are the highest of four 16-bit words.
    for word in range(4):
        nibble = (scales >> (4 * word)) & 15
        high = blocks[:, 49 + 2 * word]
        blocks[:, 49 + 2 * word] = (high & 15) | (nibble << 4)


def put_index(block, place, index):
    low, high, shift, count = place
    block[low] = index & 255
    if count == 0:
        return
    word = int(block[high]) | (int(block[high + 1]) << 8 if shift > 5 else 0)
    word = (word & ~(((1 << count) - 1) << shift)) | ((index >> 8) << shift)
    block[high] = word & 255
    if shift > 5:
        block[high + 1] = word >> 8


def indices(book, blocks):
    """Which entries the package looks up: it decodes with grids that hold 0, 1 and the index."""
    grid = book.grid
    results = []
    for fill in (np.zeros(grid.shape[2]), np.ones(grid.shape[2]), np.arange(grid.shape[2])):
        book.grid = np.broadcast_to(fill.astype(np.float32)[:, None], grid.shape)
        results.append(book.dequantize(blocks).reshape(len(blocks), -1, grid.shape[3])[..., 0])
    book.grid = grid
    zero, one, index = results
    return np.round((index - zero) / (one - zero)).astype(int)


def members(points, levels):
    weights = levels ** np.arange(points.shape[1])
    places = points @ weights
    assert (np.diff(places) > 0).all(), "not in rising order"
    box = np.arange(levels ** points.shape[1])
    is_even = bool((points.sum(axis=1) % 2 == 0).all())
    if is_even:
        box = box[sum(box // weight % levels for weight in weights) % 2 == 0]
    bits = np.isin(box, places)
    bits = np.append(bits, np.zeros(-len(bits) % 6, bool)).reshape(-1, 6)
    return "".join(DIGITS[int(v)] for v in bits @ 2 ** np.arange(6)), is_even


cases = []
for name, place in PLACES.items():
    book = quants._type_traits[T[name]]
    book.init_grid()
    entries, axes = book.grid_shape
    groups = book.block_size // axes
    blocks = random.integers(0, 256, (entries // groups, book.type_size), dtype=np.uint8)
    finite_scales(blocks, name)
    for k, index in enumerate(random.permutation(entries)):
        put_index(blocks[k // groups], place(k % groups), int(index))
    assert sorted(indices(book, blocks).ravel()) == list(range(entries)), name
    values = book.dequantize(blocks).astype("<f4")
    cases.append({
        "format": name,
        "bytes": base64.b64encode(blocks.tobytes()).decode(),
        "sha256": hashlib.sha256(values.tobytes()).hexdigest(),
    })
    if name == "IQ1_M":
        continue  # the codebook of IQ1_S
    text, is_even = members(np.searchsorted(book.grid_map, book.grid[0, 0]), len(book.grid_map))
    print(f"{name}: {axes} axes, levels {book.grid_map}, even {is_even}, {entries} points")
    for at in range(0, len(text), WIDTH):
        print(f"  {text[at : at + WIDTH]}")

origin = {
    "script": "testdata/vectors/make_codebook_vectors.py",
    "versions": {
        "python": platform.python_version(),
        "gguf": version("gguf"),
        "numpy": np.__version__,
    },
}
body = ",\n".join("    " + json.dumps(case) for case in cases)
(HERE / "ggml-codebooks.json").write_text(
    f'{{\n  "origin": {json.dumps(origin)},\n  "cases": [\n{body}\n  ]\n}}\n'
)
