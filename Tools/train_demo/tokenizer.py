"""CLIP's byte-level BPE: learning merges from captions, encoding, and the files that hold a vocabulary.

Texts are lower-cased and cut into words as OpenAI's tokenizer does it. Its repair of mojibake and of HTML entities is
left out: the corpus has neither.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

Pair = tuple[str, str]

START, END = "<|startoftext|>", "<|endoftext|>"
CONTRACTION = re.compile("'(?:s|ſ|t|re|ve|m|ll|d)")
END_OF_WORD = "</w>"


def byte_alphabet() -> dict[int, str]:
    """The 256 printable characters that bytes are written with, in the order of their ids (GPT-2's table)."""
    printing = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printing]
    characters = [chr(byte) for byte in printing] + [chr(0x100 + i) for i in range(len(others))]
    return dict(zip(printing + others, characters))


ALPHABET = byte_alphabet()


def kind(character: str) -> str:
    """What the pattern of OpenAI's tokenizer takes a character for: a space, letter, number or anything else."""
    if character == "\u0345":
        return "nothing"
    if character.isspace() and not "\x1c" <= character <= "\x1f":
        return "space"
    category = unicodedata.category(character)[0]
    return {"L": "letter", "N": "number"}.get(category, "other")


def words(text: str) -> list[str]:
    """Words of a text: special tokens, contractions, runs of letters, single digits, runs of anything else."""
    text = text.strip().lower()
    found: list[str] = []
    start = 0
    while start < len(text):
        special = next((token for token in (START, END) if text.startswith(token, start)), None)
        contraction = CONTRACTION.match(text, start)
        if special:
            end = start + len(special)
        elif contraction:
            end = contraction.end()
        else:
            first, end = kind(text[start]), start + 1
            if first in ("space", "nothing"):
                start = end
                continue
            while first != "number" and end < len(text) and kind(text[end]) == first:
                end += 1
        found.append(text[start:end])
        start = end
    return found


def symbols(word: str) -> list[str]:
    """A word as one symbol a byte, the last marked as such."""
    spelt = [ALPHABET[byte] for byte in word.encode()]
    return spelt[:-1] + [spelt[-1] + END_OF_WORD]


def merged(word: list[str], pair: Pair) -> list[str]:
    """The word with every occurrence of the pair made one symbol, from left to right."""
    result: list[str] = []
    i = 0
    while i < len(word):
        if i + 1 < len(word) and (word[i], word[i + 1]) == pair:
            result.append(word[i] + word[i + 1])
            i += 2
        else:
            result.append(word[i])
            i += 1
    return result


def learn_merges(captions: Iterable[str], rarest: int, most: int) -> list[Pair]:
    """Merges in order: the commonest pair of neighbours each time (Sennrich et al. 2016), the first in alphabetical
    order among equals, until none occurs `rarest` times or there are `most`.

    Every word that occurs `rarest` times is then one token, unless `most` came first.
    """
    counts: Counter[str] = Counter()
    for caption in captions:
        counts.update(words(caption))
    vocabulary = [(symbols(word), count) for word, count in sorted(counts.items())]
    pairs: Counter[Pair] = Counter()
    places: dict[Pair, set[int]] = {}
    for place, (word, count) in enumerate(vocabulary):
        for pair in zip(word, word[1:]):
            pairs[pair] += count
            places.setdefault(pair, set()).add(place)
    merges: list[Pair] = []
    while pairs and len(merges) < most:
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        if pairs[best] < rarest:
            break
        merges.append(best)
        for place in places.pop(best):
            word, count = vocabulary[place]
            for pair in zip(word, word[1:]):
                pairs[pair] -= count
            word = merged(word, best)
            for pair in zip(word, word[1:]):
                pairs[pair] += count
                places.setdefault(pair, set()).add(place)
            vocabulary[place] = (word, count)
        pairs = +pairs
    return merges


class Tokenizer:
    """Ids: bytes, bytes that end a word, merges, start, end."""

    def __init__(self, merges: list[Pair]) -> None:
        self.merges = merges
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        singles = list(ALPHABET.values())
        tokens = singles + [single + END_OF_WORD for single in singles]
        tokens += [left + right for left, right in merges] + [START, END]
        self.ids = {token: i for i, token in enumerate(tokens)}
        if len(self.ids) != len(tokens):
            raise ValueError("two merges have the same result")
        self.cache: dict[str, list[int]] = {START: [self.start], END: [self.end]}

    @property
    def start(self) -> int:
        return self.ids[START]

    @property
    def end(self) -> int:
        return self.ids[END]

    def __len__(self) -> int:
        return len(self.ids)

    def encode_word(self, word: str) -> list[int]:
        if word not in self.cache:
            parts = symbols(word)
            while len(parts) > 1:
                best = min(zip(parts, parts[1:]), key=lambda p: self.ranks.get(p, len(self.ranks)))
                if best not in self.ranks:
                    break
                parts = merged(parts, best)
            self.cache[word] = [self.ids[part] for part in parts]
        return self.cache[word]

    def encode(self, text: str, context: int) -> list[int]:
        """Ids with start and end; a text that is too long is cut, its last id then the end."""
        ids = [self.start, *(i for word in words(text) for i in self.encode_word(word)), self.end]
        return ids if len(ids) <= context else ids[: context - 1] + [self.end]

    def save(self, folder: Path, context: int) -> None:
        """The four files of transformers' CLIPTokenizer."""

        def write(name: str, value: object) -> None:
            text = json.dumps(value, ensure_ascii=False, indent=None if name == "vocab.json" else 2)
            (folder / name).write_text(text + "\n", encoding="utf-8")

        write("vocab.json", self.ids)
        lines = ["#version: 0.2", *(f"{left} {right}" for left, right in self.merges)]
        (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")

        def token(content: str) -> dict[str, object]:
            flags = {"lstrip": False, "normalized": True, "rstrip": False, "single_word": False}
            return {"content": content, **flags}

        special = {"bos_token": token(START), "eos_token": token(END)}
        special |= {"pad_token": END, "unk_token": token(END)}
        write("special_tokens_map.json", special)
        write(
            "tokenizer_config.json",
            {"add_prefix_space": False, "bos_token": START, "do_lower_case": True, "eos_token": END}
            | {"errors": "replace", "model_max_length": context, "pad_token": END}
            | {"tokenizer_class": "CLIPTokenizer", "unk_token": END},
        )


def load_tokenizer(folder: Path) -> Tokenizer:
    lines = (folder / "merges.txt").read_text(encoding="utf-8").split("\n")[1:]
    return Tokenizer([(left, right) for left, right in (line.split(" ") for line in lines if line)])
