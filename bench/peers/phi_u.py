"""Runs phi_U of Zhu et al. on two checkpoints: python phi_u.py CLONE CANDIDATE REFERENCE.

Their main.py fetches WikiText whatever statistic is asked for, so the statistic is called by itself,
on models loaded as main.py loads them. Their `cossim` sends its arguments to "cuda": on a machine
without one that request means the processor. Nothing else is changed.
"""

import math
import sys

from driver import say

clone, candidate, reference = sys.argv[1:]
sys.path.insert(0, clone)

import torch
from tracing.statistics.csu import statistic
from transformers import AutoModelForCausalLM

import time

IMPORTED = time.perf_counter()

to_device = torch.Tensor.to


def to_what_there_is(tensor, *where, **options):
    return tensor if where == ("cuda",) else to_device(tensor, *where, **options)


if not torch.cuda.is_available():
    torch.Tensor.to = to_what_there_is

base, tuned = (
    AutoModelForCausalLM.from_pretrained(path, torch_dtype=torch.bfloat16)
    for path in (reference, candidate)
)
p, layers = statistic(base, tuned)
# Fisher's sum underflows for close relatives; null stands for "below what a double holds".
say({"log10P": math.log10(p) if p > 0 else None, "layers": len(layers)}, IMPORTED)
