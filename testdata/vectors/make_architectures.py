"""Tensor names and shapes of published architectures, and which of their units may be negated.

    pip install torch==2.15.0 transformers==5.23.0
    python testdata/vectors/make_architectures.py build DIR     # tiny random models
    npx -c 'node testdata/vectors/write_roles.ts DIR/*'          # their roles
    python testdata/vectors/make_architectures.py check DIR     # flip, permute, compare; writes the JSON

`check` loads every model again after negating (or permuting) the units that the role map names, on
both sides of the hidden axis, and compares the outputs with those of the untouched model; the same
on one side only must change the output, or nothing was tested. A family is written to `checked` when
both hold. `structures` and `kinds` are what the role map said when it passed.
"""

import json
import re
import shutil
import sys
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import torch
import transformers as tf
from safetensors.torch import load_file, save_file

warnings.filterwarnings("ignore")
tf.utils.logging.set_verbosity_error()
tf.utils.logging.disable_progress_bar()

OUT = Path(__file__).parent / "architectures.json"
IDS = torch.arange(3, 15).reshape(1, -1)
TEXT = dict(
    vocab_size=64, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=64, pad_token_id=0, bos_token_id=1, eos_token_id=2,
)
MOE = dict(
    num_experts=4, num_local_experts=4, num_experts_per_tok=2, n_routed_experts=4, moe_intermediate_size=24,
    n_shared_experts=1, first_k_dense_replace=1, n_group=1, topk_group=1, decoder_sparse_step=1,
    shared_expert_intermediate_size=24,
)
MLA = dict(kv_lora_rank=12, q_lora_rank=20, qk_nope_head_dim=8, qk_rope_head_dim=4, v_head_dim=8, num_key_value_heads=4)
LINEAR = dict(
    head_dim=16, linear_num_key_heads=2, linear_num_value_heads=4, linear_key_head_dim=8,
    linear_value_head_dim=8, num_hidden_layers=4,
)
GPT = dict(n_embd=32, n_head=4, n_layer=2, n_positions=64, n_inner=48)

# Language models: what their configuration needs beyond TEXT.
DECODERS = {
    "llama": dict(head_dim=16, attention_bias=True, mlp_bias=True), "mistral": dict(head_dim=16), "mixtral": MOE,
    "qwen2": {}, "qwen2_moe": MOE, "qwen3": dict(head_dim=16), "qwen3_moe": dict(head_dim=16, **MOE),
    "qwen3_next": dict(**LINEAR, **MOE), "qwen3_5_text": LINEAR, "gemma": dict(head_dim=16),
    "gemma2": dict(head_dim=16), "gemma3_text": dict(head_dim=16, sliding_window=16), "glm": dict(head_dim=16),
    "glm4": dict(head_dim=16), "glm4_moe": dict(head_dim=16, use_qk_norm=True, **MOE),
    "deepseek_v2": dict(**MLA, **MOE), "deepseek_v3": dict(**MLA, **MOE), "axk1": dict(**MLA, **MOE),
    "axk2": dict(**MLA, **MOE), "minicpm3": MLA, "exaone4": dict(head_dim=16, sliding_window=16),
    "exaone_moe": dict(
        head_dim=16, num_shared_experts=1, mlp_layer_types=["dense", "sparse"], is_moe_layer=[False, True],
        layer_types=["sliding_attention", "full_attention"], sliding_window=16, **MOE,
    ),
    "solar_open": dict(head_dim=8, **MOE), "hyperclovax": {}, "phi": {}, "phi3": {}, "phimoe": MOE, "gpt2": GPT,
    "gpt_bigcode": GPT, "gptj": dict(rotary_dim=4, **GPT), "codegen": dict(rotary_dim=4, **GPT), "gpt_neox": {},
    "falcon": dict(new_decoder_architecture=True, num_kv_heads=2, alibi=False, ffn_hidden_size=48),
    "bloom": dict(n_head=4, n_layer=2), "mpt": dict(d_model=32, n_heads=4, n_layers=2, max_seq_len=64, expansion_ratio=2),
    "opt": dict(ffn_dim=48, word_embed_proj_dim=32), "starcoder2": {}, "olmo": {}, "olmo2": {},
    "olmoe": MOE, "cohere": {}, "cohere2": {},
    "gpt_oss": dict(head_dim=16, num_local_experts=4, num_experts_per_tok=2, intermediate_size=40),
    "llama4_text": dict(
        head_dim=16, num_local_experts=4, num_experts_per_tok=1, intermediate_size=24, intermediate_size_mlp=48,
        no_rope_layers=[1, 0],
    ),
    "stablelm": {}, "persimmon": {}, "nemotron": {}, "granite": {}, "granitemoe": dict(num_local_experts=4, num_experts_per_tok=2),
    "granitemoeshared": dict(num_local_experts=4, num_experts_per_tok=2, shared_intermediate_size=24),
    "dbrx": dict(
        d_model=32, n_heads=4, n_layers=2, max_seq_len=64, attn_config=dict(kv_n_heads=2, clip_qkv=8.0, rope_theta=1e4),
        ffn_config=dict(ffn_hidden_size=24, moe_num_experts=4, moe_top_k=2),
    ),
    "ernie4_5": dict(head_dim=8), "helium": dict(head_dim=8), "smollm3": {}, "seed_oss": dict(head_dim=8), "bitnet": {},
    "mimo_v2_flash": dict(head_dim=16, v_head_dim=8, swa_head_dim=16, swa_v_head_dim=8, swa_num_attention_heads=4,
                          swa_num_key_value_heads=2, **MOE),
    "jamba": dict(attn_layer_period=2, attn_layer_offset=0, expert_layer_period=2, expert_layer_offset=1, num_experts=4,
                  num_experts_per_tok=2, mamba_d_state=8, mamba_dt_rank=4, use_mamba_kernels=False),
    "lfm2": dict(layer_types=["conv", "full_attention"]), "modernbert-decoder": {},
}

VISION = dict(hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, image_size=16, patch_size=4)
TOWER = dict(depth=2, hidden_size=32, intermediate_size=48, num_heads=4, patch_size=4, spatial_patch_size=4,
             temporal_patch_size=2, spatial_merge_size=2, in_channels=3, in_chans=3, out_hidden_size=32)
WINDOWED = dict(TOWER, window_size=8, fullatt_block_indexes=[1])
SEQ2SEQ = dict(vocab_size=64, d_model=32, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4,
               decoder_attention_heads=4, encoder_ffn_dim=48, decoder_ffn_dim=40, pad_token_id=0, bos_token_id=1,
               eos_token_id=2, decoder_start_token_id=2)


def noise(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(5))


def image(model):
    return model(pixel_values=noise(1, 3, 16, 16)).last_hidden_state


def both(model):
    found = model(input_ids=IDS, pixel_values=noise(1, 3, 16, 16))
    return torch.cat([found.image_embeds, found.text_embeds])


def tower(model):
    inner = getattr(model.model, "visual", None) or model.model.vision_model
    found = inner(noise(16, 96), grid_thw=torch.tensor([[1, 4, 4]]))
    return found if torch.is_tensor(found) else found.pooler_output


def translated(model):
    return model(input_ids=IDS, decoder_input_ids=IDS).logits


# Encoders and wrappers: class, configuration, what of them is run.
OTHERS = {
    "vit": (tf.ViTModel, lambda: tf.ViTConfig(**VISION), image),
    "beit": (tf.BeitModel, lambda: tf.BeitConfig(**VISION, use_relative_position_bias=True), image),
    "dinov2": (tf.Dinov2Model, lambda: tf.Dinov2Config(**VISION, mlp_ratio=2), image),
    "dinov2-swiglu": (tf.Dinov2Model, lambda: tf.Dinov2Config(**VISION, mlp_ratio=2, use_swiglu_ffn=True), image),
    "dinov3_vit": (tf.DINOv3ViTModel, lambda: tf.DINOv3ViTConfig(**VISION), image),
    "clip_vision_model": (tf.CLIPVisionModel, lambda: tf.CLIPVisionConfig(**VISION), image),
    "clip": (tf.CLIPModel, lambda: tf.CLIPConfig(text_config=dict(TEXT, eos_token_id=14), vision_config=VISION), both),
    "siglip": (tf.SiglipModel, lambda: tf.SiglipConfig(text_config=TEXT, vision_config=VISION), both),
    "swin": (tf.SwinModel, lambda: tf.SwinConfig(embed_dim=16, depths=[2, 2], num_heads=[2, 4], window_size=2,
                                                 image_size=16, patch_size=2), image),
    "pixtral": (tf.PixtralVisionModel, lambda: tf.PixtralVisionConfig(**VISION),
                lambda m: m(noise(1, 3, 16, 16), image_sizes=torch.tensor([[16, 16]])).last_hidden_state),
    "bert": (tf.BertModel, lambda: tf.BertConfig(**TEXT), lambda m: m(IDS).last_hidden_state),
    "modernbert": (tf.ModernBertModel, lambda: tf.ModernBertConfig(**TEXT), lambda m: m(IDS).last_hidden_state),
    "bart": (tf.BartForConditionalGeneration, lambda: tf.BartConfig(**SEQ2SEQ), translated),
    "t5": (tf.T5ForConditionalGeneration, lambda: tf.T5Config(
        vocab_size=64, d_model=32, d_kv=8, d_ff=48, num_layers=2, num_heads=4, feed_forward_proj="gated-gelu",
        decoder_start_token_id=0, tie_word_embeddings=False), translated),
    "whisper": (tf.WhisperForConditionalGeneration, lambda: tf.WhisperConfig(
        **SEQ2SEQ, num_mel_bins=8, max_source_positions=16, max_target_positions=32),
        lambda m: m(input_features=noise(1, 8, 32), decoder_input_ids=IDS).logits),
    "wav2vec2": (tf.Wav2Vec2ForCTC, lambda: tf.Wav2Vec2Config(
        vocab_size=64, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48, conv_dim=(16, 16),
        conv_stride=(5, 2), conv_kernel=(10, 3), num_feat_extract_layers=2, num_conv_pos_embeddings=4,
        num_conv_pos_embedding_groups=2), lambda m: m(noise(1, 200)).logits),
    "parakeet_encoder": (tf.ParakeetEncoder, lambda: tf.ParakeetEncoderConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48, conv_kernel_size=3,
        subsampling_factor=4, subsampling_conv_channels=8, num_mel_bins=16), lambda m: m(noise(1, 32, 16)).last_hidden_state),
    "moonshine": (tf.MoonshineForConditionalGeneration, lambda: tf.MoonshineConfig(
        vocab_size=64, hidden_size=32, intermediate_size=48, encoder_num_hidden_layers=2, decoder_num_hidden_layers=2,
        encoder_num_attention_heads=4, decoder_num_attention_heads=4, encoder_num_key_value_heads=4,
        decoder_num_key_value_heads=4, pad_token_id=0), lambda m: m(input_values=noise(1, 2000), decoder_input_ids=IDS).logits),
    "qwen2_vl": (tf.Qwen2VLForConditionalGeneration, lambda: tf.Qwen2VLConfig(
        text_config=TEXT, vision_config=dict(TOWER, embed_dim=32, mlp_ratio=2)), tower),
    "qwen2_5_vl": (tf.Qwen2_5_VLForConditionalGeneration, lambda: tf.Qwen2_5_VLConfig(
        text_config=TEXT, vision_config=WINDOWED), tower),
    "qwen3_vl": (tf.Qwen3VLForConditionalGeneration, lambda: tf.Qwen3VLConfig(
        text_config=dict(TEXT, head_dim=8), vision_config=dict(TOWER, num_position_embeddings=16,
                                                               deepstack_visual_indexes=[0, 1])), tower),
    "qwen3_vl_moe": (tf.Qwen3VLMoeForConditionalGeneration, lambda: tf.Qwen3VLMoeConfig(
        text_config=dict(TEXT, head_dim=8, **MOE), vision_config=dict(TOWER, num_position_embeddings=16,
                                                                      deepstack_visual_indexes=[0, 1])),
        lambda m: m(input_ids=IDS).logits),
    "glm4v": (tf.Glm4vForConditionalGeneration, lambda: tf.Glm4vConfig(
        text_config=TEXT, vision_config=dict(TOWER, image_size=16)), tower),
    "exaone4_5": (tf.Exaone4_5_ForConditionalGeneration, lambda: tf.Exaone4_5_Config(
        text_config=dict(TEXT, model_type="exaone4", head_dim=8), vision_config=dict(WINDOWED, num_key_value_heads=2)), tower),
    "hyperclovax_vision_v2": (tf.HyperCLOVAXVisionV2ForConditionalGeneration, lambda: tf.HyperCLOVAXVisionV2Config(
        text_config=dict(TEXT, model_type="hyperclovax"), vision_config=dict(WINDOWED, model_type="qwen2_5_vl")), tower),
    "llava": (tf.LlavaForConditionalGeneration, lambda: tf.LlavaConfig(
        text_config=dict(TEXT, model_type="llama"), vision_config=dict(VISION, model_type="clip_vision_model"),
        image_token_index=63), lambda m: m.model.get_image_features(noise(1, 3, 16, 16)).pooler_output[0]),
    "internvl": (tf.InternVLForConditionalGeneration, lambda: tf.InternVLConfig(
        text_config=dict(TEXT, model_type="qwen2"), vision_config=dict(
            VISION, model_type="internvl_vision", image_size=[16, 16], patch_size=[4, 4]), image_token_id=63),
        lambda m: m.model.get_image_features(noise(1, 3, 16, 16), vision_feature_layer=-1,
                                             vision_feature_select_strategy="default").pooler_output),
    "qwen2_audio": (tf.Qwen2AudioForConditionalGeneration, lambda: tf.Qwen2AudioConfig(
        text_config=dict(TEXT, model_type="qwen2"), audio_config=dict(
            model_type="qwen2_audio_encoder", d_model=32, encoder_layers=2, encoder_attention_heads=4, encoder_ffn_dim=48,
            num_mel_bins=8, max_source_positions=16)), lambda m: m.model.audio_tower(noise(1, 8, 32)).last_hidden_state),
}


def case(name):
    if name in OTHERS:
        return OTHERS[name]
    config = lambda: tf.CONFIG_MAPPING[name](**{**TEXT, **DECODERS[name]})  # noqa: E731
    return tf.AutoModelForCausalLM, config, lambda m: m(IDS).logits


def build(folder):
    for name in [*DECODERS, *OTHERS]:
        kind, config, run = case(name)
        torch.manual_seed(0)
        config = config()
        config._attn_implementation = "eager"
        model = kind.from_config(config) if kind is tf.AutoModelForCausalLM else kind(config)
        model = model.float().eval()
        random = torch.Generator().manual_seed(1)
        with torch.no_grad():
            # Norms and biases as well: a constant one would hide which unit it belongs to.
            for value in model.parameters():
                middle = value.mean() if value.dim() <= 1 and value.numel() else 0
                value.copy_(middle + (0.3 if value.dim() <= 1 else 0.25) * torch.randn(value.shape, generator=random))
            model.save_pretrained(folder / name)
            torch.save(run(model), folder / name / "output.pt")
        print("built", name)


class Altered:
    """A stored model whose tensors are changed through the views of their roles."""

    def __init__(self, folder, name):
        self.folder, self.case, self.random = folder / name, case(name), np.random.default_rng(0)
        self.map = json.loads((self.folder / "roles.json").read_text())
        self.stored = {}
        for file in sorted(self.folder.glob("*.safetensors")):
            self.stored.update(load_file(file))
        self.output = torch.load(self.folder / "output.pt")
        self.reset()

    def reset(self):
        self.flat = {key: value.clone().reshape(-1) for key, value in self.stored.items()}

    def at(self, role):
        view = role["view"]
        rows = np.concatenate([np.arange(s["first"], s["first"] + s["count"]) for s in view["segments"]])
        return torch.from_numpy(view["offset"] + rows[:, None] * view["rowStep"] + np.arange(view["cols"]) * view["colStep"])

    def apply(self, role, change):
        at = self.at(role)
        self.flat[role["tensor"]][at] = change(self.flat[role["tensor"]][at])

    def distance(self):
        target = self.folder / "altered"
        target.mkdir(exist_ok=True)
        shutil.copy(self.folder / "config.json", target)
        save_file({k: v.reshape(self.stored[k].shape).contiguous() for k, v in self.flat.items()},
                  target / "model.safetensors", metadata={"format": "pt"})
        kind, _, run = self.case
        model = kind.from_pretrained(target, attn_implementation="eager", dtype=torch.float32).eval()
        shutil.rmtree(target)
        with torch.no_grad():
            output = run(model)
        return float((output - self.output).abs().max() / self.output.abs().max())

    def roles(self, component, kind):
        return {(r["layer"], r["expert"], r["slot"], r["part"]): r
                for r in self.map["roles"] if r["component"] == component and r["kind"] == kind}


def negate_rows(signs):
    return lambda values: values * torch.tensor(signs, dtype=values.dtype)[:, None]


def negate_cols(signs):
    return lambda values: values * torch.tensor(signs, dtype=values.dtype)[None]


def families(model, component, structure):
    """Yields (family, [(change of the first matrix and its bias), (change of the other side)])."""
    attention, latent = structure["attention"], structure["latent"]
    signs = lambda n: model.random.choice([-1.0, 1.0], n)  # noqa: E731

    def pairs(first, second, change):
        one, other = model.roles(component, first), model.roles(component, second)
        found = []
        for key, role in one.items():
            if key[3] == "weight" and key in other:
                rows, cols = change(role, other[key])
                bias = one.get((*key[:3], "bias"))
                found += [(role, rows, other[key], cols)] + ([(bias, rows, None, None)] if bias else [])
        return found

    def hidden(role, _):
        s = signs(role["view"]["rows"])
        return negate_rows(s), negate_cols(s)

    def order(role, _):
        p = torch.from_numpy(model.random.permutation(role["view"]["rows"]))
        return (lambda v: v[p]), (lambda v: v[:, p])

    def value(role, back):
        n, width = role["view"]["rows"], back["view"]["cols"]
        s = signs(n)
        if n == width:
            return negate_rows(s), negate_cols(s)
        size, share = n // attention["keyValueHeads"], attention["queryHeads"] // attention["keyValueHeads"]
        at = np.arange(width)
        return negate_rows(s), negate_cols(s[(at // size // share) * size + at % size])

    def key(role, query):
        size, dims, layout = attention["headDim"], attention["rotaryDims"], attention["rotary"]
        n, width = role["view"]["rows"], query["view"]["rows"]
        s = signs(n).reshape(-1, size)
        if layout == "half":
            s[:, dims // 2 : dims] = s[:, : dims // 2]
        if layout == "interleaved":
            s[:, 1:dims:2] = s[:, 0:dims:2]
        share, at = width // n, np.arange(width)
        s = s.reshape(-1)
        return negate_rows(s), negate_rows(s[(at // size // share) * size + at % size])

    if structure["mlp"] == "gated":
        yield "up/down", pairs("up", "down", hidden)
    yield "fc1/fc2", pairs("fc1", "fc2", order)
    if latent is None:
        known = attention is not None or all(
            r["view"]["rows"] == model.roles(component, "o").get(k, r)["view"]["cols"]
            for k, r in model.roles(component, "v").items() if k[3] == "weight")
        if known:
            yield "v/o", pairs("v", "o", value)
        if attention and attention["rotary"] != "unknown" and attention["rotaryDims"] is not None:
            found = pairs("k", "q", key)
            queries = model.roles(component, "q")
            # The query's own bias turns with its rows.
            found += [(None, None, queries[(*k[:3], "bias")], cols) for k, r in model.roles(component, "k").items()
                      if k[3] == "weight" and (*k[:3], "bias") in queries
                      for role, _, _, cols in found if role is r]
            yield "k/q", found
        return

    def rank(count):
        def change(role, back):
            s = np.ones(role["view"]["rows"])
            s[:count] = signs(count)
            return negate_rows(s), negate_cols(s[:count])
        return change

    def latent_value(role, back):
        s = np.ones(role["view"]["rows"]).reshape(-1, latent["nopeDim"] + latent["valueDim"])
        s[:, latent["nopeDim"] :] = signs(s[:, latent["nopeDim"] :].shape)
        return negate_rows(s.reshape(-1)), negate_cols(s[:, latent["nopeDim"] :].reshape(-1))

    yield "kv_a/kv_b", pairs("kv_a", "kv_b", rank(latent["keyValueRank"]))
    yield "kv_b/o", pairs("kv_b", "o", latent_value)
    if latent["queryRank"]:
        yield "q_a/q_b", pairs("q_a", "q_b", rank(latent["queryRank"]))


def check(folder):
    found = []
    for name in [*DECODERS, *OTHERS]:
        model = Altered(folder, name)
        checked = {}
        assert model.distance() < 1e-4, name
        for structure in model.map["structures"]:
            structure.setdefault("attention"), structure.setdefault("latent")
            for family, changes in families(model, structure["component"], structure):
                distances = []
                for sides in (2, 1):
                    model.reset()
                    for one, rows, other, cols in changes:
                        if one is not None:
                            model.apply(one, rows)
                        if sides == 2 and other is not None:
                            model.apply(other, cols)
                    distances.append(model.distance() if changes else 0.0)
                assert distances[0] < 2e-4, (name, structure["component"], family, distances)
                # Parts that this run does not use change nothing either way.
                if distances[1] > 1e-2:
                    checked.setdefault(structure["component"], []).append(family)
        kinds = {}
        for role in model.map["roles"]:
            kinds.setdefault(role["component"], Counter())[role["kind"]] += 1
        config = json.loads((folder / name / "config.json").read_text())
        found.append({
            "name": name, "config": relevant(config),
            "tensors": sorted(f"{key} {','.join(map(str, value.shape))}".strip() for key, value in model.stored.items()),
            "structures": model.map["structures"], "kinds": {c: dict(sorted(k.items())) for c, k in sorted(kinds.items())},
            "checked": checked,
        })
        print(name, checked)
    head = {"source": f"transformers {tf.__version__}, torch {torch.__version__}", "script": "make_architectures.py"}
    lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in found)
    OUT.write_text(json.dumps(head)[:-1] + f', "architectures": [\n{lines}\n]}}\n')


KEPT = re.compile(r"type|head|hidden_size|rank|dim|norm|rms|rot|rope|_config|alibi|expert|width|embd|kv|gate|query|layers_type|depth|interleave|partial")


def relevant(config):
    """What a reader of roles could look at; lists and long texts are left out."""
    kept = {}
    for key, value in config.items():
        if isinstance(value, dict):
            kept[key] = relevant(value)
        elif KEPT.search(key) and isinstance(value, (int, float, str, bool)) and len(str(value)) < 40:
            kept[key] = value
    return kept


if __name__ == "__main__":
    {"build": build, "check": check}[sys.argv[1]](Path(sys.argv[2]))
