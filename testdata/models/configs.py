"""Configurations with the keys that Hugging Face uses for each architecture."""

WIDTH, HIDDEN, LAYERS, HEADS, KV_HEADS = 48, 96, 3, 4, 2


def llama(vocab_size, **changes):
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": WIDTH,
        "intermediate_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_key_value_heads": KV_HEADS,
        "head_dim": WIDTH // HEADS,
        "hidden_act": "silu",
        "rms_norm_eps": 1e-6,
        "rope_theta": 10000.0,
        "rope_scaling": None,
        "attention_bias": False,
        "mlp_bias": False,
        "max_position_embeddings": 64,
        "initializer_range": 0.02,
        "tie_word_embeddings": False,
        "vocab_size": vocab_size,
        "bos_token_id": vocab_size - 1,
        "eos_token_id": vocab_size - 1,
        **changes,
    }


def mixtral(vocab_size, experts=4):
    config = llama(vocab_size, architectures=["MixtralForCausalLM"], model_type="mixtral")
    return {
        **config,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_local_experts": experts,
        "num_experts_per_tok": 2,
        "output_router_logits": False,
        "sliding_window": None,
    }


def gpt2(vocab_size):
    return {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "activation_function": "gelu_new",
        "n_embd": WIDTH,
        "n_inner": 128,
        "n_layer": 2,
        "n_head": HEADS,
        "n_positions": 64,
        "n_ctx": 64,
        "layer_norm_epsilon": 1e-5,
        "initializer_range": 0.02,
        "tie_word_embeddings": True,
        "vocab_size": vocab_size,
        "bos_token_id": vocab_size - 1,
        "eos_token_id": vocab_size - 1,
    }


def llava(vocab_size, image_token):
    """A Llama body with a SigLIP-style tower (LayerNorm, GELU, learned positions, no class token)."""
    text = llama(vocab_size, num_hidden_layers=2, max_position_embeddings=96)
    return {
        "architectures": ["LlavaForConditionalGeneration"],
        "model_type": "llava",
        "image_token_index": image_token,
        "image_seq_length": 16,
        "projector_hidden_act": "gelu",
        "vision_feature_layer": -1,
        "vision_feature_select_strategy": "full",
        "tie_word_embeddings": False,
        "vocab_size": vocab_size,
        "text_config": text,
        "vision_config": {
            "model_type": "siglip_vision_model",
            "hidden_size": 64,
            "intermediate_size": 128,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_channels": 3,
            "image_size": 24,
            "patch_size": 6,
            "hidden_act": "gelu_pytorch_tanh",
            "layer_norm_eps": 1e-5,
        },
    }


def qwen_vl(vocab_size, image_token):
    """A Qwen2 body with a Qwen2.5-VL-style tower (RMSNorm, SwiGLU, 2-D rotary, 2 x 2 merger)."""
    text = llama(
        vocab_size,
        architectures=["Qwen2_5_VLForConditionalGeneration"],
        model_type="qwen2_5_vl",
        num_hidden_layers=2,
        tie_word_embeddings=True,
        attention_bias=True,
        max_position_embeddings=96,
    )
    return {
        **text,
        "image_token_id": image_token,
        "vision_config": {
            "model_type": "qwen2_5_vl",
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 96,
            "num_heads": 4,
            "out_hidden_size": WIDTH,
            "in_chans": 3,
            "patch_size": 6,
            "temporal_patch_size": 2,
            "spatial_merge_size": 2,
            "fullatt_block_indexes": [0, 1],
            "hidden_act": "silu",
        },
    }
