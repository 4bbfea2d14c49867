"""Initial weights drawn in bfloat16 by the real libraries, and those of GPT-2 with an output layer of its own.

    pip install torch==2.8.0 transformers==4.57.1 numpy==2.4.6
    python testdata/vectors/make_bfloat16_vectors.py

Everything is drawn on the CPU. Values are float32, little-endian, in hexadecimal; a bfloat16 value is one too.
"""

import json
from pathlib import Path

import torch
import transformers as tf

HERE = Path(__file__).parent
SEED = 1234


def floats(tensor):
    return tensor.detach().float().contiguous().numpy().astype("<f4").tobytes().hex()


def draws():
    """One after the other from one seed: blocks, a tail that is drawn again, and pairs below 16 elements."""
    cases = []
    for seed in (0, 1234, 2**31 + 5):
        torch.manual_seed(seed)
        made = []
        for law, size, first, second in [
            ("normal", 40, 0.0, 0.02), ("uniform", 33, -0.3, 0.7), ("normal", 7, 0.0, 1.0),
            ("normal", 64, 0.5, 0.3), ("uniform", 20, -0.125, 0.125), ("normal", 16, 0.0, 0.006),
        ]:
            values = torch.empty(size, dtype=torch.bfloat16)
            values.normal_(first, second) if law == "normal" else values.uniform_(first, second)
            made.append({"law": law, "shape": [size], "first": first, "second": second, "values": floats(values)})
        cases.append({"seed": seed, "draws": made})
    return cases


def models():
    width = dict(vocab_size=19, num_hidden_layers=2, num_attention_heads=2)
    llama = tf.LlamaConfig(hidden_size=16, intermediate_size=20, num_key_value_heads=1, **width)
    gpt2 = lambda tied: tf.GPT2Config(vocab_size=19, n_embd=16, n_layer=2, n_head=2, n_positions=12, bos_token_id=0,
                                      eos_token_id=0, tie_word_embeddings=tied)
    builds = [
        ("huggingface-llama", "bfloat16", llama), ("huggingface-gpt2", "bfloat16", gpt2(True)),
        ("huggingface-gpt2", "float32", gpt2(False)),
    ]
    cases = []
    for recipe, kind, config in builds:
        torch.manual_seed(SEED)
        model = tf.AutoModelForCausalLM.from_config(config, torch_dtype=getattr(torch, kind))
        tensors = {name: {"shape": list(value.shape), "last": floats(value.reshape(-1)[-3:])}
                   for name, value in model.state_dict().items()
                   if value.ndim >= 2 and not (config.tie_word_embeddings and name == "lm_head.weight")}
        cases.append({"recipe": recipe, "type": kind, "seed": SEED, "config": json.loads(config.to_json_string()), "tensors": tensors})
    return cases


document = {"torch": torch.__version__, "transformers": tf.__version__, "draws": draws(), "models": models()}
(HERE / "bfloat16-draws.json").write_text(json.dumps(document) + "\n")
