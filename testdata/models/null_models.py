"""Many independent tiny models, trained side by side, that are too many to keep: the cohort of vision
towers and the null of deeper and wider bodies (docs/methods/robust-tier.md).

    python null_models.py tower FOLDER --models 400 --layers 2 --seed 70000
    python null_models.py text FOLDER --models 400 --layers 4 --seed 80000

Needs torch and safetensors besides requirements.txt's numpy. All models of a run see the same batches in
the same order and differ in their initialisation alone. Writes FOLDER/models.safetensors (F16; a tensor's
name is the model's number, a dot and its Hugging Face name) and FOLDER/config.json.
"""

import argparse
import json
import math
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file

import corpus
import scenes

TOGETHER, HEAD_DIM = 20, 6
ALPHABET = "\n abcdefghijklmnopqrstuvwxyz.?,"
VOCAB, CONTEXT, BATCH = 32, 32, 8
PATCH, SIDE = 4, 6
THINGS = 1 + len(scenes.SIZES) * len(scenes.COLOURS) * len(scenes.SHAPES)


def draw(seed, spec):
    rng = np.random.default_rng([seed, 4242])
    constant = {"ones": np.ones, "zeros": np.zeros}
    return {
        name: constant[kind](shape, np.float32) if kind in constant
        else (rng.standard_normal(shape) * 0.02).astype(np.float32)
        for name, shape, kind in spec
    }


def linear(x, weight, bias=None):
    y = torch.einsum("mbtd,mod->mbto", x, weight)
    return y if bias is None else y + bias[:, None, None, :]


def rms_norm(x, weight):
    return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-6) * weight[:, None, None, :]


def rotate(x, angles):
    half = x.shape[-1] // 2
    cos, sin = (f(angles)[None, None, :, None, :] for f in (torch.cos, torch.sin))
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def attend(q, k, v, causal):
    repeats = q.shape[3] // k.shape[3]
    k, v = k.repeat_interleave(repeats, 3), v.repeat_interleave(repeats, 3)
    q, k, v = (y.permute(0, 1, 3, 2, 4) for y in (q, k, v))
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    if causal:
        length = scores.shape[-1]
        later = torch.triu(torch.ones(length, length, dtype=torch.bool), 1)
        scores = scores.masked_fill(later, -1e9)
    return (scores.softmax(-1) @ v).permute(0, 1, 3, 2, 4).flatten(3)


def mean_loss(logits, targets, models):
    loss = torch.nn.functional.cross_entropy(logits, targets.repeat(models), reduction="none")
    return loss.reshape(models, -1).mean(1)


class Text:
    """Llama-style bodies on the main language, one token per character, as in calibration.py."""

    peak, steps = 1e-2, 300

    def __init__(self, layers, width, units):
        self.layers, self.width, self.units = layers, width, units
        self.heads = width // HEAD_DIM
        self.groups = max(1, self.heads // 2)
        inverse = 10000.0 ** (-np.arange(0, HEAD_DIM, 2) / HEAD_DIM)
        self.angles = torch.tensor(np.outer(np.arange(CONTEXT), inverse), dtype=torch.float32)

    def spec(self):
        d, h, q, kv = self.width, self.units, self.heads * HEAD_DIM, self.groups * HEAD_DIM
        spec = [("model.embed_tokens.weight", (VOCAB, d), "normal")]
        for i in range(self.layers):
            at = f"model.layers.{i}."
            spec.append((at + "input_layernorm.weight", (d,), "ones"))
            shapes = {"q": (q, d), "k": (kv, d), "v": (kv, d), "o": (d, q)}
            spec += [(f"{at}self_attn.{n}_proj.weight", s, "normal") for n, s in shapes.items()]
            spec.append((at + "post_attention_layernorm.weight", (d,), "ones"))
            shapes = {"gate": (h, d), "up": (h, d), "down": (d, h)}
            spec += [(f"{at}mlp.{n}_proj.weight", s, "normal") for n, s in shapes.items()]
        return spec + [("model.norm.weight", (d,), "ones")]

    def batches(self):
        codes = {character: i for i, character in enumerate(ALPHABET)}
        ids = np.array([codes[c] for c in corpus.prose("aru", 1)])
        rng = np.random.default_rng([50, 9001])
        while True:
            starts = rng.integers(0, len(ids) - CONTEXT - 1, BATCH)
            yield torch.tensor(np.stack([ids[s : s + CONTEXT + 1] for s in starts]))

    def loss(self, p, batch):
        table = p["model.embed_tokens.weight"]
        x = table[:, batch[:, :-1]]
        split = lambda y: y.reshape(*y.shape[:3], -1, HEAD_DIM)
        for i in range(self.layers):
            at = f"model.layers.{i}."
            y = rms_norm(x, p[at + "input_layernorm.weight"])
            q, k, v = (split(linear(y, p[f"{at}self_attn.{n}_proj.weight"])) for n in "qkv")
            y = attend(rotate(q, self.angles), rotate(k, self.angles), v, causal=True)
            x = x + linear(y, p[at + "self_attn.o_proj.weight"])
            y = rms_norm(x, p[at + "post_attention_layernorm.weight"])
            gate, up = (linear(y, p[f"{at}mlp.{n}_proj.weight"]) for n in ("gate", "up"))
            x = x + linear(torch.nn.functional.silu(gate) * up, p[at + "mlp.down_proj.weight"])
        logits = linear(rms_norm(x, p["model.norm.weight"]), table)
        return mean_loss(logits.reshape(-1, VOCAB), batch[:, 1:].reshape(-1), table.shape[0])

    def config(self):
        return {
            "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": VOCAB,
            "hidden_size": self.width, "intermediate_size": self.units, "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads, "num_key_value_heads": self.groups, "head_dim": HEAD_DIM,
            "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "max_position_embeddings": CONTEXT,
            "tie_word_embeddings": True, "hidden_act": "silu", "torch_dtype": "float16",
        }


class Tower:
    """Qwen2.5-VL-style towers that tell what stands in each quarter of a drawn scene, or nothing."""

    peak, steps = 5e-3, 400

    def __init__(self, layers, width, units):
        self.layers, self.width, self.units = layers, width, units
        self.heads = width // HEAD_DIM
        inverse = 10000.0 ** (-np.arange(0, HEAD_DIM // 2, 2) / (HEAD_DIM // 2))
        y, x = np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij")
        both = np.concatenate([np.outer(y.ravel(), inverse), np.outer(x.ravel(), inverse)], 1)
        self.angles = torch.tensor(both[:, : HEAD_DIM // 2], dtype=torch.float32)

    def spec(self):
        d, h = self.width, self.units
        spec = [("visual.patch_embed.proj.weight", (d, 3, 2, PATCH, PATCH), "normal")]
        for i in range(self.layers):
            at = f"visual.blocks.{i}."
            spec += [(at + "norm1.weight", (d,), "ones"), (at + "norm2.weight", (d,), "ones")]
            shapes = {"attn.qkv": (3 * d, d), "attn.proj": (d, d), "mlp.gate_proj": (h, d),
                      "mlp.up_proj": (h, d), "mlp.down_proj": (d, h)}
            for name, shape in shapes.items():
                spec += [(f"{at}{name}.weight", shape, "normal"), (f"{at}{name}.bias", shape[:1], "zeros")]
        return spec + [("visual.merger.ln_q.weight", (d,), "ones"),
                       ("head.weight", (THINGS, 4 * d), "normal"), ("head.bias", (THINGS,), "zeros")]

    def batches(self):
        images, labels = self.pool(4096)
        rng = np.random.default_rng([50, 9001])
        while True:
            chosen = rng.integers(0, len(images), BATCH)
            yield images[chosen], labels[chosen]

    def pool(self, count):
        rng = np.random.default_rng([50, 555])
        sizes, colours, shapes = list(scenes.SIZES), list(scenes.COLOURS), list(scenes.SHAPES)
        images, labels = [], []
        for _ in range(count):
            image, caption = scenes.draw_scene(rng, "plain")
            label = np.zeros(4, np.int64)
            for thing in caption.rstrip(".").split(" and "):
                _, size, colour, shape, *place = thing.split(" ")
                code = (sizes.index(size) * len(colours) + colours.index(colour)) * len(shapes)
                label[scenes.PLACES.index(" ".join(place))] = 1 + code + shapes.index(shape)
            cut = image.reshape(3, SIDE, PATCH, SIDE, PATCH).transpose(1, 3, 0, 2, 4)
            images.append(cut.reshape(SIDE * SIDE, 3, PATCH, PATCH))
            labels.append(label)
        return torch.tensor(np.stack(images)), torch.tensor(np.stack(labels))

    def loss(self, p, batch):
        images, labels = batch
        x = torch.einsum("bnchw,mdchw->mbnd", images, p["visual.patch_embed.proj.weight"].sum(3))
        part = lambda name, y: linear(y, p[name + ".weight"], p[name + ".bias"])
        split = lambda y: y.reshape(*y.shape[:3], self.heads, HEAD_DIM)
        for i in range(self.layers):
            at = f"visual.blocks.{i}."
            q, k, v = (split(y) for y in part(at + "attn.qkv", rms_norm(x, p[at + "norm1.weight"])).chunk(3, -1))
            y = attend(rotate(q, self.angles), rotate(k, self.angles), v, causal=False)
            x = x + part(at + "attn.proj", y)
            y = rms_norm(x, p[at + "norm2.weight"])
            y = torch.nn.functional.silu(part(at + "mlp.gate_proj", y)) * part(at + "mlp.up_proj", y)
            x = x + part(at + "mlp.down_proj", y)
        x = rms_norm(x, p["visual.merger.ln_q.weight"])
        models, half = x.shape[0], SIDE // 2
        quarters = x.reshape(models, -1, 2, half, 2, half, self.width).mean((3, 5)).flatten(2, 3)
        logits = linear(quarters, p["head.weight"][:, :, : self.width], p["head.bias"])
        return mean_loss(logits.reshape(-1, THINGS), labels.reshape(-1), models)

    def config(self):
        vision = {"model_type": "qwen2_5_vl", "depth": self.layers, "hidden_size": self.width,
                  "intermediate_size": self.units, "num_heads": self.heads, "in_chans": 3, "patch_size": PATCH,
                  "temporal_patch_size": 2, "spatial_merge_size": 2, "out_hidden_size": self.width}
        return {"architectures": ["Qwen2_5_VLForConditionalGeneration"], "model_type": "qwen2_5_vl",
                "vision_config": vision}


def rate_at(step, steps, peak):
    warm = max(1, steps // 20)
    if step < warm:
        return peak * (step + 1) / warm
    return peak * (0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm))))


def train(kind, numbers, seed):
    """AdamW with clipping of each model by itself: {name: [models, ...]}, first and last loss."""
    spec = kind.spec()
    drawn = [draw(seed + number, spec) for number in numbers]
    params = {n: torch.tensor(np.stack([d[n] for d in drawn])).requires_grad_(True) for n, _, _ in spec}
    first = {n: torch.zeros_like(w) for n, w in params.items()}
    second = {n: torch.zeros_like(w) for n, w in params.items()}
    batches, losses = kind.batches(), []
    for step in range(kind.steps):
        loss = kind.loss(params, next(batches))
        grads = torch.autograd.grad(loss.sum(), list(params.values()), allow_unused=False)
        losses.append(loss.mean().item())
        norm = torch.sqrt(sum((g * g).flatten(1).sum(1) for g in grads))
        clip = torch.clamp(1 / (norm + 1e-6), max=1.0)
        rate = rate_at(step, kind.steps, kind.peak)
        with torch.no_grad():
            for (name, weight), grad in zip(params.items(), grads):
                grad = grad * clip.reshape(-1, *[1] * (grad.ndim - 1))
                first[name].mul_(0.9).add_(grad, alpha=0.1)
                second[name].mul_(0.95).addcmul_(grad, grad, value=0.05)
                mean = first[name] / (1 - 0.9 ** (step + 1))
                move = mean / ((second[name] / (1 - 0.95 ** (step + 1))).sqrt() + 1e-8)
                weight.sub_(rate * (move + 0.1 * weight if weight.ndim >= 3 else move))
    return params, losses[0], float(np.mean(losses[-20:]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("kind", choices=("text", "tower"))
    parser.add_argument("folder", type=Path)
    for name, value in (("models", 400), ("layers", 2), ("width", 24), ("units", 48), ("seed", 70000)):
        parser.add_argument(f"--{name}", type=int, default=value)
    given = parser.parse_args()
    torch.set_num_threads(1)
    kind = {"text": Text, "tower": Tower}[given.kind](given.layers, given.width, given.units)
    tensors = {}
    for start in range(0, given.models, TOGETHER):
        params, before, after = train(kind, range(start, start + TOGETHER), given.seed)
        for name, weights in params.items():
            if name.startswith("head"):
                continue
            for at, weight in enumerate(weights):
                tensors[f"{start + at:04d}.{name}"] = weight.detach().numpy().astype(np.float16)
        print(f"{start + TOGETHER} models, loss {before:.3f} -> {after:.3f}", flush=True)
    given.folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, str(given.folder / "models.safetensors"))
    (given.folder / "config.json").write_text(json.dumps(kind.config(), indent=1))


if __name__ == "__main__":
    main()
