"""Initial weights drawn by the real libraries, for the generators that replay them.

    pip install numpy==2.4.6 jax==0.10.2
    python testdata/vectors/make_draw_vectors.py numpy-jax
    pip install torch==2.15.0 transformers==5.23.0
    python testdata/vectors/make_draw_vectors.py torch

Values are float32, little-endian, in hexadecimal. `sha256` is that of a longer draw from the start,
rounded to float32, where a library gives the same bits on every machine. The Hugging Face models
are the library's own classes at a tiny size; their draws follow from a configuration alone.
"""

import hashlib
import json
import platform
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent


def floats(values):
    return np.ascontiguousarray(np.asarray(values, dtype="<f4")).tobytes().hex()


def long_digest(values):
    return hashlib.sha256(np.ascontiguousarray(np.asarray(values, dtype="<f4")).tobytes()).hexdigest()


def write(name, document):
    document["python"] = platform.python_version()
    (HERE / name).write_text(json.dumps(document, indent=1) + "\n")


def numpy_cases():
    cases = []
    for seed in (0, 42, [1, 4242], [7, 2**40 + 5, 3, 9, 11]):
        draw = lambda n: np.random.default_rng(seed).normal(0.0, 0.02, n)
        cases.append({"generator": "numpy-pcg64", "seed": seed, "std": 0.02, "first": floats(draw(12)),
                      "count": 200_000, "sha256": long_digest(draw(200_000))})
    for seed in (0, 42, 4294967295):
        draw = lambda n: np.random.RandomState(seed).normal(0.0, 0.02, n)
        cases.append({"generator": "numpy-mt19937", "seed": seed, "std": 0.02, "first": floats(draw(12)),
                      "count": 200_000, "sha256": long_digest(draw(200_000))})
    uniform = [
        {"generator": "numpy-pcg64", "seed": 42, "low": -0.1, "high": 0.3, "first": floats(np.random.default_rng(42).uniform(-0.1, 0.3, 12))},
        {"generator": "numpy-mt19937", "seed": 42, "low": -0.1, "high": 0.3, "first": floats(np.random.RandomState(42).uniform(-0.1, 0.3, 12))},
    ]
    return cases, uniform


def jax_cases():
    import jax

    cases = []
    for seed in (0, 42, 4294967295):
        keys = jax.random.split(jax.random.PRNGKey(seed), 3)
        cases.append({
            "seed": seed,
            "keys": [[int(w) for w in key] for key in keys],
            "normal": [floats(jax.random.normal(key, (4, 5))) for key in keys],
            "uniform": floats(jax.random.uniform(keys[0], (9,), minval=-0.25, maxval=0.5)),
        })
    return {"jax": jax.__version__, "cases": cases}


def torch_trunc_inverse(tensor, mean, std, a, b):
    """The steps of torch.nn.init.trunc_normal_ up to PyTorch 2.9: the distribution inverted."""
    import math

    cdf = lambda x: (1.0 + math.erf(x / math.sqrt(2.0))) / 2.0
    low, high = cdf((a - mean) / std), cdf((b - mean) / std)
    tensor.uniform_(2 * low - 1, 2 * high - 1).erfinv_().mul_(std * math.sqrt(2.0)).add_(mean)
    return tensor.clamp_(min=a, max=b)


def torch_cases():
    import torch

    steps = [
        {"law": "normal", "shape": [5, 20], "mean": 0.0, "std": 0.02},
        {"law": "uniform", "shape": [7], "low": -0.1, "high": 0.2},
        {"law": "normal", "shape": [37], "mean": 0.1, "std": 0.5},
        {"law": "normal", "shape": [5], "mean": 0.0, "std": 1.0},
        {"law": "normal", "shape": [4], "mean": 0.0, "std": 1.0},
        {"law": "kaiming_uniform", "shape": [6, 12], "a": 5**0.5},
        {"law": "trunc_normal_rejection", "shape": [8, 9], "mean": 0.0, "std": 0.02, "low": -0.04, "high": 0.04},
        {"law": "trunc_normal_inverse", "shape": [8, 9], "mean": 0.0, "std": 0.02, "low": -0.04, "high": 0.04},
        {"law": "normal", "shape": [16], "mean": 0.0, "std": 0.02},
    ]
    cases = []
    for seed in (0, 1234, 2**32 + 7):
        torch.manual_seed(seed)
        drawn = []
        for step in steps:
            tensor = torch.empty(*step["shape"])
            law = step["law"]
            if law == "normal":
                tensor.normal_(step["mean"], step["std"])
            elif law == "uniform":
                tensor.uniform_(step["low"], step["high"])
            elif law == "kaiming_uniform":
                torch.nn.init.kaiming_uniform_(tensor, a=step["a"])
            elif law == "trunc_normal_rejection":
                torch.nn.init.trunc_normal_(tensor, step["mean"], step["std"], step["low"], step["high"])
            else:
                torch_trunc_inverse(tensor, step["mean"], step["std"], step["low"], step["high"])
            drawn.append({**step, "values": floats(tensor)})
        cases.append({"seed": seed, "draws": drawn})
    return cases


def hugging_face_cases():
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

    small = dict(vocab_size=19, hidden_size=16, intermediate_size=20, num_hidden_layers=2, num_attention_heads=2,
                 num_key_value_heads=1, head_dim=8)
    gpt2 = dict(vocab_size=19, n_embd=16, n_layer=2, n_head=2, n_positions=8)
    builds = [
        ("huggingface-llama", LlamaForCausalLM, LlamaConfig, small),
        ("huggingface-llama", LlamaForCausalLM, LlamaConfig, {**small, "tie_word_embeddings": True}),
        ("huggingface-gpt2", GPT2LMHeadModel, GPT2Config, gpt2),
    ]
    cases = []
    for recipe, model_class, config_class, settings in builds:
        torch.manual_seed(1234)
        config = config_class(**settings)
        model = model_class(config)
        kept = {}
        for name, tensor in model.state_dict().items():
            if tensor.ndim >= 2 and not (name == "lm_head.weight" and config.tie_word_embeddings):
                flat = tensor.reshape(-1)
                kept[name] = {"shape": list(tensor.shape), "first": floats(flat[:6]), "last": floats(flat[-3:])}
        cases.append({"recipe": recipe, "seed": 1234, "config": json.loads(json.dumps(config.to_dict(), default=str)), "tensors": kept})
    return cases


def main(which):
    if which == "numpy-jax":
        normal, uniform = numpy_cases()
        write("numpy-draws.json", {"origin": f"numpy {np.__version__}", "normal": normal, "uniform": uniform})
        found = jax_cases()
        write("jax-draws.json", {"origin": f"jax {found['jax']}, jax_threefry_partitionable", "cases": found["cases"]})
    else:
        import torch
        import transformers

        write("torch-draws.json", {"origin": f"torch {torch.__version__}, CPU, {torch.backends.cpu.get_cpu_capability()}", "cases": torch_cases()})
        write("huggingface-draws.json", {"origin": f"transformers {transformers.__version__}, torch {torch.__version__}", "cases": hugging_face_cases()})


if __name__ == "__main__":
    main(sys.argv[1])
