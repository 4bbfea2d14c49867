"""Two honest training runs with everything a training record asks for, and AdamW's moments once.

    XLA_FLAGS=--xla_cpu_multi_thread_eigen=false taskset -c 1 python training_runs.py

Each run leaves `training/<run>/step-NNNN/{config.json,model.safetensors}` from step 0, `log.csv`,
`data-order.json` (the place of every batch) and `training-record.yaml`. Both are simulated test data. The runs
differ in seed, generator, schedule, decay, optimiser constants and data, so that no bound is fitted
to one of them. Weights are stored as BF16; training itself ran in float32.
"""

import datetime
import hashlib
import json

import jax
import jax.numpy as jnp
import numpy as np

import calibration
import configs
import corpus
import networks
from language_models import loss_of
from layout import ROOT, encode_safetensors, write_json

CONTEXT, BATCH = 32, 8

RUNS = {
    "run-a": {
        "generator": "numpy-pcg64", "seed": [71, 4242], "std": 0.02, "language": "aru", "order": 171,
        "steps": 420, "saved": [0, 30, 80, 150, 240, 330, 420], "beta1": 0.9, "beta2": 0.95,
        "peak": 6e-3, "warmup": 20, "final": 6e-4, "shape": "cosine", "decay": 0.1, "moments": 330,
        "start": "2026-03-02T09:00:00Z", "minutes": 45,
    },
    "run-b": {
        "generator": "numpy-mt19937", "seed": 20260401, "std": 0.03, "language": "bel", "order": 172,
        "steps": 300, "saved": [0, 60, 140, 220, 300], "beta1": 0.9, "beta2": 0.999,
        "peak": 1e-2, "warmup": 30, "final": 0.0, "shape": "linear", "decay": 0.6, "moments": None,
        "start": "2026-04-01T08:30:00Z", "minutes": 90,
    },
}


def config():
    return configs.llama(32, intermediate_size=72, num_hidden_layers=1, tie_word_embeddings=True,
                         max_position_embeddings=CONTEXT)


def initial(run, spec):
    """Matrices in the order of the list, each drawn whole; norms are ones."""
    rng = np.random.default_rng(run["seed"]) if run["generator"] == "numpy-pcg64" else np.random.RandomState(run["seed"])
    params = {}
    for name, shape, kind in spec:
        if kind == "normal":
            params[name] = rng.normal(0.0, run["std"], shape).astype(np.float32)
        else:
            params[name] = np.ones(shape, np.float32)
    return params


def rate(run, step):
    """Learning rate of update `step` (0-based): linear warm-up, then cosine or linear decay."""
    if step < run["warmup"]:
        return run["peak"] * (step + 1) / run["warmup"]
    share = (step - run["warmup"]) / (run["steps"] - run["warmup"])
    left = 0.5 * (1 + np.cos(np.pi * share)) if run["shape"] == "cosine" else 1 - share
    return run["final"] + (run["peak"] - run["final"]) * left


def updater(loss, run):
    b1, b2 = run["beta1"], run["beta2"]

    def update(params, m1, m2, eta, count, batch):
        value, grads = jax.value_and_grad(loss)(params, batch)
        norm = jnp.sqrt(sum(jnp.sum(g * g) for g in grads.values()))
        clip = jnp.minimum(1.0, 1.0 / (norm + 1e-6))
        out, n1, n2 = {}, {}, {}
        for name, w in params.items():
            g = grads[name] * clip
            n1[name] = b1 * m1[name] + (1 - b1) * g
            n2[name] = b2 * m2[name] + (1 - b2) * g * g
            step = (n1[name] / (1 - b1**count)) / (jnp.sqrt(n2[name] / (1 - b2**count)) + 1e-8)
            decay = run["decay"] * w if w.ndim >= 2 else 0.0
            out[name] = w - eta * (step + decay)
        return out, n1, n2, value

    return jax.jit(update)


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def store(path, tensors):
    path.parent.mkdir(parents=True, exist_ok=True)
    stored = {name: ("BF16", np.asarray(w)) for name, w in tensors.items()}
    path.write_bytes(encode_safetensors(stored, {"format": "pt", "simulated": "true"}))


def train(name, run):
    folder = ROOT / "training" / name
    spec = networks.decoder_spec(config())
    ids = np.array([calibration.ALPHABET.index(c) for c in corpus.prose(run["language"], 1) if c in calibration.ALPHABET], np.int32)
    starts_of = np.random.default_rng([run["order"], 9001])
    params = {k: jnp.asarray(w) for k, w in initial(run, spec).items()}
    m1 = {k: jnp.zeros_like(w) for k, w in params.items()}
    m2 = {k: jnp.zeros_like(w) for k, w in params.items()}
    update = updater(loss_of(config()), run)
    rows, order = ["step,loss,lr,tokens"], []
    for step in range(run["steps"] + 1):
        if step in run["saved"]:
            store(folder / f"step-{step:04d}" / "model.safetensors", params)
            write_json(folder / f"step-{step:04d}" / "config.json", {**config(), "torch_dtype": "bfloat16"})
            if step == run["moments"]:
                both = {f"exp_avg.{k}": w for k, w in m1.items()} | {f"exp_avg_sq.{k}": w for k, w in m2.items()}
                store(folder / f"step-{step:04d}" / "optimiser" / "state.safetensors", both)
        if step == run["steps"]:
            break
        starts = starts_of.integers(0, len(ids) - CONTEXT - 1, BATCH)
        batch = np.stack([ids[s : s + CONTEXT + 1] for s in starts])
        order.append([int(s) for s in starts])
        eta = np.float32(rate(run, step))
        params, m1, m2, value = update(params, m1, m2, eta, np.float32(step + 1), batch)
        # Row k is the loss of the batch of update k+1, seen before it; the weights then are at step k.
        rows.append(f"{step},{float(value):.5f},{float(eta):.9g},{(step + 1) * BATCH * CONTEXT}")
    (folder / "log.csv").write_text("\n".join(rows) + "\n")
    (folder / "data-order.json").write_text(json.dumps(order, separators=(",", ":")) + "\n")
    return folder


def digests(folder, paths):
    return "".join(f"      {p.relative_to(folder).as_posix()}: {sha256(p.read_bytes())}\n" for p in sorted(paths))


def record(name, run, folder):
    start = datetime.datetime.fromisoformat(run["start"])
    when = lambda i: (start + i * datetime.timedelta(minutes=run["minutes"])).strftime("%Y-%m-%dT%H:%M:%SZ")
    kind = {"numpy-pcg64": "default_rng", "numpy-mt19937": "RandomState"}[run["generator"]]
    lines = [
        "# A simulated run, made for tests.",
        "schemaVersion: dokja.training-record/1",
        f"model: simulated {name}",
        "declaredBy:",
        "  name: test data of this project",
        f"  date: {when(len(run['saved']) + 1)}",
        "initialisation:",
        "  framework: numpy",
        f'  version: "{np.__version__}"',
        f"  generator: {run['generator']}",
        f"  seed: {json.dumps(run['seed'])}",
        f"  # numpy.random.{kind}(seed).normal(mean, std, shape).astype(float32), tensor by tensor",
        "  draws:",
    ]
    for tensor, shape, tensor_kind in networks.decoder_spec(config()):
        if tensor_kind == "normal":
            lines.append(f"    - {{tensor: {tensor}, shape: {json.dumps(list(shape))}, law: normal, mean: 0, std: {run['std']}}}")
    lines += [
        "optimiser:",
        "  name: adamw",
        f"  beta1: {run['beta1']}",
        f"  beta2: {run['beta2']}",
        f"  weightDecay: {run['decay']}",
        "  decays: matrices",
        "schedule:",
        f"  steps: {run['steps']}",
        f"  peakRate: {run['peak']}",
        f"  warmupSteps: {run['warmup']}",
        f"  decay: {run['shape']}",
        f"  finalRate: {run['final']}",
        "data:",
        f"  description: simulated prose in {run['language']}",
        "  order:",
        "    path: data-order.json",
        f"    digest: {sha256((folder / 'data-order.json').read_bytes())}",
        "log:",
        "  path: log.csv",
        f"  digest: {sha256((folder / 'log.csv').read_bytes())}",
        "checkpoints:",
    ]
    for i, step in enumerate(run["saved"]):
        place = folder / f"step-{step:04d}"
        lines += [f"  - step: {step}", f"    folder: step-{step:04d}", f"    savedAt: {when(i)}", "    files:"]
        lines.append(digests(place, [p for p in place.rglob("*") if p.is_file()]).rstrip("\n"))
        if step == run["moments"]:
            lines.append("    optimiserState: optimiser/state.safetensors")
    (folder / "training-record.yaml").write_text("\n".join(lines) + "\n")


def main():
    for name, run in RUNS.items():
        folder = train(name, run)
        record(name, run, folder)
        losses = [float(line.split(",")[1]) for line in (folder / "log.csv").read_text().splitlines()[1:]]
        decayed = sum(rate(run, s) * run["decay"] for s in range(run["steps"]))
        print(f"{name}: loss {np.mean(losses[:5]):.3f} -> {np.mean(losses[-20:]):.3f}, sum of rate times decay {decayed:.3f}")


if __name__ == "__main__":
    main()
