"""Runs Cisco's Model Provenance Kit on two checkpoints: python mpk.py CLONE CANDIDATE REFERENCE.

Calls the scanner as `provenancekit compare A B --json --no-cache` does.
"""

import sys
import time
from pathlib import Path

from driver import say

clone, candidate, reference = sys.argv[1:]
sys.path.insert(0, str(Path(clone) / "src"))

from provenancekit.config.settings import Settings
from provenancekit.core.scanner import ModelProvenanceScanner
from provenancekit.services.cache import NullCache

IMPORTED = time.perf_counter()

result = ModelProvenanceScanner(settings=Settings(), cache=NullCache()).compare(candidate, reference)
scores = result.scores
say(
    {
        "decision": scores.provenance_decision,
        "pipelineScore": scores.pipeline_score,
        "identityScore": scores.identity_score,
        "tier": scores.mfi_tier,
    },
    IMPORTED,
)
