"""AdamW with warm-up, cosine decay and gradient clipping; batches; the losses."""

from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np

CONTEXT = 64
BATCH = 16


@lru_cache(maxsize=None)
def _compiled(loss, vectorised):
    """One jitted update per loss; `vectorised` trains a leading axis of models on the same batch."""

    def update(params, moment1, moment2, scale, rate, count, batch):
        value, grads = jax.value_and_grad(loss)(params, batch)
        norm = jnp.sqrt(sum(jnp.sum(g * g) for g in grads.values()))
        clip = jnp.minimum(1.0, 1.0 / (norm + 1e-6))
        out, m1, m2 = {}, {}, {}
        for name, w in params.items():
            g = grads[name] * clip
            m1[name] = 0.9 * moment1[name] + 0.1 * g
            m2[name] = 0.95 * moment2[name] + 0.05 * g * g
            step = (m1[name] / (1 - 0.9**count)) / (jnp.sqrt(m2[name] / (1 - 0.95**count)) + 1e-8)
            # Decay acts on matrices, whichever leading axis the vectorised form has removed.
            decay = 0.1 * w if w.ndim >= 2 else 0.0
            out[name] = w - rate * scale[name] * (step + decay)
        return out, m1, m2, value

    if vectorised:
        update = jax.vmap(update, in_axes=(0, 0, 0, None, None, None, None))
    return jax.jit(update, donate_argnums=(0, 1, 2))


def cosine(step, steps, peak, floor=0.1):
    warm = max(1, steps // 20)
    if step < warm:
        return peak * (step + 1) / warm
    return peak * (floor + (1 - floor) * 0.5 * (1 + np.cos(np.pi * (step - warm) / max(1, steps - warm))))


def train(loss, params, batches, steps, peak=3e-3, scale=None, vectorised=False):
    """Trained parameters and the loss of every step. `scale(name)` multiplies the rate; 0 freezes."""
    update = _compiled(loss, vectorised)
    scales = {name: np.float32(scale(name) if scale else 1.0) for name in params}
    params = {name: jnp.asarray(w, jnp.float32) for name, w in params.items()}
    m1 = {name: jnp.zeros_like(w) for name, w in params.items()}
    m2 = {name: jnp.zeros_like(w) for name, w in params.items()}
    losses = []
    for step in range(steps):
        rate = np.float32(cosine(step, steps, peak))
        params, m1, m2, value = update(params, m1, m2, scales, rate, np.float32(step + 1), next(batches))
        losses.append(value)
    return {name: np.asarray(w) for name, w in params.items()}, [np.asarray(v) for v in losses]


def token_batches(ids, seed, batch=BATCH, context=CONTEXT):
    """Windows of context + 1 tokens at random places; the order is fixed by the seed."""
    rng = np.random.default_rng([seed, 9001])
    while True:
        starts = rng.integers(0, len(ids) - context - 1, batch)
        yield np.stack([ids[s : s + context + 1] for s in starts])


def cross_entropy(logits, targets):
    chosen = jnp.take_along_axis(jax.nn.log_softmax(logits, axis=-1), targets[..., None], axis=-1)
    return -jnp.mean(chosen)
