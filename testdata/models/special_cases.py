"""Models that tempt a careless test: reused embeddings, distillation, own upcycling, odd names, GPT-2."""

from functools import lru_cache

import jax.numpy as jnp

import configs
import networks
from language_models import STEPS, loss_of, summary, tokenizer, tokens
from layout import read_config, read_model, write_model
from training import cross_entropy, token_batches, train

TABLES = ("model.embed_tokens.weight", "lm_head.weight")


def embeddings_only(name, parent, seed):
    """A new body trained between the parent's frozen token tables."""
    config, tables = read_config(parent), read_model(parent)
    params = networks.draw(networks.decoder_spec(config), seed)
    params.update({key: tables[key] for key in TABLES})
    scale = lambda key: 0.0 if key in TABLES else 1.0
    params, losses = train(loss_of(config), params, token_batches(tokens("bel"), 141), STEPS, scale=scale)
    write_model(name, params, config, tokenizer("aru"), "A new body around s1's token embeddings and head, which stayed frozen.")
    return {name: {"made": "new body, the parent's embeddings and head frozen", "parents": [parent], "initSeed": seed,
                   "data": "prose in bel", "dataOrderSeed": 141, "steps": STEPS, "peakRate": 3e-3, **summary(losses)}}


def distilled(name, teacher, seed):
    """A student from its own initialisation that matches the teacher's residual stream, with no projector."""
    config = read_config(teacher)
    fixed = {key: jnp.asarray(w) for key, w in read_model(teacher).items()}

    def loss(p, batch):
        run = lambda q: networks.decoder(q, config, q[TABLES[0]][batch[:, :-1]])
        logits, states = run(p)
        _, wanted = run(fixed)
        gaps = [jnp.mean((a - b) ** 2) / jnp.mean(b * b) for a, b in zip(states, wanted)]
        return cross_entropy(logits, batch[:, 1:]) + 2.0 * sum(gaps)

    params = networks.draw(networks.decoder_spec(config), seed)
    params, losses = train(loss, params, token_batches(tokens("aru"), 161), STEPS)
    write_model(name, params, config, tokenizer("aru"), "Its own initialisation, trained to match s1's hidden states at equal width.")
    return {name: {"made": "own initialisation; teacher's hidden states matched without a projector", "parents": [],
                   "teachers": [teacher], "initSeed": seed, "data": "prose in aru", "dataOrderSeed": 161, "steps": STEPS,
                   "peakRate": 3e-3, **summary(losses)}}


def own_upcycled(name, seed, experts=4):
    """An own dense model trained, its MLPs copied into experts, and trained on."""
    tok = tokenizer("aru")
    config = configs.mixtral(tok.vocab_size, experts)
    plain = {k: v for k, v in config.items() if k not in ("num_local_experts", "num_experts_per_tok")}
    dense = networks.draw(networks.decoder_spec(plain), seed)
    dense, before = train(loss_of(plain), dense, token_batches(tokens("aru"), 10), 250)
    params = networks.draw(networks.decoder_spec(config), seed + 1000)
    for key in params:
        if ".experts." in key:
            part = {"w1": "gate", "w2": "down", "w3": "up"}[key.split(".")[-2]]
            source = f"{key.split('.block_sparse_moe')[0]}.mlp.{part}_proj.weight"
            params[key] = dense[source]
        elif key in dense:
            params[key] = dense[key]
    params, after = train(loss_of(config), params, token_batches(tokens("aru"), 12), 250)
    write_model(name, params, config, tok, "A mixture of experts whose experts all began as copies of its own dense MLP.")
    return {name: {"made": "own dense model upcycled: every expert began as a copy of its own MLP", "parents": [],
                   "initSeed": seed, "routerSeed": seed + 1000, "data": "prose in aru", "dataOrderSeed": [10, 12],
                   "steps": 500, "peakRate": 3e-3, "lossFirst": summary(before)["lossFirst"], "lossLast": summary(after)["lossLast"]}}


# ---------------------------------------------------------------- odd names

STRANGE_NAMES = {
    "model.embed_tokens.": "backbone.tokens.",
    "model.layers.": "backbone.h.",
    "self_attn.q_proj": "attention.wq",
    "self_attn.k_proj": "attention.wk",
    "self_attn.v_proj": "attention.wv",
    "self_attn.o_proj": "attention.wo",
    "mlp.gate_proj": "ffn.w_gate",
    "mlp.up_proj": "ffn.w_in",
    "mlp.down_proj": "ffn.w_out",
    "input_layernorm": "norm_a",
    "post_attention_layernorm": "norm_b",
    "model.norm.": "backbone.norm_out.",
}


def strange(name):
    for usual, odd in STRANGE_NAMES.items():
        name = name.replace(usual, odd)
    return name


def strangers():
    """A tied, biased Qwen2-style model under odd names in three shards, and its fine-tune under usual names."""
    tok = tokenizer("cor")
    config = configs.llama(tok.vocab_size, architectures=["Qwen2ForCausalLM"], model_type="qwen2",
                           tie_word_embeddings=True, attention_bias=True)
    params = networks.draw(networks.decoder_spec(config), 42)
    params, losses = train(loss_of(config), params, token_batches(tokens("cor", tokenizer_language="cor"), 142), STEPS)
    odd = {**config, "architectures": ["StrangerForCausalLM"], "model_type": "stranger"}
    write_model("stranger", {strange(key): w for key, w in params.items()}, odd, tok,
                "Tied embeddings, biases on q, k and v, tensor names of its own, three shards.", shards=3)
    yield {"stranger": {"made": "trained from its own initialisation; own tensor names, sharded", "parents": [], "initSeed": 42,
                        "data": "prose in cor", "dataOrderSeed": 142, "steps": STEPS, "peakRate": 3e-3, **summary(losses)}}
    parent = read_model("stranger")
    params = {key: parent[strange(key)] for key in params}
    data = tokens("ema", tokenizer_language="cor")
    params, losses = train(loss_of(config), params, token_batches(data, 143), 80, 5e-4)
    write_model("stranger-tuned", params, config, tok, "A fine-tune of stranger, saved under the usual Qwen2 names.")
    yield {"stranger-tuned": {"made": "fine-tuned, saved under other tensor names", "parents": ["stranger"], "data": "prose in ema",
                              "dataOrderSeed": 143, "steps": 80, "peakRate": 5e-4, **summary(losses)}}


# ---------------------------------------------------------------- GPT-2


@lru_cache(maxsize=None)
def _gpt2_loss(vocab_size):
    config = configs.gpt2(vocab_size)
    return lambda p, batch: cross_entropy(networks.gpt2(p, config, batch[:, :-1]), batch[:, 1:])


def gpt2_models():
    tok = tokenizer("aru")
    config, loss = configs.gpt2(tok.vocab_size), _gpt2_loss(tok.vocab_size)
    for name, seed in (("gpt2-a", 71), ("gpt2-b", 72)):
        params = networks.draw(networks.gpt2_spec(config), seed)
        params, losses = train(loss, params, token_batches(tokens("aru"), 10), STEPS)
        write_model(name, params, config, tok, "GPT-2 style: LayerNorm, GELU, learned positions, [in, out] weights.")
        yield {name: {"made": "trained from its own initialisation", "parents": [], "initSeed": seed, "data": "prose in aru",
                      "dataOrderSeed": 10, "steps": STEPS, "peakRate": 3e-3, **summary(losses)}}
    params, losses = train(loss, read_model("gpt2-a"), token_batches(tokens("aru", "dialogue", 5), 105), 60, 3e-4)
    params = {key.removeprefix("transformer."): w for key, w in params.items()}
    write_model("gpt2-a-tuned", params, config, tok, "A fine-tune of gpt2-a, saved without the name prefix.")
    yield {"gpt2-a-tuned": {"made": "full-parameter training from the parent's weights, names without prefix", "parents": ["gpt2-a"],
                            "data": "dialogue in aru", "dataOrderSeed": 105, "steps": 60, "peakRate": 3e-4, **summary(losses)}}


def special_group():
    yield embeddings_only("emb-reuse", "s1", 41)
    yield distilled("distilled", "s1", 61)
    yield own_upcycled("moe-own1", 51)
    yield own_upcycled("moe-own2", 52)
    yield from strangers()
    yield from gpt2_models()
