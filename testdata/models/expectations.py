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

PAIRS = BASE_PAIRS + KIN_PAIRS
