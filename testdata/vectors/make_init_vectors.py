"""Initial weights of whole models made by the real libraries, for the recipes that replay them.

    pip install torch==2.8.0 transformers==4.57.1 numpy==2.4.6 && pip install --no-deps megatron-core==0.19.2
    python testdata/vectors/make_init_vectors.py

Everything is drawn on the CPU, megatron-core with use_cpu_initialization. Values are float32, little-endian, in
hexadecimal: the first of each tensor and the last three. transformers 5.23.0 gives the same draws (checked by
running this script with it); its GPT-NeoX calls the head lm_head.
"""

import json
import os
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).parent
SEED = 1234


def floats(tensor):
    return tensor.detach().numpy().astype("<f4").tobytes().hex()


def kept(state, dropped=()):
    found = {}
    for name, tensor in state.items():
        if tensor is None or name in dropped or name.endswith("_extra_state"):
            continue
        drawn = tensor.ndim >= 2 or bool((tensor != tensor.flatten()[0]).any())
        if drawn:
            flat = tensor.reshape(-1)
            # A row and two values more, so that a padding row that is zeroed shows.
            found[name] = {"shape": list(tensor.shape), "first": floats(flat[: 18 if "embed" in name else 4]), "last": floats(flat[-3:])}
    return found


def hugging_face():
    import transformers as tf

    small = dict(vocab_size=19, hidden_size=16, intermediate_size=20, num_hidden_layers=2, num_attention_heads=2,
                 num_key_value_heads=1, head_dim=8, pad_token_id=None)
    builds = [
        ("huggingface-llama", tf.LlamaForCausalLM, tf.LlamaConfig, {**small, "pad_token_id": 1, "attention_bias": True, "mlp_bias": True}),
        ("huggingface-mistral", tf.MistralForCausalLM, tf.MistralConfig, small),
        ("huggingface-qwen2", tf.Qwen2ForCausalLM, tf.Qwen2Config, small),
        ("huggingface-qwen3", tf.Qwen3ForCausalLM, tf.Qwen3Config, {**small, "tie_word_embeddings": True}),
        ("huggingface-gemma", tf.GemmaForCausalLM, tf.GemmaConfig, {**small, "pad_token_id": 0}),
        ("huggingface-gpt-neox", tf.GPTNeoXForCausalLM, tf.GPTNeoXConfig,
         dict(vocab_size=19, hidden_size=16, intermediate_size=20, num_hidden_layers=2, num_attention_heads=2)),
        ("huggingface-opt", tf.OPTForCausalLM, tf.OPTConfig,
         dict(vocab_size=19, hidden_size=16, ffn_dim=20, num_hidden_layers=2, num_attention_heads=2, word_embed_proj_dim=16,
              max_position_embeddings=12, pad_token_id=1)),
    ]
    cases = []
    for recipe, model_class, config_class, settings in builds:
        torch.manual_seed(SEED)
        config = config_class(**settings)
        model = model_class(config)
        # As written beside weights: values that equal the library's general defaults are left out.
        stated = {key: value for key, value in json.loads(config.to_json_string()).items() if isinstance(value, (int, float, str, bool, type(None)))}
        dropped = ("lm_head.weight",) if config.tie_word_embeddings else ()
        cases.append({"recipe": recipe, "seed": SEED, "config": stated, "tensors": kept(model.state_dict(), dropped)})
    return {"version": tf.__version__, "cases": cases}


def megatron():
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT="29577", RANK="0", WORLD_SIZE="1")
    torch.distributed.init_process_group("gloo")
    import megatron.core
    from megatron.core import parallel_state
    from megatron.core.models.gpt.gpt_layer_specs import get_gpt_layer_local_spec
    from megatron.core.models.gpt.gpt_model import GPTModel
    from megatron.core.transformer.transformer_config import TransformerConfig

    parallel_state.initialize_model_parallel(1, 1)
    shape = dict(num_layers=2, hidden_size=16, num_attention_heads=2, kv_channels=8, ffn_hidden_size=20)
    # The configuration is stated by the names of Megatron-LM's arguments.
    builds = [
        ({**shape, "num_query_groups": 1, "init_method_std": 0.01, "padded_vocab_size": 24, "swiglu": True,
          "position_embedding_type": "rope", "untie_embeddings_and_output_weights": True}, "RMSNorm"),
        ({**shape, "init_method_std": 0.02, "padded_vocab_size": 24, "max_position_embeddings": 12,
          "position_embedding_type": "learned_absolute", "untie_embeddings_and_output_weights": False}, "LayerNorm"),
    ]
    cases = []
    for config, norm in builds:
        gated = config.get("swiglu", False)
        settings = TransformerConfig(
            **shape, num_query_groups=config.get("num_query_groups"), init_method_std=config["init_method_std"], use_cpu_initialization=True,
            gated_linear_unit=gated, add_bias_linear=not gated, normalization=norm)
        torch.manual_seed(SEED)
        model = GPTModel(settings, get_gpt_layer_local_spec(normalization=norm), vocab_size=config["padded_vocab_size"],
                         max_sequence_length=config.get("max_position_embeddings", 12), position_embedding_type=config["position_embedding_type"],
                         share_embeddings_and_output_weights=not config["untie_embeddings_and_output_weights"])
        cases.append({"recipe": "megatron-gpt", "seed": SEED, "config": config, "tensors": kept(model.state_dict())})
    torch.distributed.destroy_process_group()
    return {"version": megatron.core.__version__, "cases": cases}


class Plain(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = torch.nn.Embedding(19, 16)
        self.positions = torch.nn.Embedding(8, 16, padding_idx=0)
        self.norm = torch.nn.LayerNorm(16)
        self.up = torch.nn.Linear(16, 20)
        self.conv = torch.nn.Conv1d(6, 10, 3)
        self.patch = torch.nn.Conv2d(3, 4, 2, bias=False)
        self.down = torch.nn.Linear(20, 16, bias=False)


def plain():
    torch.manual_seed(SEED)
    model = Plain()
    modules = [{"name": "embed", "kind": "embedding"}, {"name": "positions", "kind": "embedding", "paddingRow": 0}, {"name": "up", "kind": "linear"},
               {"name": "conv", "kind": "convolution"}, {"name": "patch", "kind": "convolution"}, {"name": "down", "kind": "linear"}]
    # A module's own draw order is weight, then bias; every value of a tensor is compared here.
    tensors = {name: {"shape": list(t.shape), "first": floats(t.reshape(-1)), "last": floats(t.reshape(-1)[-3:])}
               for name, t in model.state_dict().items() if not name.startswith("norm")}
    return {"recipe": "pytorch-modules", "seed": SEED, "modules": modules, "tensors": tensors}


if __name__ == "__main__":
    found, built = hugging_face(), megatron()
    document = {
        "origin": f"transformers {found['version']}, megatron-core {built['version']}, torch {torch.__version__}, CPU, {torch.backends.cpu.get_cpu_capability()}, numpy {np.__version__}",
        "configured": found["cases"] + built["cases"],
        "modules": [plain()],
    }
    (HERE / "init-recipes.json").write_text(json.dumps(document, separators=(",", ":")).replace('"recipe"', '\n"recipe"').replace('},"', '},\n"') + "\n")
