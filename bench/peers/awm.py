"""Runs AWM on two checkpoints: python awm.py CLONE CANDIDATE REFERENCE.

Calls `run_experiment` of its main.py, which `--model_paths A B --device cpu` calls, and reads the
figures it prints.
"""

import contextlib
import io
import re
import sys
import time
from pathlib import Path

from driver import say

clone, *models = sys.argv[1:]
# main.py changes into its own folder when it is imported.
candidate, reference = (str(Path(path).resolve()) for path in models)
sys.path.insert(0, clone)

from main import run_experiment

IMPORTED = time.perf_counter()

printed = io.StringIO()
with contextlib.redirect_stdout(printed):
    run_experiment(model1_path=candidate, model2_path=reference, device="cpu")
text = printed.getvalue()


def figure(label):
    found = re.search(re.escape(label) + r"\s*(?:Similarity\(%\) )?= (-?[\d.]+|nan)", text)
    return None if found is None or found[1] == "nan" else float(found[1])


answer = {"percent": figure("Average Wq_Wk_weights"), "z": figure("Absolute Z-Score vs negative pairs")}
if answer["z"] is None:
    sys.stderr.write(text)
    sys.exit("AWM printed no score")
say(answer, IMPORTED)
