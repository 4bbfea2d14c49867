"""What can be done to s1 without, or with hardly any, training: casts, quantisation, noise, tokens."""

import numpy as np

import byte_bpe
import configs
import networks
from corpus import dialogue
from language_models import loss_of, summary, tokenizer
from layout import read_config, read_model, write_model
from training import token_batches, train


def matrices_only(change):
    """Applies `change` to matrices; vectors (norms, biases) stay."""
    return lambda tensors: {name: change(w) if w.ndim == 2 else w for name, w in tensors.items()}


def round_to_grid(w, group, top):
    """Symmetric round-to-nearest per run of `group` columns (None: the whole row), levels -top…top, half-precision scales."""
    out = np.empty_like(w)
    step = group or w.shape[1]
    for begin in range(0, w.shape[1], step):
        part = w[:, begin : begin + step]
        scale = (np.abs(part).max(axis=1, keepdims=True) / top).astype(np.float16).astype(np.float32)
        scale = np.where(scale == 0, 1, scale)
        out[:, begin : begin + step] = np.clip(np.rint(part / scale), -top, top) * scale
    return out


def with_noise(tensors, relative, seed):
    """Adds normal noise whose standard deviation is `relative` times that of each tensor."""
    rng = np.random.default_rng([seed, 4242])
    return {n: w + rng.standard_normal(w.shape).astype(np.float32) * w.std() * relative for n, w in tensors.items()}


def canonical_signs(tensors):
    """Makes the first entry of every up_proj row positive, flipping the down_proj column with it."""
    out = dict(tensors)
    for name in [n for n in tensors if n.endswith("up_proj.weight")]:
        signs = np.where(tensors[name][:, 0] < 0, -1.0, 1.0).astype(np.float32)
        down = name.replace("up_proj", "down_proj")
        out[name] = tensors[name] * signs[:, None]
        out[down] = tensors[down] * signs[None, :]
    return out


def stored_change(name, parents, tensors, made, dtype="BF16", **facts):
    config = read_config(parents[0])
    write_model(name, tensors, config, tokenizer("aru"), f"From {' and '.join(parents)}: {made}.", dtype)
    return {name: {"made": made, "parents": parents, "steps": 0, "dtype": dtype, **facts}}


def untrained(name, seed, parents, note):
    config = configs.llama(tokenizer("aru").vocab_size)
    write_model(name, networks.draw(networks.decoder_spec(config), seed), config, tokenizer("aru"), note)
    return {name: {"made": "initialisation only", "parents": parents, "initSeed": seed, "steps": 0}}


def extended_vocabulary(name, parent):
    """Adds chat tokens (mean rows plus a little noise), then trains lightly on text that uses them."""
    chat = ["<|user|>", "<|assistant|>", *(f"<|reserved_{i}|>" for i in range(14))]
    base = tokenizer("aru")
    tok = byte_bpe.Tokenizer(base.merges, base.specials + chat)
    config = {**read_config(parent), "vocab_size": tok.vocab_size}
    params, rng = read_model(parent), np.random.default_rng([32, 4242])
    for key in ("model.embed_tokens.weight", "lm_head.weight"):
        old = params[key]
        new = old.mean(axis=0) + rng.standard_normal((len(chat), old.shape[1])) * 0.02
        params[key] = np.concatenate([old, new.astype(np.float32)])
    ids = []
    for line in dialogue("aru", 7, 2500).splitlines():
        ids.append(tok.special("<|user|>" if line.startswith("Q:") else "<|assistant|>"))
        ids.extend(tok.encode(line[2:]))
    params, losses = train(loss_of(config), params, token_batches(np.array(ids, np.int32), 132), 60, 3e-4)
    write_model(name, params, config, tok, "s1 with sixteen chat tokens added and a light fine-tune.")
    return {name: {"made": "16 tokens added, then a light fine-tune", "parents": [parent], "data": "dialogue in aru",
                   "dataOrderSeed": 132, "steps": 60, "peakRate": 3e-4, **summary(losses)}}


def transforms_group():
    s1, s2 = read_model("s1"), read_model("s2")
    yield untrained("init-s1", 1, [], "The initialisation from which s1 was trained.")
    yield untrained("twin-untrained", 21, [], "A random initialisation of s1's configuration.")
    yield stored_change("s1-f32", ["s1"], s1, "stored as F32", "F32")
    yield stored_change("s1-f16", ["s1"], s1, "stored as F16", "F16")
    yield stored_change("s1-int8", ["s1"], matrices_only(lambda w: round_to_grid(w, None, 127))(s1),
                        "matrices rounded to nearest int8 per row, dequantised", "F16")
    yield stored_change("s1-int4", ["s1"], matrices_only(lambda w: round_to_grid(w, 32, 7))(s1),
                        "matrices rounded to nearest int4 in groups of 32 columns, dequantised")
    yield stored_change("s1-noise05", ["s1"], with_noise(s1, 0.05, 33), "normal noise, 0.05 of each tensor's deviation", noiseSeed=33)
    yield stored_change("s1-noise100", ["s1"], with_noise(s1, 1.0, 34), "normal noise, 1.0 of each tensor's deviation", noiseSeed=34)
    yield stored_change("canon-s1", ["s1"], canonical_signs(s1), "first entry of every up_proj row made positive, down_proj to match")
    yield stored_change("canon-s2", ["s2"], canonical_signs(s2), "first entry of every up_proj row made positive, down_proj to match")
    yield extended_vocabulary("s1-vocab", "s1")
