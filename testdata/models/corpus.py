"""Simulated text: small artificial languages, and questions and answers in them.

A language has its own sounds, a Zipf-distributed lexicon with topics, noun classes that its
adjectives and verbs agree with, a word order and endings. Topics follow a Markov chain, so there
is something to predict beyond single words. No text of anybody's is used.
"""

import numpy as np

SOUNDS = {
    "aru": ("ptkmnrsl", "aeiou"),
    "bel": ("bdgvzlnfrj", "aeio"),
    "cor": ("cdhkqstwxn", "aouy"),
    "ema": ("mnlrstkv", "aeiuo"),
}
WORD_ORDERS = (("s", "v", "o"), ("s", "o", "v"), ("v", "s", "o"))
TOPICS = 6


def _lexicon(rng, sounds, count, syllables):
    consonants, vowels = sounds
    words = {}
    while len(words) < count:
        length = rng.integers(syllables[0], syllables[1] + 1)
        word = "".join(
            consonants[rng.integers(len(consonants))] + vowels[rng.integers(len(vowels))]
            for _ in range(length)
        )
        words[word] = None
    return list(words)


class Language:
    """One artificial language; equal name and seed give equal text on every machine."""

    def __init__(self, name, seed=2026):
        rng = np.random.default_rng([seed, *name.encode()])
        sounds = SOUNDS[name]
        self.nouns = _lexicon(rng, sounds, 120, (2, 3))
        self.verbs = _lexicon(rng, sounds, 48, (1, 2))
        self.adjectives = _lexicon(rng, sounds, 36, (2, 3))
        self.particles = _lexicon(rng, sounds, 9, (1, 1))
        self.endings = [rng.choice(list(sounds[1])) + rng.choice(list(sounds[0])) for _ in range(6)]
        self.noun_class = rng.integers(0, 3, len(self.nouns))
        self.noun_topic = rng.integers(0, TOPICS, len(self.nouns))
        self.order = WORD_ORDERS[rng.integers(len(WORD_ORDERS))]
        # Verbs and adjectives go with topics: a soft, learnable dependence.
        self.verb_of_topic = rng.dirichlet(np.full(len(self.verbs), 0.15), TOPICS)
        self.adjective_of_topic = rng.dirichlet(np.full(len(self.adjectives), 0.2), TOPICS)
        weight = 1.0 / np.arange(1, len(self.nouns) + 1)
        by_topic = np.where(self.noun_topic[None, :] == np.arange(TOPICS)[:, None], 1.0, 0.02) * weight
        self.noun_given_topic = by_topic / by_topic.sum(axis=1, keepdims=True)

    def _noun_phrase(self, rng, topic):
        noun = rng.choice(len(self.nouns), p=self.noun_given_topic[topic])
        noun_class = self.noun_class[noun]
        words = [self.particles[noun_class], self.nouns[noun]]
        if rng.random() < 0.35:
            adjective = rng.choice(len(self.adjectives), p=self.adjective_of_topic[topic])
            words.append(self.adjectives[adjective] + self.endings[noun_class])
        return words, noun_class

    def sentence(self, rng, topic):
        subject, subject_class = self._noun_phrase(rng, topic)
        verb = self.verbs[rng.choice(len(self.verbs), p=self.verb_of_topic[topic])]
        parts = {"s": subject, "v": [verb + self.endings[3 + subject_class]]}
        parts["o"] = self._noun_phrase(rng, topic)[0] if rng.random() < 0.75 else []
        words = [word for part in self.order for word in parts[part]]
        if rng.random() < 0.15:
            words.insert(0, self.particles[3 + rng.integers(3)])
        return " ".join(words) + "."

    def sentences(self, seed, count):
        rng = np.random.default_rng([seed, 77])
        topic = 0
        for _ in range(count):
            if rng.random() > 0.85:
                topic = int(rng.integers(TOPICS))
            yield self.sentence(rng, topic)


def prose(name, seed, count=9000):
    """Running text, paragraphs of six sentences."""
    lines = list(Language(name).sentences(seed, count))
    return "\n".join(" ".join(lines[i : i + 6]) for i in range(0, len(lines), 6)) + "\n"


def dialogue(name, seed, count=4000):
    """Questions and answers: the answer repeats the question's words in another order."""
    language = Language(name)
    rng = np.random.default_rng([seed, 78])
    turns = []
    for sentence in language.sentences(seed, count):
        words = sentence[:-1].split(" ")
        answer = words[len(words) // 2 :] + words[: len(words) // 2]
        turns.append(f"Q: {sentence[:-1]}?\nA: {language.particles[6 + rng.integers(3)]}, {' '.join(answer)}.\n")
    return "".join(turns)
