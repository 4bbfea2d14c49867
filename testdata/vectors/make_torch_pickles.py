"""Pickles as `torch.save` writes them, made by CPython's own pickler without torch.

    python testdata/vectors/make_torch_pickles.py

The classes below stand in for those of torch under the same module and name, so that the stream is
the one that the library's reducers give: `_rebuild_tensor_v2`, storages as persistent ids, and for
parameters `_rebuild_parameter`. Source of the reducers: torch/_tensor.py, torch/nn/parameter.py,
torch/serialization.py.
"""

import io
import json
import pickle
import platform
import sys
from collections import OrderedDict
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent

torch = ModuleType("torch")
utils = ModuleType("torch._utils")
sys.modules["torch"] = torch
sys.modules["torch._utils"] = utils


def storage_type(name):
    kind = type(name, (), {"__module__": "torch"})
    setattr(torch, name, kind)
    return kind


FLOAT = storage_type("FloatStorage")
BF16 = storage_type("BFloat16Storage")


def _rebuild_tensor_v2(*_):
    raise NotImplementedError


def _rebuild_parameter(*_):
    raise NotImplementedError


for function in (_rebuild_tensor_v2, _rebuild_parameter):
    function.__module__ = "torch._utils"
    setattr(utils, function.__name__, function)


class Storage:
    def __init__(self, kind, key, count):
        self.kind, self.key, self.count = kind, key, count


class Tensor:
    def __init__(self, storage, offset, shape, strides):
        self.parts = (storage, offset, tuple(shape), tuple(strides))

    def __reduce_ex__(self, _):
        return (_rebuild_tensor_v2, (*self.parts, False, OrderedDict()))


class Parameter:
    def __init__(self, tensor):
        self.tensor = tensor

    def __reduce_ex__(self, _):
        return (_rebuild_parameter, (self.tensor, True, OrderedDict()))


class Saver(pickle.Pickler):
    def persistent_id(self, obj):
        if not isinstance(obj, Storage):
            return None
        return ("storage", obj.kind, obj.key, "cpu", obj.count)


def saved(value, protocol):
    buffer = io.BytesIO()
    Saver(buffer, protocol=protocol).dump(value)
    return buffer.getvalue().hex()


first, second = Storage(FLOAT, "0", 12), Storage(BF16, "1", 6)
state = OrderedDict()
state["embed.weight"] = Tensor(first, 0, (3, 4), (4, 1))
state["head.weight"] = Tensor(first, 0, (3, 4), (4, 1))
state["turned.weight"] = Tensor(first, 0, (4, 3), (1, 4))
state["norm.weight"] = Parameter(Tensor(second, 2, (4,), (1,)))
state["scalar"] = Tensor(second, 0, (), ())
state._metadata = OrderedDict({"": {"version": 1}})
nested = {"model": state, "epoch": 3, "loss": 0.5, "optimizer": {"state": {0: first and Tensor(first, 0, (2,), (1,))}},
          "big": 2**70, "name": "한", "flags": [True, False, None], "pair": (1, -2, 300, 70000)}

cases = [
    {"name": f"{name}, protocol {protocol}", "pickle": saved(value, protocol)}
    for protocol in (2, 4)
    for name, value in (("state", state), ("nested", nested))
]
origin = {
    "script": "testdata/vectors/make_torch_pickles.py",
    "versions": {"python": platform.python_version()},
}
body = ",\n".join("    " + json.dumps(case, ensure_ascii=False) for case in cases)
(HERE / "torch-pickles.json").write_text(
    f'{{\n  "origin": {json.dumps(origin)},\n  "cases": [\n{body}\n  ]\n}}\n'
)
