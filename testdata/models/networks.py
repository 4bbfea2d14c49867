"""Forward passes and parameter lists. Parameters are a flat dict keyed by Hugging Face names.

Weights are [out, in] as in PyTorch, except GPT-2's, which are [in, out] (its Conv1D).
"""

import jax
import jax.numpy as jnp
import numpy as np


def draw(spec, seed, std=0.02):
    """Initial values: normal(0, std) matrices, constant vectors. One draw order per list."""
    rng = np.random.default_rng([seed, 4242])
    params = {}
    for name, shape, kind in spec:
        if kind == "normal":
            params[name] = (rng.standard_normal(shape) * std).astype(np.float32)
        else:
            params[name] = np.full(shape, 1.0 if kind == "ones" else 0.0, np.float32)
    return params


def rms_norm(x, weight, eps=1e-6):
    return x * jax.lax.rsqrt(jnp.mean(x * x, axis=-1, keepdims=True) + eps) * weight


def layer_norm(x, weight, bias, eps=1e-5):
    centred = x - jnp.mean(x, axis=-1, keepdims=True)
    return centred * jax.lax.rsqrt(jnp.mean(centred * centred, axis=-1, keepdims=True) + eps) * weight + bias


def linear(p, name, x):
    y = x @ p[name + ".weight"].T
    return y + p[name + ".bias"] if name + ".bias" in p else y


def rotate_half_split(x, angles):
    """Half-split rotary embedding: coordinate j is paired with j + half. x [B,T,H,D], angles [T,D/2]."""
    half = x.shape[-1] // 2
    cos, sin = jnp.cos(angles)[None, :, None, :], jnp.sin(angles)[None, :, None, :]
    a, b = x[..., :half], x[..., half:]
    return jnp.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)


def text_angles(length, head_dim, theta):
    inverse = theta ** (-np.arange(0, head_dim, 2) / head_dim)
    return np.outer(np.arange(length), inverse).astype(np.float32)


def grid_angles(rows, cols, head_dim, theta=10000.0):
    """Two-dimensional rotary angles: the first half of the pairs turn with the row, the rest with the column."""
    inverse = theta ** (-np.arange(0, head_dim // 2, 2) / (head_dim // 2))
    y, x = np.meshgrid(np.arange(rows), np.arange(cols), indexing="ij")
    return np.concatenate([np.outer(y.ravel(), inverse), np.outer(x.ravel(), inverse)], axis=1).astype(np.float32)


def attend(q, k, v, causal):
    """q [B,T,Hq,D]; k, v [B,T,Hkv,D]; query head h uses key/value head h // (Hq/Hkv)."""
    batch, length, heads, dim = q.shape
    q = q.reshape(batch, length, k.shape[2], heads // k.shape[2], dim)
    scores = jnp.einsum("btgqd,bsgd->bgqts", q, k) / np.sqrt(dim)
    if causal:
        scores = jnp.where(np.tril(np.ones((length, length), bool)), scores, -1e9)
    mixed = jnp.einsum("bgqts,bsgd->btgqd", jax.nn.softmax(scores, axis=-1), v)
    return mixed.reshape(batch, length, heads * dim)


# ---------------------------------------------------------------- Llama, Qwen2 and Mixtral styles


def decoder_spec(c, prefix="model.", head="lm_head.weight"):
    d, h, kv = c["hidden_size"], c["intermediate_size"], c["num_key_value_heads"] * c["head_dim"]
    qd = c["num_attention_heads"] * c["head_dim"]
    spec = [(prefix + "embed_tokens.weight", (c["vocab_size"], d), "normal")]
    for i in range(c["num_hidden_layers"]):
        at = f"{prefix}layers.{i}."
        spec.append((at + "input_layernorm.weight", (d,), "ones"))
        for name, rows in (("q", qd), ("k", kv), ("v", kv)):
            spec.append((f"{at}self_attn.{name}_proj.weight", (rows, d), "normal"))
            if c.get("attention_bias"):
                spec.append((f"{at}self_attn.{name}_proj.bias", (rows,), "zeros"))
        spec.append((at + "self_attn.o_proj.weight", (d, qd), "normal"))
        spec.append((at + "post_attention_layernorm.weight", (d,), "ones"))
        if c.get("num_local_experts"):
            moe = at + "block_sparse_moe."
            spec.append((moe + "gate.weight", (c["num_local_experts"], d), "normal"))
            for e in range(c["num_local_experts"]):
                for name, shape in (("w1", (h, d)), ("w2", (d, h)), ("w3", (h, d))):
                    spec.append((f"{moe}experts.{e}.{name}.weight", shape, "normal"))
        else:
            for name, shape in (("gate", (h, d)), ("up", (h, d)), ("down", (d, h))):
                spec.append((f"{at}mlp.{name}_proj.weight", shape, "normal"))
    spec.append((prefix + "norm.weight", (d,), "ones"))
    if not c.get("tie_word_embeddings"):
        spec.append((head, (c["vocab_size"], d), "normal"))
    return spec


def _gated_mlp(p, x, gate, up, down):
    return linear(p, down, jax.nn.silu(linear(p, gate, x)) * linear(p, up, x))


def _expert_mixture(p, c, at, x):
    logits = linear(p, at + "gate", x)
    chosen = logits >= jnp.sort(logits, axis=-1)[..., -c["num_experts_per_tok"], None]
    weights = jax.nn.softmax(jnp.where(chosen, logits, -1e9), axis=-1)
    total = 0.0
    for e in range(c["num_local_experts"]):
        name = f"{at}experts.{e}."
        total = total + weights[..., e, None] * _gated_mlp(p, x, name + "w1", name + "w3", name + "w2")
    return total


def decoder(p, c, x, prefix="model.", head="lm_head.weight"):
    """Logits and the residual stream after each layer, from input embeddings x [B,T,d]."""
    batch, length, _ = x.shape
    angles = text_angles(length, c["head_dim"], c["rope_theta"])
    heads = lambda y: y.reshape(batch, length, -1, c["head_dim"])
    states = []
    for i in range(c["num_hidden_layers"]):
        at = f"{prefix}layers.{i}."
        y = rms_norm(x, p[at + "input_layernorm.weight"])
        q = rotate_half_split(heads(linear(p, at + "self_attn.q_proj", y)), angles)
        k = rotate_half_split(heads(linear(p, at + "self_attn.k_proj", y)), angles)
        v = heads(linear(p, at + "self_attn.v_proj", y))
        x = x + linear(p, at + "self_attn.o_proj", attend(q, k, v, causal=True))
        y = rms_norm(x, p[at + "post_attention_layernorm.weight"])
        if c.get("num_local_experts"):
            x = x + _expert_mixture(p, c, at + "block_sparse_moe.", y)
        else:
            x = x + _gated_mlp(p, y, at + "mlp.gate_proj", at + "mlp.up_proj", at + "mlp.down_proj")
        states.append(x)
    output = p[prefix + "embed_tokens.weight"] if c.get("tie_word_embeddings") else p[head]
    return rms_norm(x, p[prefix + "norm.weight"]) @ output.T, states


# ---------------------------------------------------------------- GPT-2 style


def gpt2_spec(c):
    d, h = c["n_embd"], c["n_inner"]
    spec = [
        ("transformer.wte.weight", (c["vocab_size"], d), "normal"),
        ("transformer.wpe.weight", (c["n_positions"], d), "normal"),
    ]
    for i in range(c["n_layer"]):
        at = f"transformer.h.{i}."
        for name in ("ln_1", "ln_2"):
            spec += [(f"{at}{name}.weight", (d,), "ones"), (f"{at}{name}.bias", (d,), "zeros")]
        for name, rows, cols in (("attn.c_attn", d, 3 * d), ("attn.c_proj", d, d), ("mlp.c_fc", d, h), ("mlp.c_proj", h, d)):
            spec += [(f"{at}{name}.weight", (rows, cols), "normal"), (f"{at}{name}.bias", (cols,), "zeros")]
    return spec + [("transformer.ln_f.weight", (d,), "ones"), ("transformer.ln_f.bias", (d,), "zeros")]


def gpt2(p, c, tokens):
    batch, length = tokens.shape
    conv1d = lambda name, y: y @ p[name + ".weight"] + p[name + ".bias"]
    norm = lambda name, y: layer_norm(y, p[name + ".weight"], p[name + ".bias"])
    heads = lambda y: y.reshape(batch, length, c["n_head"], -1)
    x = p["transformer.wte.weight"][tokens] + p["transformer.wpe.weight"][:length]
    for i in range(c["n_layer"]):
        at = f"transformer.h.{i}."
        q, k, v = jnp.split(conv1d(at + "attn.c_attn", norm(at + "ln_1", x)), 3, axis=-1)
        x = x + conv1d(at + "attn.c_proj", attend(heads(q), heads(k), heads(v), causal=True))
        x = x + conv1d(at + "mlp.c_proj", jax.nn.gelu(conv1d(at + "mlp.c_fc", norm(at + "ln_2", x))))
    return norm("transformer.ln_f", x) @ p["transformer.wte.weight"].T
