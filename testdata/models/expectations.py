"""The verdicts expected of pairs, from how the models were made."""


def pair(candidate, reference, expected, acceptable=None, note=None):
    found = {"candidate": candidate, "reference": reference, "expected": expected}
    if acceptable:
        found["acceptable"] = acceptable
    if note:
        found["note"] = note
    return found


def text(language_model, embeddings, tokenizer="identical"):
    return {"language_model": language_model, "embeddings": embeddings, "tokenizer": tokenizer}


INDEPENDENT = text("no_evidence", "no_evidence")
TRAINED_ON = text("derived", "derived")

BASE_PAIRS = [
    pair("s2", "s1", INDEPENDENT, note="same data and order, other seed; one maker's tokenizer"),
    pair("sft1", "s1", TRAINED_ON),
    pair("cpt1", "s1", TRAINED_ON),
    pair("same1", "s1", text("shared_initialisation", "shared_initialisation"), {"embeddings": ["derived"]},
         "one initialisation, no common training"),
    pair("cpt1", "sft1", text("common_origin", "common_origin"), {"language_model": ["derived"], "embeddings": ["derived"]},
         "both descend from s1; common_origin once s1 is among the references"),
    pair("sft1", "s2", INDEPENDENT),
    pair("cpt1", "s2", INDEPENDENT),
    pair("same1", "s2", INDEPENDENT),
]

KIN_PAIRS = [
    pair("s3", "s1", INDEPENDENT),
    pair("s3", "s2", INDEPENDENT),
    pair("d9", "s1", text("no_evidence", "no_evidence", "no_evidence"), note="other data, tokenizer and seed"),
    pair("sft1b", "s1", TRAINED_ON),
    pair("sft1b", "sft1", text("common_origin", "common_origin"), {"language_model": ["derived"], "embeddings": ["derived"]},
         "siblings: both fine-tuned from s1"),
    pair("lora1", "s1", text("derived", "identical"), note="only q and v differ, by a matrix of rank 4 at most, up to storage rounding"),
]



def with_vision(vision_encoder, tokenizer="no_evidence"):
    return {"language_model": "no_evidence", "vision_encoder": vision_encoder, "projector": "no_evidence",
            "embeddings": "no_evidence", "tokenizer": tokenizer}


# Projectors have few or no testable units, hence the second word.
FEW_UNITS = {"projector": ["not_testable"]}
VISION_PAIRS = [
    pair("vlm-honest", "vlm-donor", with_vision("no_evidence"), FEW_UNITS),
    pair("vlm-borrowed-frozen", "vlm-donor", with_vision("identical"), FEW_UNITS, "the tower is the donor's, bit for bit"),
    pair("vlm-borrowed-tuned", "vlm-donor", with_vision("derived"), FEW_UNITS, "the tower is the donor's, tuned; the body is its own"),
    pair("vlm-borrowed-frozen", "vlm-honest", with_vision("no_evidence", "identical"), FEW_UNITS),
    pair("vlm-borrowed-tuned", "vlm-borrowed-frozen", with_vision("derived", "identical"),
         {**FEW_UNITS, "vision_encoder": ["common_origin"]}, "both towers come from vlm-donor"),
    pair("qvl-honest", "qvl-donor", with_vision("no_evidence"), FEW_UNITS),
    pair("qvl-borrowed-tuned", "qvl-donor", with_vision("derived"), FEW_UNITS),
    pair("qvl-borrowed-tuned", "qvl-honest", with_vision("no_evidence", "identical"), FEW_UNITS),
]

TRANSFORM_PAIRS = [
    pair("init-s1", "s1", text("shared_initialisation", "shared_initialisation"),
         {"language_model": ["derived"], "embeddings": ["derived"]}, "s1 grew from init-s1, whose norms are still all ones"),
    pair("twin-untrained", "s1", INDEPENDENT, note="random weights under the same configuration"),
    pair("twin-untrained", "init-s1", INDEPENDENT),
    pair("s1-f32", "s1", text("reencoded", "reencoded"), {"language_model": ["identical"], "embeddings": ["identical"]}),
    pair("s1-f16", "s1", text("reencoded", "reencoded"), {"language_model": ["identical"], "embeddings": ["identical"]}),
    pair("s1-int8", "s1", text("reencoded", "reencoded"), note="symmetric, top level 127, half-precision scale per row"),
    pair("s1-int4", "s1", text("reencoded", "reencoded"),
         note="symmetric, top level 7, half-precision scale per 32 columns (the last group of a 48-wide row has 16)"),
    pair("s1-noise05", "s1", TRAINED_ON, note="noise, not training: the difference is normal with one deviation per tensor"),
    pair("s1-noise100", "s1", TRAINED_ON, note="noise as large as the weights"),
    pair("s1-noise100", "s2", INDEPENDENT),
    pair("s1-vocab", "s1", text("derived", "derived", "derived"), {"tokenizer": ["identical", "no_evidence", "not_testable"]},
         "the tokenizer keeps all merges and adds sixteen chat tokens"),
    pair("canon-s1", "s1", text("derived", "identical"), {"language_model": ["derived_obfuscated"]},
         "function preserved: about half of the MLP units are negated, everything else is bit-identical"),
    pair("canon-s2", "canon-s1", INDEPENDENT,
         note="trap: one sign convention in both makes the MLP signs agree; attention families are untouched"),
]

GPT2_TEXT = {"language_model": "no_evidence", "embeddings": "no_evidence", "tokenizer": "identical"}
SPECIAL_PAIRS = [
    pair("emb-reuse", "s1", text("no_evidence", "identical"),
         note="the residual family rejects because of the token tables; MLP, V/O and Q/K stay exact and silent"),
    pair("emb-reuse", "s2", INDEPENDENT),
    pair("distilled", "s1", INDEPENDENT, {"embeddings": ["derived", "not_testable"]},
         "trap: hidden states were matched, so the residual axes are tied; no weights were taken"),
    pair("moe-own2", "moe-own1", INDEPENDENT,
         note="trap: experts inside each are copies of one own MLP, so their signs are not independent units"),
    pair("stranger", "s1", text("no_evidence", "no_evidence", "no_evidence"), note="other names, shards, tied tables, biases"),
    pair("stranger", "d9", text("no_evidence", "no_evidence"), note="one maker's tokenizer and data, two initialisations"),
    pair("stranger-tuned", "stranger", TRAINED_ON, note="same weights lineage under different tensor names"),
    pair("gpt2-b", "gpt2-a", GPT2_TEXT, {"embeddings": ["not_testable"]},
         "LayerNorm and GELU: only V/O and Q/K have signs; embeddings and MLP rows have none"),
    pair("gpt2-a-tuned", "gpt2-a", TRAINED_ON),
    pair("gpt2-a-tuned", "gpt2-b", GPT2_TEXT, {"embeddings": ["not_testable"]}),
]

PAIRS = BASE_PAIRS + KIN_PAIRS + TRANSFORM_PAIRS + SPECIAL_PAIRS + VISION_PAIRS
