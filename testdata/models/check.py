"""Tables from the stored files: losses, and sign counts per family for every listed pair.

Under independence the sign of each unit's correlation is a fair coin, so K of N is near N/2;
for descendants K is near N. Only numpy is used, apart from the reading of files.
"""

import json
import math
import re
import sys

import numpy as np

import lineage
from layout import ROOT, decode_safetensors, read_config, read_model


def rows_cosine(a, b):
    scale = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    kept = scale > 1e-12
    return (a * b).sum(axis=1)[kept] / scale[kept]


def log10_binomial_tail(k, n):
    """log10 P(Bin(n, 1/2) >= k), by adding the terms in logs."""
    logs = [math.lgamma(n + 1) - math.lgamma(j + 1) - math.lgamma(n - j + 1) for j in range(k, n + 1)]
    top = max(logs)
    return (top + math.log(sum(math.exp(x - top) for x in logs)) - n * math.log(2)) / math.log(10)


def sign_p(c):
    """Two-sided p of the sign count and of the magnitude bound, in log10 (never above 0)."""
    c = c[c != 0]
    if len(c) == 0:
        return 0, 0, 0.0
    k = int((c > 0).sum())
    hoeffding = -(c.sum() ** 2) / (2 * (c * c).sum()) / math.log(10)
    return k, len(c), min(0.0, math.log10(4) + min(log10_binomial_tail(max(k, len(c) - k), len(c)), hoeffding))


def views(model, prefix, kv_heads, head_dim, rotary):
    """Unit-by-slice arrays of each sign family of the blocks whose names begin with `prefix`."""
    found = {"mlp": [], "vo": [], "qk": []}
    names = [n for n in model if n.startswith(prefix) and n.endswith("weight")]
    blocks = sorted({m.group(0) for n in names if (m := re.match(re.escape(prefix) + r"(\d+)\.", n))})
    for block in blocks:
        parts = {}
        for name in names:
            if name.startswith(block):
                parts[name[len(block) : -len(".weight")]] = model[name]
        pick = lambda *keys: next((parts[k] for k in keys if k in parts), None)
        ups = [parts[k] for k in parts if re.search(r"(up_proj|w3|w_in)$", k)]
        downs = [parts[k] for k in parts if re.search(r"(down_proj|w2|w_out)$", k)]
        found["mlp"] += [np.concatenate([u, d.T], axis=1) for u, d in zip(ups, downs)]
        fused = pick("attn.qkv", "attn.c_attn")
        if fused is not None:
            q, k, v = np.split(fused if fused.shape[0] == 3 * fused.shape[1] else fused.T, 3, axis=0)
            o = pick("attn.proj", "attn.c_proj")
            o = o.T if "attn.c_proj" in parts else o
        else:
            q, k, v = (pick(f"self_attn.{x}_proj", f"attention.w{x}") for x in "qkv")
            o = pick("self_attn.o_proj", "self_attn.out_proj", "attention.wo")
        width, groups = v.shape[1], q.shape[0] // k.shape[0]
        shared = lambda w: w.reshape(kv_heads, groups, head_dim, -1).transpose(0, 2, 1, 3).reshape(kv_heads * head_dim, -1)
        found["vo"].append(np.concatenate([v.reshape(-1, width), shared(o.T)], axis=1))
        qk = np.concatenate([k, shared(q)], axis=1)
        if rotary:
            qk = qk.reshape(kv_heads, 2, head_dim // 2, -1).transpose(0, 2, 1, 3).reshape(kv_heads * head_dim // 2, -1)
        found["qk"].append(qk)
    return {family: np.concatenate(stack) for family, stack in found.items() if stack}


def towers(name, config):
    """(component, prefix, kv heads, head dim, rotary, token table) of a stored model."""
    kind = config["model_type"]
    if kind == "gpt2":
        prefix = "" if "wte.weight" in read_model(name) else "transformer."
        return [("language_model", prefix + "h.", config["n_head"], config["n_embd"] // config["n_head"], False, None)]
    text = config.get("text_config", config)
    kv, dim = text["num_key_value_heads"], text["head_dim"]
    if kind == "llava":
        vision = config["vision_config"]
        return [
            ("language_model", "language_model.model.layers.", kv, dim, True, "language_model.model.embed_tokens.weight"),
            ("vision_encoder", "vision_tower.vision_model.encoder.layers.", vision["num_attention_heads"],
             vision["hidden_size"] // vision["num_attention_heads"], False, None),
        ]
    if kind == "stranger":
        return [("language_model", "backbone.h.", kv, dim, True, "backbone.tokens.weight")]
    found = [("language_model", "model.layers.", kv, dim, True, "model.embed_tokens.weight")]
    if kind == "qwen2_5_vl":
        vision = config["vision_config"]
        found.append(("vision_encoder", "visual.blocks.", vision["num_heads"], vision["hidden_size"] // vision["num_heads"], True, None))
    return found


def norm_pattern(model, prefix):
    """Norm weights of the blocks, each centred: the pattern that training leaves."""
    rows = [w - w.mean() for n, w in sorted(model.items()) if n.startswith(prefix) and w.ndim == 1 and n.endswith("weight")]
    return np.concatenate(rows) if rows else np.zeros(0)


def correlation(a, b):
    if a.shape != b.shape or a.size == 0 or not a.any() or not b.any():
        return float("nan")
    return float((a * b).sum() / math.sqrt((a * a).sum() * (b * b).sum()))


def compare(candidate, reference):
    first, second = read_model(candidate), read_model(reference)
    places = {t[0]: t for t in towers(reference, read_config(reference))}
    for component, prefix, kv, dim, rotary, table in towers(candidate, read_config(candidate)):
        if component not in places:
            continue
        _, other_prefix, other_kv, other_dim, other_rotary, other_table = places[component]
        left = views(first, prefix, kv, dim, rotary)
        right = views(second, other_prefix, other_kv, other_dim, other_rotary)
        cells = {}
        for family in left.keys() & right.keys():
            a, b = left[family], right[family]
            if a.shape == b.shape:
                cells[family] = (sign_p(rows_cosine(a, b)), float(rows_cosine(a, b).mean()))
        if table and other_table and first[table].shape[1] == second[other_table].shape[1]:
            n = min(len(first[table]), len(second[other_table]))
            a, b = first[table][:n].T, second[other_table][:n].T
            cells["residual"] = (sign_p(rows_cosine(a, b)), float(rows_cosine(a, b).mean()))
        yield component, cells, correlation(norm_pattern(first, prefix), norm_pattern(second, other_prefix))


# In these candidates the MLP signs are not fair coins even without descent (see expectations.py).
MLP_UNFAIR = {"canon-s2", "moe-own2"}
# Far from any chance result of the few hundred tests printed here, and far below a real descent.
CHANCE_LOG10P, DESCENT_LOG10P = -5.0, -8.0


def agrees(pair, component, cells):
    """Whether the strongest sign family says what the component's expected verdict implies."""
    families = [f for f in cells if f != "residual" and not (f == "mlp" and pair["candidate"] in MLP_UNFAIR)]
    strongest = min(cells[f][0][2] for f in families)
    if pair["expected"][component] == "no_evidence":
        return strongest > CHANCE_LOG10P
    return strongest < DESCENT_LOG10P


def print_pairs(pairs):
    """Prints one line per component; returns how many contradict the expectation."""
    contradictions = 0
    print(f"{'candidate':20s} {'reference':20s} {'component':15s} {'expected':22s} "
          "K/N (log10 p, mean cosine) per family; norm r")
    for pair in pairs:
        for component, cells, norm_r in compare(pair["candidate"], pair["reference"]):
            text = "  ".join(
                f"{family} {k}/{n} ({p:.1f}, {cosine:+.3f})"
                for family, ((k, n, p), cosine) in sorted(cells.items())
            )
            good = agrees(pair, component, cells)
            contradictions += not good
            print(f"{pair['candidate']:20s} {pair['reference']:20s} {component:15s} {pair['expected'][component]:22s} "
                  f"{text}  r {norm_r:+.3f}{'' if good else '  CONTRADICTS'}")
    return contradictions


def print_losses(models):
    faults = 0
    for name, facts in models.items():
        if "lossFirst" in facts:
            fell = facts["lossLast"] < facts["lossFirst"]
            faults += not fell
            print(f"{name:20s} {facts['lossFirst']:7.3f} -> {facts['lossLast']:7.3f}  {'ok' if fell else 'DID NOT FALL'}")
    return faults


def main():
    document = json.loads(lineage.PATH.read_text())
    faults = print_losses(document["models"]) + print_pairs(document["pairs"])
    print_calibration()
    size = sum(path.stat().st_size for path in ROOT.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    print(f"{size / 1e6:.2f} MB in all; {faults} contradictions")
    sys.exit(1 if faults else 0)


def print_calibration():
    """Disjoint pairs: the z of each family should have mean 0 and variance 1."""
    for kind in ("swiglu", "gelu"):
        models = {}
        for path in sorted((ROOT / "calibration").glob(f"{kind}-*.safetensors")):
            for name, array in decode_safetensors(path.read_bytes())[0].items():
                number, inner = name.split(".", 1)
                models.setdefault(number, {})[inner] = array
        numbers, scores = sorted(models), {}
        for a, b in zip(numbers[0::2], numbers[1::2]):
            shape = ("model.layers.", 2, 6, True) if kind == "swiglu" else ("transformer.h.", 4, 6, False)
            left, right = views(models[a], *shape), views(models[b], *shape)
            if kind == "swiglu":
                table = "model.embed_tokens.weight"
                left["residual"], right["residual"] = models[a][table].T, models[b][table].T
            for family in left:
                k, n, _ = sign_p(rows_cosine(left[family], right[family]))
                scores.setdefault(family, []).append((2 * k - n) / math.sqrt(n))
        print(f"{kind}: {len(numbers)} models, {len(numbers) // 2} disjoint pairs")
        for family, z in scores.items():
            print(f"  {family:9s} z mean {np.mean(z):+.3f} variance {np.var(z, ddof=1):.3f} (se {math.sqrt(2 / len(z)):.3f})")
