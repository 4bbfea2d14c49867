"""A small GGUF file written by the `gguf` package (of llama.cpp), with the values it holds.

    pip install gguf==0.19.0 numpy==2.4.6
    python testdata/vectors/make_gguf_file.py

Writes written-by-gguf-py.gguf and, beside it, the float32 bits of every tensor as the package
dequantises them.
"""

import json
import platform
from importlib.metadata import version
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType as T
from gguf import GGUFReader, GGUFWriter
from gguf.quants import dequantize, quantize

HERE = Path(__file__).parent
PATH = HERE / "written-by-gguf-py.gguf"

random = np.random.default_rng(20261123)
writer = GGUFWriter(PATH, "llama")
writer.add_name("tiny")
writer.add_block_count(1)
writer.add_embedding_length(64)
writer.add_feed_forward_length(32)
writer.add_head_count(4)
writer.add_head_count_kv(2)
writer.add_rope_dimension_count(16)
writer.add_layer_norm_rms_eps(1e-5)
writer.add_token_list(["<s>", "a", "한"])
writer.add_token_scores([0.0, -1.0, -2.0])
writer.add_array("test.nested", [[1, 2], [3]])
writer.add_float64("test.f64", 0.1)
writer.add_uint64("test.u64", 2**60)
writer.add_int8("test.i8", -3)
writer.add_bool("test.flag", True)
for name, shape, kind in [
    ("token_embd.weight", (3, 64), T.Q8_0),
    ("blk.0.attn_norm.weight", (64,), T.F32),
    ("blk.0.attn_q.weight", (64, 64), T.Q4_0),
    ("blk.0.ffn_up.weight", (32, 64), T.Q5_1),
    ("blk.0.ffn_down.weight", (64, 32), T.F16),
    ("blk.0.ffn_gate_exps.weight", (2, 3, 32), T.MXFP4),
    ("output.weight", (3, 64), T.BF16),
]:
    data = random.normal(0, 0.05, shape).astype(np.float32)
    if kind == T.F32:
        writer.add_tensor(name, data)
    elif kind == T.F16:
        writer.add_tensor(name, data.astype(np.float16))
    else:
        writer.add_tensor(name, quantize(data, kind), raw_dtype=kind)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()

tensors = []
for tensor in GGUFReader(PATH).tensors:
    shape = [int(n) for n in reversed(tensor.shape)]
    values = dequantize(tensor.data, tensor.tensor_type).astype("<f4").reshape(shape)
    crc = int(np.frombuffer(values.tobytes(), "<u4").astype(np.uint64).sum() % 2**32)
    tensors.append({"name": tensor.name, "shape": shape, "sum": crc, "first": values.ravel()[:4].tobytes().hex()})
origin = {
    "script": "testdata/vectors/make_gguf_file.py",
    "versions": {
        "python": platform.python_version(),
        "gguf": version("gguf"),
        "numpy": np.__version__,
    },
    "note": "sum adds the float32 bits of all values modulo 2^32",
}
body = ",\n".join("    " + json.dumps(tensor) for tensor in tensors)
(HERE / "written-by-gguf-py.json").write_text(
    f'{{\n  "origin": {json.dumps(origin)},\n  "tensors": [\n{body}\n  ]\n}}\n'
)
