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

PAIRS = BASE_PAIRS + KIN_PAIRS + VISION_PAIRS
