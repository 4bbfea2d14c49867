"""A small byte-level BPE tokenizer, trained here and written as `tokenizer.json`.

Follows the published format of the `tokenizers` library (ByteLevel pre-tokenizer with the GPT-2
split expression); ids 0 to 255 are the bytes themselves.
"""

import re
from collections import Counter
from functools import lru_cache

import numpy as np

# The GPT-2 split expression restricted to ASCII, which is all that the simulated text uses.
SPLIT = re.compile(r"'(?:s|t|re|ve|m|ll|d)| ?[A-Za-z]+| ?[0-9]+| ?[^\sA-Za-z0-9]+|\s+(?!\S)|\s+")


def byte_characters():
    """The printable character that stands for each byte in a byte-level vocabulary."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    table, spare = {}, 0
    for byte in range(256):
        if byte in printable:
            table[byte] = chr(byte)
        else:
            table[byte] = chr(0x100 + spare)
            spare += 1
    return table


class Tokenizer:
    """Bytes, then `len(merges)` merged tokens, then the special tokens."""

    def __init__(self, merges, specials):
        self.merges = merges
        self.specials = specials
        self.rank = {pair: 256 + i for i, pair in enumerate(merges)}
        self.vocab_size = 256 + len(merges) + len(specials)
        self._encode_word = lru_cache(maxsize=None)(self._merge_word)

    def special(self, token):
        return 256 + len(self.merges) + self.specials.index(token)

    def _merge_word(self, word):
        ids = list(word.encode())
        while len(ids) > 1:
            best = min(zip(ids, ids[1:]), key=lambda pair: self.rank.get(pair, 1 << 30))
            if best not in self.rank:
                break
            ids = apply_merge(ids, best, self.rank[best])
        return tuple(ids)

    def encode(self, text):
        ids = []
        for word in SPLIT.findall(text):
            ids.extend(self._encode_word(word))
        return np.array(ids, dtype=np.int32)

    def pieces(self):
        table = byte_characters()
        pieces = [table[byte] for byte in range(256)]
        for left, right in self.merges:
            pieces.append(pieces[left] + pieces[right])
        return pieces

    def document(self):
        pieces = self.pieces()
        split = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
        added = [
            {
                "id": self.special(token),
                "content": token,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
            for token in self.specials
        ]
        return {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": added,
            "normalizer": None,
            "pre_tokenizer": split,
            "post_processor": None,
            "decoder": split,
            "model": {
                "type": "BPE",
                "dropout": None,
                "unk_token": None,
                "continuing_subword_prefix": None,
                "end_of_word_suffix": None,
                "fuse_unk": False,
                "byte_fallback": False,
                "ignore_merges": False,
                "vocab": {piece: i for i, piece in enumerate(pieces)},
                "merges": [[pieces[left], pieces[right]] for left, right in self.merges],
            },
        }


def apply_merge(ids, pair, merged):
    out, i = [], 0
    while i < len(ids):
        if i + 1 < len(ids) and (ids[i], ids[i + 1]) == pair:
            out.append(merged)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


def train(text, merge_count, specials):
    """Byte-pair merges by falling frequency; ties go to the smaller pair, so the result is fixed."""
    counts = Counter(SPLIT.findall(text))
    words = {word: list(word.encode()) for word in counts}
    merges = []
    for step in range(merge_count):
        pairs = Counter()
        for word, ids in words.items():
            for pair in zip(ids, ids[1:]):
                pairs[pair] += counts[word]
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        words = {word: apply_merge(ids, best, 256 + step) for word, ids in words.items()}
    return Tokenizer(merges, specials)
