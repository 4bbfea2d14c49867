"""`lineage.json`: how each model was made and what each pair should be found to be."""

import json

from expectations import PAIRS
from layout import ROOT, write_json

PATH = ROOT / "lineage.json"

NOTE = (
    "Simulated tiny models trained on generated data. In a pair, `expected` names a verdict per "
    "component of the candidate (the suspect) against the reference; `acceptable` lists other words "
    "that can be defended; a component not named is not part of the expectation."
)


def record(models):
    """Adds or replaces the facts of some models and writes the file with the pairs that exist."""
    stored = json.loads(PATH.read_text())["models"] if PATH.exists() else {}
    stored.update(models)
    known = {name: facts for name, facts in stored.items() if (ROOT / name.split("/")[0]).exists()}
    document = {
        "schemaVersion": 1,
        "simulated": True,
        "note": NOTE,
        "models": dict(sorted(known.items())),
        "pairs": [p for p in PAIRS if p["candidate"] in known and p["reference"] in known],
    }
    write_json(PATH, document)
