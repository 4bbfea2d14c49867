"""Vision-language models: two kinds of tower, own and borrowed, trained to describe drawn scenes."""

from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np

import byte_bpe
import configs
import networks
import scenes
from language_models import summary
from layout import read_model, write_model
from networks import attend, layer_norm, linear, rms_norm
from training import train

STEPS, BATCH, TEXT_LENGTH = 700, 24, 40
SPECIALS = ["<|endoftext|>", "<image>"]


@lru_cache(maxsize=None)
def tokenizer(style):
    return byte_bpe.train(scenes.captions_text(style, 1, 1500), 30, SPECIALS)


def batches_of(style, seed):
    """Images [B,3,24,24] and captions padded with the end token; drawn anew from the seed."""
    tok = tokenizer(style)
    end = tok.special("<|endoftext|>")
    rng = np.random.default_rng([seed, 555])
    while True:
        images, rows = [], []
        for _ in range(BATCH):
            image, caption = scenes.draw_scene(rng, style)
            ids = tok.encode(caption)[: TEXT_LENGTH - 1]
            rows.append(np.concatenate([ids, np.full(TEXT_LENGTH - len(ids), end, np.int32)]))
            images.append(image)
        yield {"images": np.stack(images), "text": np.stack(rows)}


def patches(images, size):
    """[B,C,H,W] to [B,rows*cols,C,size,size], row by row."""
    batch, channels, height, width = images.shape
    cut = images.reshape(batch, channels, height // size, size, width // size, size)
    return cut.transpose(0, 2, 4, 1, 3, 5).reshape(batch, -1, channels, size, size)


# ---------------------------------------------------------------- LLaVA with a SigLIP-style tower

LLAVA_TEXT, LLAVA_TOWER, LLAVA_PROJECTOR = "language_model.model.", "vision_tower.vision_model.", "multi_modal_projector."
LLAVA_HEAD = "language_model.lm_head.weight"


def llava_spec(c):
    v = c["vision_config"]
    d, h, width = v["hidden_size"], v["intermediate_size"], c["text_config"]["hidden_size"]
    count = (v["image_size"] // v["patch_size"]) ** 2
    at = LLAVA_TOWER
    spec = [
        (at + "embeddings.patch_embedding.weight", (d, v["num_channels"], v["patch_size"], v["patch_size"]), "normal"),
        (at + "embeddings.patch_embedding.bias", (d,), "zeros"),
        (at + "embeddings.position_embedding.weight", (count, d), "normal"),
    ]
    for i in range(v["num_hidden_layers"]):
        block = f"{at}encoder.layers.{i}."
        for name in ("layer_norm1", "layer_norm2"):
            spec += [(f"{block}{name}.weight", (d,), "ones"), (f"{block}{name}.bias", (d,), "zeros")]
        shapes = {f"self_attn.{x}_proj": (d, d) for x in ("q", "k", "v", "out")}
        shapes.update({"mlp.fc1": (h, d), "mlp.fc2": (d, h)})
        for name, shape in shapes.items():
            spec += [(f"{block}{name}.weight", shape, "normal"), (f"{block}{name}.bias", shape[:1], "zeros")]
    spec += [(at + "post_layernorm.weight", (d,), "ones"), (at + "post_layernorm.bias", (d,), "zeros")]
    for name, shape in (("linear_1", (width, d)), ("linear_2", (width, width))):
        spec += [(f"{LLAVA_PROJECTOR}{name}.weight", shape, "normal"), (f"{LLAVA_PROJECTOR}{name}.bias", shape[:1], "zeros")]
    return spec + networks.decoder_spec(c["text_config"], LLAVA_TEXT, LLAVA_HEAD)


def siglip_tower(p, v, images):
    at, heads = LLAVA_TOWER, v["num_attention_heads"]
    kernel, bias = p[at + "embeddings.patch_embedding.weight"], p[at + "embeddings.patch_embedding.bias"]
    x = jnp.einsum("bnchw,dchw->bnd", patches(images, v["patch_size"]), kernel) + bias
    x = x + p[at + "embeddings.position_embedding.weight"]
    norm = lambda name, y: layer_norm(y, p[name + ".weight"], p[name + ".bias"])
    split = lambda y: y.reshape(*y.shape[:2], heads, -1)
    for i in range(v["num_hidden_layers"]):
        block = f"{at}encoder.layers.{i}."
        y = norm(block + "layer_norm1", x)
        q, k, value = (split(linear(p, f"{block}self_attn.{n}_proj", y)) for n in ("q", "k", "v"))
        x = x + linear(p, block + "self_attn.out_proj", attend(q, k, value, causal=False))
        y = jax.nn.gelu(linear(p, block + "mlp.fc1", norm(block + "layer_norm2", x)))
        x = x + linear(p, block + "mlp.fc2", y)
    return norm(at + "post_layernorm", x)


def llava_forward(p, c, images, text):
    seen = siglip_tower(p, c["vision_config"], images)
    seen = linear(p, LLAVA_PROJECTOR + "linear_2", jax.nn.gelu(linear(p, LLAVA_PROJECTOR + "linear_1", seen)))
    x = jnp.concatenate([seen, p[LLAVA_TEXT + "embed_tokens.weight"][text]], axis=1)
    return networks.decoder(p, c["text_config"], x, LLAVA_TEXT, LLAVA_HEAD)[0][:, seen.shape[1] - 1 :]


# ---------------------------------------------------------------- Qwen2.5-VL style


def qwen_spec(c):
    v = c["vision_config"]
    d, h, merged = v["hidden_size"], v["intermediate_size"], v["hidden_size"] * v["spatial_merge_size"] ** 2
    kernel = (d, v["in_chans"], v["temporal_patch_size"], v["patch_size"], v["patch_size"])
    spec = [("visual.patch_embed.proj.weight", kernel, "normal")]
    for i in range(v["depth"]):
        block = f"visual.blocks.{i}."
        spec += [(block + "norm1.weight", (d,), "ones"), (block + "norm2.weight", (d,), "ones")]
        shapes = {"attn.qkv": (3 * d, d), "attn.proj": (d, d)}
        shapes.update({"mlp.gate_proj": (h, d), "mlp.up_proj": (h, d), "mlp.down_proj": (d, h)})
        for name, shape in shapes.items():
            spec += [(f"{block}{name}.weight", shape, "normal"), (f"{block}{name}.bias", shape[:1], "zeros")]
    spec.append(("visual.merger.ln_q.weight", (d,), "ones"))
    for name, shape in (("mlp.0", (merged, merged)), ("mlp.2", (v["out_hidden_size"], merged))):
        spec += [(f"visual.merger.{name}.weight", shape, "normal"), (f"visual.merger.{name}.bias", shape[:1], "zeros")]
    return spec + networks.decoder_spec(c)


def qwen_tower(p, v, images):
    d, heads, side = v["hidden_size"], v["num_heads"], images.shape[-1] // v["patch_size"]
    # A still image is shown to both temporal taps.
    kernel = p["visual.patch_embed.proj.weight"].sum(axis=2)
    x = jnp.einsum("bnchw,dchw->bnd", patches(images, v["patch_size"]), kernel)
    angles = networks.grid_angles(side, side, d // heads)
    split = lambda y: y.reshape(*y.shape[:2], heads, -1)
    for i in range(v["depth"]):
        block = f"visual.blocks.{i}."
        fused = linear(p, block + "attn.qkv", rms_norm(x, p[block + "norm1.weight"]))
        q, k, value = (split(part) for part in jnp.split(fused, 3, axis=-1))
        q, k = networks.rotate_half_split(q, angles), networks.rotate_half_split(k, angles)
        x = x + linear(p, block + "attn.proj", attend(q, k, value, causal=False))
        y = rms_norm(x, p[block + "norm2.weight"])
        y = jax.nn.silu(linear(p, block + "mlp.gate_proj", y)) * linear(p, block + "mlp.up_proj", y)
        x = x + linear(p, block + "mlp.down_proj", y)
    x = rms_norm(x, p["visual.merger.ln_q.weight"])
    merge = v["spatial_merge_size"]
    x = x.reshape(-1, side // merge, merge, side // merge, merge, d).transpose(0, 1, 3, 2, 4, 5)
    x = x.reshape(x.shape[0], -1, merge * merge * d)
    return linear(p, "visual.merger.mlp.2", jax.nn.gelu(linear(p, "visual.merger.mlp.0", x), approximate=False))


def qwen_forward(p, c, images, text):
    seen = qwen_tower(p, c["vision_config"], images)
    x = jnp.concatenate([seen, p["model.embed_tokens.weight"][text]], axis=1)
    return networks.decoder(p, c, x)[0][:, seen.shape[1] - 1 :]


# ---------------------------------------------------------------- making

KINDS = {
    "llava": (configs.llava, llava_spec, llava_forward, LLAVA_TOWER),
    "qwen": (configs.qwen_vl, qwen_spec, qwen_forward, "visual."),
}


@lru_cache(maxsize=None)
def _loss(kind, vocab_size, end, image_token):
    config, forward = KINDS[kind][0](vocab_size, image_token), KINDS[kind][2]

    def loss(p, batch):
        """Cross-entropy of the caption and its first end token, given the image."""
        text = batch["text"]
        logits = forward(p, config, batch["images"], text[:, :-1])
        chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), text[..., None], axis=-1)[..., 0]
        counted = jnp.concatenate([jnp.ones_like(text[:, :1]), text[:, :-1] != end], axis=1)
        return -jnp.sum(chosen * counted) / jnp.sum(counted)

    return loss


def vision_language(name, kind, seed, style, note, tower_from=None, tower_rate=1.0):
    """Trained from its own initialisation, or with another model's tower at `tower_rate` of the rate."""
    tok = tokenizer(style)
    image_token = tok.special("<image>")
    make_config, make_spec, _, tower = KINDS[kind]
    config = make_config(tok.vocab_size, image_token)
    params = networks.draw(make_spec(config), seed)
    if kind == "qwen":
        # The merger is the projector: a borrower trains its own.
        is_tower = lambda key: key.startswith(tower) and not key.startswith("visual.merger")
    else:
        is_tower = lambda key: key.startswith(tower)
    if tower_from:
        params.update({key: w for key, w in read_model(tower_from).items() if is_tower(key)})
    loss = _loss(kind, tok.vocab_size, tok.special("<|endoftext|>"), image_token)
    scale = lambda key: tower_rate if is_tower(key) else 1.0
    params, losses = train(loss, params, batches_of(style, seed), STEPS, scale=scale)
    write_model(name, params, config, tok, note)
    made = "trained from its own initialisation"
    if tower_from:
        made = f"own body and projector; the parent's vision tower, {'frozen' if tower_rate == 0 else f'tuned at {tower_rate} of the rate'}"
    return {name: {"made": made, "parents": [tower_from] if tower_from else [], "initSeed": seed,
                   "data": f"drawn scenes with captions, style {style}", "dataOrderSeed": seed, "steps": STEPS,
                   "peakRate": 3e-3, **summary(losses)}}


DONOR = "The model whose tower others borrow: everything is its own."
HONEST = "Everything is its own: independent of the donor."
FROZEN = "Own body and projector around the donor's vision tower, kept bit for bit."
TUNED = "Own body and projector around the donor's vision tower, which was then tuned with them."


def vision_group():
    yield vision_language("vlm-donor", "llava", 201, "plain", DONOR)
    yield vision_language("vlm-honest", "llava", 202, "formal", HONEST)
    yield vision_language("vlm-borrowed-frozen", "llava", 203, "formal", FROZEN, "vlm-donor", 0.0)
    yield vision_language("vlm-borrowed-tuned", "llava", 204, "formal", TUNED, "vlm-donor", 0.1)


def vision_gated_group():
    yield vision_language("qvl-donor", "qwen", 211, "plain", DONOR)
    yield vision_language("qvl-honest", "qwen", 212, "formal", HONEST)
    yield vision_language("qvl-borrowed-tuned", "qwen", 213, "formal", TUNED, "qvl-donor", 0.1)
