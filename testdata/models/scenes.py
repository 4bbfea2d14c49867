"""Drawn scenes and their captions: two coloured shapes in two quarters of a 24 x 24 image."""

import numpy as np

SIDE, HALF = 24, 12
COLOURS = {
    "red": (0.9, 0.1, 0.1), "green": (0.1, 0.8, 0.2), "blue": (0.15, 0.2, 0.95),
    "yellow": (0.95, 0.9, 0.1), "white": (1.0, 1.0, 1.0), "purple": (0.6, 0.1, 0.7),
}
SHAPES = ("circle", "square", "triangle", "cross")
SIZES = {"small": 3.0, "large": 5.0}
PLACES = ("top left", "top right", "bottom left", "bottom right")
# Two ways of describing, so that makers differ in text and hence in tokenizer.
STYLES = {
    "plain": lambda things: " and ".join(f"a {s} {c} {shape} {p}" for s, c, shape, p in things) + ".",
    "formal": lambda things: "; ".join(f"{p}: {shape}, {c}, {s}" for s, c, shape, p in things) + ".",
}


def _mask(shape, radius, dy, dx):
    inside = {
        "circle": dy**2 + dx**2 <= radius**2,
        "square": np.maximum(np.abs(dy), np.abs(dx)) <= radius * 0.85,
        "triangle": (dy <= radius * 0.8) & (dy >= -radius + 2 * np.abs(dx)),
        "cross": ((np.abs(dy) <= radius * 0.35) | (np.abs(dx) <= radius * 0.35)) & (np.maximum(np.abs(dy), np.abs(dx)) <= radius),
    }
    return inside[shape]


def _things(rng):
    places = sorted(rng.choice(len(PLACES), 2, replace=False))
    pick = lambda options: list(options)[rng.integers(len(options))]
    return [(pick(SIZES), pick(COLOURS), pick(SHAPES), PLACES[place]) for place in places]


def draw_scene(rng, style):
    """A [3,24,24] float image with noise, roughly centred on zero, and its caption."""
    things = _things(rng)
    image = np.full((3, SIDE, SIDE), 0.15, np.float32) + rng.normal(0, 0.04, (3, SIDE, SIDE)).astype(np.float32)
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    for size, colour, shape, place in things:
        row, column = divmod(PLACES.index(place), 2)
        centre_y = row * HALF + HALF / 2 - 0.5 + rng.integers(-1, 2)
        centre_x = column * HALF + HALF / 2 - 0.5 + rng.integers(-1, 2)
        mask = _mask(shape, SIZES[size], y - centre_y, x - centre_x)
        image[:, mask] = np.array(COLOURS[colour], np.float32)[:, None]
    return (image - 0.35) * 2, STYLES[style](things)


def captions_text(style, seed, count):
    rng = np.random.default_rng([seed, 556])
    return "\n".join(STYLES[style](_things(rng)) for _ in range(count))
