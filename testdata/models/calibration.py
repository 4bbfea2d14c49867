"""Many independent tiny models, trained on the same data in the same order, in 8-bit floats.

Every matrix is multiplied by 64 (a power of two) and rounded to nearest F8_E4M3. That rounding is
odd, so the sign symmetry of the weights survives exactly. Norm weights and biases are kept as F16,
unscaled. Tensor names are a model number, a dot, and the Hugging Face name.
"""

from functools import lru_cache

import numpy as np

import configs
import corpus
import networks
from language_models import loss_of
from layout import ROOT, write_json, encode_safetensors
from training import cross_entropy, token_batches, train

SWIGLU_COUNT, GELU_COUNT, PER_FILE, TOGETHER = 420, 60, 60, 20
STEPS, PEAK = 300, 1e-2
SCALE, CONTEXT, BATCH = 64.0, 32, 8
ALPHABET = "\n abcdefghijklmnopqrstuvwxyz.?,"
FIRST_SEED = 50_000


@lru_cache(maxsize=None)
def letters():
    """The main language, one token per character, 31 characters and one spare."""
    codes = {character: i for i, character in enumerate(ALPHABET)}
    return np.array([codes[c] for c in corpus.prose("aru", 1)], dtype=np.int32)


def swiglu_config():
    return configs.llama(32, hidden_size=24, intermediate_size=48, num_hidden_layers=2, head_dim=6,
                         tie_word_embeddings=True, max_position_embeddings=CONTEXT)


def gelu_config():
    return {**configs.gpt2(32), "n_embd": 24, "n_inner": 48, "n_positions": CONTEXT, "n_ctx": CONTEXT}


def gelu_loss(p, batch):
    config = gelu_config()
    return cross_entropy(networks.gpt2(p, config, batch[:, :-1]), batch[:, 1:])


def stored(number, params):
    for name, w in params.items():
        if w.ndim >= 2:
            scaled = w * SCALE
            assert np.abs(scaled).max() < 448, name
            yield f"{number:04d}.{name}", ("F8_E4M3", scaled)
        else:
            yield f"{number:04d}.{name}", ("F16", w)


def trained(spec, loss, numbers):
    """Models `numbers`, trained side by side on one batch stream: {number: params}, mean losses."""
    drawn = [networks.draw(spec, FIRST_SEED + n) for n in numbers]
    params = {name: np.stack([d[name] for d in drawn]) for name in drawn[0]}
    batches = token_batches(letters(), 50, BATCH, CONTEXT)
    params, losses = train(loss, params, batches, STEPS, PEAK, vectorised=True)
    models = {n: {name: w[i] for name, w in params.items()} for i, n in enumerate(numbers)}
    return models, np.mean(losses[:5]), np.mean(losses[-20:])


def family(kind, count, spec, loss, config):
    first, last, tensors = [], [], {}
    for start in range(0, count, TOGETHER):
        models, loss_first, loss_last = trained(spec, loss, range(start, start + TOGETHER))
        first.append(loss_first)
        last.append(loss_last)
        for number, params in models.items():
            tensors.update(stored(number, params))
        if (start + TOGETHER) % PER_FILE == 0:
            metadata = {"format": "pt", "simulated": "true", "matrix_scale": "64", "name_prefix": "NNNN."}
            path = ROOT / "calibration" / f"{kind}-{start // PER_FILE:02d}.safetensors"
            path.write_bytes(encode_safetensors(tensors, metadata))
            print(f"        {path.name} {first[-1]:.3f} -> {last[-1]:.3f}", flush=True)
            tensors = {}
    write_json(ROOT / "calibration" / f"{kind}-config.json", {**config, "torch_dtype": "float8_e4m3fn"})
    return {f"calibration/{kind}": {
        "made": f"{count} models, each trained from its own initialisation", "parents": [],
        "initSeed": f"{FIRST_SEED} + model number", "modelCount": count, "data": "prose in aru, one token per character",
        "dataOrderSeed": 50, "steps": STEPS, "peakRate": PEAK, "matrixScale": SCALE,
        "lossFirst": round(float(np.mean(first)), 3), "lossLast": round(float(np.mean(last)), 3)}}


def calibration_group():
    (ROOT / "calibration").mkdir(exist_ok=True)
    write_json(ROOT / "calibration" / "tokenizer-alphabet.json", list(ALPHABET))
    config = swiglu_config()
    yield family("swiglu", SWIGLU_COUNT, networks.decoder_spec(config), loss_of(config), config)
    yield family("gelu", GELU_COUNT, networks.gpt2_spec(gelu_config()), gelu_loss, gelu_config())
