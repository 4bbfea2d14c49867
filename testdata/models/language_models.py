"""The dense language models: a base, its independents, and its real descendants by training."""

from functools import lru_cache

import jax.numpy as jnp
import numpy as np

import byte_bpe
import configs
import corpus
import networks
from layout import read_config, read_model, write_model
from training import cross_entropy, token_batches, train

STEPS = 500


@lru_cache(maxsize=None)
def tokenizer(language, merges=15):
    return byte_bpe.train(corpus.prose(language, 1, 2500), merges, ["<|endoftext|>"])


@lru_cache(maxsize=None)
def tokens(language, style="prose", seed=1, tokenizer_language="aru"):
    text = getattr(corpus, style)(language, seed)
    return tokenizer(tokenizer_language).encode(text)


@lru_cache(maxsize=None)
def _loss(frozen_config):
    config = dict(frozen_config)

    def loss(p, batch):
        logits, _ = networks.decoder(p, config, p["model.embed_tokens.weight"][batch[:, :-1]])
        return cross_entropy(logits, batch[:, 1:])

    return loss


def loss_of(config):
    """One loss object per configuration, so that equal models are compiled once."""
    return _loss(tuple(sorted((k, v) for k, v in config.items() if isinstance(v, (int, float)))))


def summary(losses):
    return {
        "lossFirst": round(float(np.mean(losses[:5])), 3),
        "lossLast": round(float(np.mean(losses[-20:])), 3),
    }


def dense(name, seed, data, order, note, tokenizer_language="aru"):
    """A model trained from its own initialisation."""
    tok = tokenizer(tokenizer_language)
    config = configs.llama(tok.vocab_size)
    params = networks.draw(networks.decoder_spec(config), seed)
    batches = token_batches(tokens(data, tokenizer_language=tokenizer_language), order)
    params, losses = train(loss_of(config), params, batches, STEPS)
    write_model(name, params, config, tok, note)
    return {name: {"made": "trained from its own initialisation", "parents": [], "initSeed": seed,
                   "data": f"prose in {data}", "dataOrderSeed": order, "steps": STEPS, "peakRate": 3e-3, **summary(losses)}}


def continued(name, parent, data, style, data_seed, steps, peak, note):
    """Full-parameter training that starts at another model's stored weights."""
    config = read_config(parent)
    batches = token_batches(tokens(data, style, data_seed), 100 + data_seed)
    params, losses = train(loss_of(config), read_model(parent), batches, steps, peak)
    write_model(name, params, config, tokenizer("aru"), note)
    return {name: {"made": "full-parameter training from the parent's weights", "parents": [parent],
                   "data": f"{style} in {data}", "dataOrderSeed": 100 + data_seed, "steps": steps, "peakRate": peak,
                   **summary(losses)}}


def low_rank(name, parent, rank, steps, note):
    """LoRA on the query and value projections, merged: W + B A, B starting at zero."""
    config = read_config(parent)
    frozen = {name: jnp.asarray(w) for name, w in read_model(parent).items()}
    targets = [k for k in frozen if k.endswith(("q_proj.weight", "v_proj.weight"))]
    rng = np.random.default_rng([31, 4242])
    adapter = {}
    for key in targets:
        rows, cols = frozen[key].shape
        adapter[key + ".A"] = (rng.standard_normal((rank, cols)) * 0.2).astype(np.float32)
        adapter[key + ".B"] = np.zeros((rows, rank), np.float32)
    base = loss_of(config)
    merge = lambda a: {**frozen, **{k: frozen[k] + a[k + ".B"] @ a[k + ".A"] for k in targets}}
    batches = token_batches(tokens("bel"), 131)
    adapter, losses = train(lambda a, batch: base(merge(a), batch), adapter, batches, steps, 5e-3)
    write_model(name, merge(adapter), config, tokenizer("aru"), note)
    return {name: {"made": f"rank-{rank} LoRA on q and v, merged", "parents": [parent], "initSeed": 31,
                   "data": "prose in bel", "dataOrderSeed": 131, "steps": steps, "peakRate": 5e-3, **summary(losses)}}


def base_group():
    yield dense("s1", 1, "aru", 10, "The base of this family.")
    yield dense("s2", 2, "aru", 10, "Independent of s1: same data in the same order, another initialisation.")
    yield continued("sft1", "s1", "aru", "dialogue", 5, 60, 3e-4, "A light fine-tune of s1 on questions and answers.")
    yield continued("cpt1", "s1", "bel", "prose", 2, STEPS, 3e-3, "s1 trained on at the full rate on another language.")
    yield dense("same1", 1, "bel", 11, "Starts from the very initialisation of s1, then other data.")


def kin_group():
    yield dense("s3", 3, "aru", 10, "Independent of s1 and s2, same data in the same order.")
    yield dense("d9", 9, "cor", 19, "Independent: other data, tokenizer and initialisation.", "cor")
    yield continued("sft1b", "s1", "ema", "dialogue", 6, 60, 3e-4, "Another fine-tune of s1: a sibling of sft1.")
    yield low_rank("lora1", "s1", 4, 80, "s1 with a merged low-rank adapter on q and v.")
