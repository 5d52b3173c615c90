#!/usr/bin/env python3
"""Makes Tests/Fixtures/tokenizer: a small vocabulary in its three file forms, and texts with their ids.

Maintainer's tool; needs the PyPI packages `regex` and `ftfy`, and OpenAI's bpe_simple_vocab_16e6.txt.gz.
The ids come from this file's own tokenizer, written after the description of OpenAI's SimpleTokenizer and
run without ftfy; `ftfy` is used to mark the texts that it would change.

Usage: make-tokenizer-fixtures.py bpe_simple_vocab_16e6.txt.gz OUTPUT_FOLDER
"""
import collections
import gzip
import html
import json
import os
import random
import sys

import ftfy
import regex

START, END = "<|startoftext|>", "<|endoftext|>"
HEADER = '"bpe_simple_vocab_16e6.txt#version: 0.2'
MERGE_LIMIT = 49152 - 256 - 2
WORDS = regex.compile(
    r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+",
    regex.IGNORECASE)


def byte_characters():
    """Byte -> character, in vocabulary order."""
    printing = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    table = {b: chr(b) for b in printing}
    for b in range(256):
        if b not in table:
            table[b] = chr(256 + len(table) - len(printing))
    return table


BYTES = byte_characters()


class ReferenceTokenizer:
    """Byte-pair encoding by the textbook: best pair of the word, all its occurrences, again."""

    def __init__(self, merges):
        singles = list(BYTES.values())
        tokens = singles + [s + "</w>" for s in singles] + ["".join(m) for m in merges] + [START, END]
        self.ids = {token: i for i, token in enumerate(tokens)}
        assert len(self.ids) == len(tokens)
        self.ranks = {merge: i for i, merge in enumerate(merges)}

    def pieces(self, word):
        if word in (START, END):
            return [word]
        parts = [BYTES[b] for b in word.encode("utf-8")]
        parts[-1] += "</w>"
        while True:
            ranked = [self.ranks[p] for p in zip(parts, parts[1:]) if p in self.ranks]
            if not ranked:
                return parts
            best = min(ranked)
            merged, i = [], 0
            while i < len(parts):
                if i + 1 < len(parts) and self.ranks.get((parts[i], parts[i + 1])) == best:
                    merged.append(parts[i] + parts[i + 1])
                    i += 2
                else:
                    merged.append(parts[i])
                    i += 1
            parts = merged

    def encode(self, text):
        return [self.ids[p] for word in WORDS.findall(clean(text)) for p in self.pieces(word)]


def clean(text):
    text = html.unescape(html.unescape(text)).strip()
    return regex.sub(r"\s+", " ", text).strip().lower()


def openai_merges(path):
    lines = gzip.open(path, "rt", encoding="utf-8").read().split("\n")
    return [tuple(line.split()) for line in lines[1:MERGE_LIMIT + 1]]


def train(text, count):
    """The most frequent adjacent pair first; ties go to the bytewise smaller pair."""
    words = collections.Counter(text.split())
    split = {w: [BYTES[b] for b in w.encode()] for w in words}
    for parts in split.values():
        parts[-1] += "</w>"
    merges = []
    while len(merges) < count:
        pairs = collections.Counter()
        for word, parts in split.items():
            for pair in zip(parts, parts[1:]):
                pairs[pair] += words[word]
        made = {"".join(m) for m in merges}
        pair = min((p for p in pairs if "".join(p) not in made),
                   key=lambda p: (-pairs[p], tuple(x.encode() for x in p)))
        merges.append(pair)
        for word, parts in split.items():
            i = 0
            while i + 1 < len(parts):
                if (parts[i], parts[i + 1]) == pair:
                    parts[i:i + 2] = ["".join(pair)]
                i += 1
    return merges


TRAINING_TEXT = """
a photo of a cat a photo of a dog a photo of the small cat a photo of the large dog a bad photo of a bird the photo
of the birds that sing and the cats that sleep in the photograph there they then these other mother brother another
photography banana bananas aaaa aaaaaa café naïve straße größe élève 猫 猫 犬 写真 写真 写真 привет привет мир мир
"""


def texts():
    sentences = [
        "a photo of a cat.", "A Photo Of A CAT.", "a diagram", "a dog", "a cat", "",
        "itap of a missile.", "a photo of the hard to see water ouzel, dipper.",
        'a photo of the number: "7".', "art of the stop sign", "head of a  crocodile",
        "the quick brown fox jumps over the lazy dog", "supercalifragilisticexpialidocious",
        "1234567890", "3.14159", "v2.0-beta+build.77", "C++ & C#", "50% off!!!", "$9.99",
        "http://example.com/a?b=c&d=e#f", "user@example.org", "snake_case kebab-case camelCase",
        "don't can't won't it's I'm we're they've she'd he'll y'all'd've",
        "DON'T IT'S I'M WE'RE", "'s 't 're 've 'm 'll 'd", "'sss 'tt 'lll 'dd", "''s ''' 'x 's's",
        "it\u2019s curly \u201cquotes\u201d", "rock 'n' roll", "o'clock", "'\u017f it'\u017f 'S",
        "<|startoftext|>", "<|endoftext|>", "a<|endoftext|>b", "<|STARTOFTEXT|> x <|EndOfText|>",
        "<|startoftext|", "<|endoftextx|>", "!<|endoftext|>", "<|\u017ftartoftext|>", "<<|endoftext|>>",
        "</w>", "a</w>", "<w>", "\\ \\n \\u0041", "\"\"\"", "(((a)))", "---", "...", "\u2026", "\u2014\u2013",
        "tick \u2714 cross \u2718 arrow \u2192", "x\u00b2 + y\u00b2 = z\u00b2", "\u00bd cup", "\u2460\u2461\u2462 \u2163 \u216b",
    ]
    accents = [
        "caf\u00e9", "cafe\u0301", "CAF\u00c9", "na\u00efve co\u00f6perate", "\u00c5ngstr\u00f6m \u212b A\u030angstro\u0308m",
        "Stra\u00dfe STRASSE \u1e9e", "\u0130stanbul \u0131\u015f\u0131k", "I\u0307", "\u00d8resund \u0153uvre \u00c6ther",
        "Vi\u1ec7t Nam Vie\u0323\u0302t", "\u0141\u00f3d\u017a", "\u010de\u0161tina", "\u01c5 \u01f2 \u01c8", "\ufb01sh o\ufb03ce",
        "\u039f\u0394\u039f\u03a3 \u03a3\u0399\u03a3\u03a5\u03a6\u039f\u03a3", "\u03a3", "\u03b1\u03a3", "\u03a3\u03b1", "\u0391\u03a3.", "\u0391\u03a3.\u0391",
        "\u0391\u03a3\u0301", "\u0391\u03a3\u0301\u0391", "\u0391'\u03a3", "\u0391 \u03a3", "1\u03a3", "\u0391\u00ad\u03a3\u00ad", "\u0391\u03a3\u03a3\u03a3",
        "\u1f88 \u1fbc \u1ffc", "\u1e9b\u0323", "\u212a\u212b\u2126", "\u24b6\u24d0", "\u0345", "\u03b1\u0345\u03b2", "!\u0345!", "\u1f00\u0345",
        "e\u0301\u0301\u0301", "\u0301", "a\u0308\u0304",
    ]
    scripts = [
        "\u732b\u306e\u5199\u771f", "\u72ac", "\u4e2d\u6587\u5206\u8bcd\u6d4b\u8bd5\uff0c\u5168\u89d2\u6807\u70b9\u3002", "\u30ab\u30bf\u30ab\u30ca \uff76\uff80\uff76\uff85",
        "\ud55c\uad6d\uc5b4 \uc0ac\uc9c4", "\u1112\u1161\u11ab", "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645", "\u0645\u064e\u0631\u0652\u062d\u064e\u0628\u064b\u0627",
        "\u05e9\u05dc\u05d5\u05dd", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e0a\u0e32\u0e27\u0e42\u0e25\u0e01", "\u0928\u092e\u0938\u094d\u0924\u0947", "\u0ba4\u0bae\u0bbf\u0bb4\u0bcd",
        "\u041f\u0440\u0438\u0432\u0435\u0442, \u041c\u0418\u0420!", "\u13a0\u13a1 \uab70", "\u10d0\u10d1 \u1c90\u1c91", "\U00010400\U00010428", "\U0001e900\U0001e922",
        "\u0661\u0662\u0663", "\u0967\u0968\u0969", "\uff11\uff12\uff13", "\U0001d7ce\U0001d7cf", "\u4e00\u4e8c\u4e09 \u3007", "\u0bf0 \u2180 \U00010107",
        "\U0001d400\U0001d4d0\U0001d504", "\u16a0\u16a2", "\u1000\u103c\u1014\u103a", "\u0f56\u0f7c\u0f51", "\U00020000\U0002a6d6", "\u02b0\u02e4\u1d43",
    ]
    emoji = [
        "\U0001f600", "I \u2764\ufe0f NY", "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7",
        "\U0001f44d\U0001f3fd\U0001f44d\U0001f3ff", "1\ufe0f\u20e3", "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "cat\U0001f408dog", "\U0001f600\U0001f600\U0001f600 !!!", "\u263a \u263a\ufe0f \u00a9 \u00ae\ufe0f \u2122",
    ]
    entities = [
        "R&amp;B", "R&ampB", "&lt;b&gt;", "&amp;lt;", "&amp;amp;", "&amp;amp;amp;lt;", "&eacute;", "&eacute", "&EACUTE;", "&Eacute;t&eacute;",
        "&notit;", "&notin;", "&not", "&no", "&n", "&;", "& amp;", "&", "&&&", "&&amp;;", "&#39;", "&#39", "&#039;s", "&#x27;", "&#X27", "&#x1F600;",
        "&#0;", "&#13;x", "&#128;", "&#x80", "&#x81;", "&#x9f;", "&#150;", "&#xD800;", "&#xDFFF;", "&#x110000;", "&#1114112;", "&#99999999999999999999;",
        "&#xFFFFFFFFFFFFFFFFFFFFFFFF;", "&#1;", "&#x0b;", "&#11;", "&#x7f;", "&#xfdd0;", "&#xfffe;", "&#x1ffff;", "&#x10FFFF;", "&#x10fffd;", "&#;", "&#x;", "&#xg;", "&#12a;",
        "&#\u0661;", "&#x\uff11;", "&amp\u037e", "&\u212aopf;", "&amp\u00e9", "&ampersand", "&amp;#39;", "&amp;#x27;s", "&nbsp;a&nbsp;b&nbsp;", "&NotEqualTilde;", "&bne;",
        "&CounterClockwiseContourIntegral;", "&CounterClockwiseContourIntegra", "&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;", "&ltaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;",
        "&lt\r;", "&lt\t;", "&am p;", "&hellip;&mdash;&ldquo;x&rdquo;", "&copy2024", "&timesb", "&times;b", "&frac12;", "&AMP", "&AMP;&GT&LT", "&Sigma;&Sigma;", "a&shy;b",
        "&#32;&#9;x&#10;y", "&Aacutex", "&lang;&rang;", "&fjlig;", "a &lt;|endoftext|&gt; b", "&#60;|startoftext|&#62;", "&thetasym; &ThickSpace;x",
    ]
    spaces = [
        "  a  b  ", "\ta\nb\r\nc", "a\u00a0b", "\u3000a\u3000", "a\u2003b\u2009c\u202fd", "a\u200bb", "a\u2028b\u2029c", "a\u0085b", "\u0085", "a\x1cb", "\x1ca\x1d", " \x1f a \x1e ",
        "a \x1c b", "a\x0bb\x0cc", "\ufeffa", "a\u180eb", "a\u2060b", "a\u00adb", "\u1680a\u205fb", " \n\t ", "\u3000", "!\u00a0!", "! !", "a\x1c\x1c", "\x1c", "\x85\x1c a",
    ]
    controls = [
        "\x00", "a\x00b", "\x01\x02\x03", "\x7f", "a\x08b", "\x1b[31mred\x1b[0m", "\ufffd", "\ufffe\uffff", "\U0010ffff", "\ue000\uf8ff", "\u202ea\u202c", "\u200e\u200f", "\x80\x81\x9f",
        "\ufff9a\ufffa", "\u0378", "\U000e0001", "caf\u00c3\u00a9", "\u00e2\u20ac\u0153quoted\u00e2\u20ac\u009d",
    ]
    long = [
        "a" * 50, "ab" * 100, "aaab" * 60, "banana" * 30, "photo" * 40, "\u732b" * 60, "!" * 90, "7" * 80, "the " * 74, "the " * 75, "the " * 76, "the " * 200, "\U0001f600" * 40,
        "abcdefghijklmnopqrstuvwxyz" * 8, "x" + "\u0301" * 50, "&amp;" * 90,
    ]
    listed = sentences + accents + scripts + emoji + entities + spaces + controls + long
    rng = random.Random(20210226)
    alphabet = list("aaeiost THR.,'&;#19<>|") + list("\u00e9\u00df\u0130\u03a3\u0345\u017f\u00a0\u0301\u732b\u0e2a\u0661\u1c90\U0001f600\u200d\x1c\x00\u2028") + [
        "'s", "&amp;", "&lt", "&#x41;", "the ", "photo", END]
    listed += ["".join(rng.choices(alphabet, k=rng.randrange(1, 40))) for _ in range(120)]
    return list(dict.fromkeys(listed))


def code_points():
    """Word-pattern class of every code point as runs, and every lower-casing, by Python and `regex`."""
    single = {"L": regex.compile(r"[\p{L}]+", regex.I), "N": regex.compile(r"[\p{N}]", regex.I),
              "O": regex.compile(r"[^\s\p{L}\p{N}]+", regex.I), "S": regex.compile(r"\s")}
    runs, lower, strip = [], [], []
    for code in range(0x110000):
        if 0xD800 <= code < 0xE000:
            continue
        c = chr(code)
        kind = next((k for k, pattern in single.items() if pattern.fullmatch(c)), "-")
        if not runs or runs[-1][1] != kind:
            runs.append((code, kind))
        if c.lower() != c:
            lower.append((code, [ord(x) for x in c.lower()]))
        if not c.strip():
            strip.append(code)
    yield "# class of code points from the given one on: L letter, N number, S space, O other, - none\n"
    yield from (f"class {code:X} {kind}\n" for code, kind in runs)
    yield "# str.lower of single code points\n"
    yield from (f"lower {code:X} {' '.join(f'{x:X}' for x in to)}\n" for code, to in lower)
    yield "# removed by str.strip\n"
    yield from (f"strip {code:X}\n" for code in strip)


def write(path, content):
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(content)


def main(vocabulary, output):
    os.makedirs(output, exist_ok=True)
    merges = train(TRAINING_TEXT, 100)
    small = ReferenceTokenizer(merges)
    lines = "".join(f"{a} {b}\n" for a, b in merges)
    write(os.path.join(output, "merges.txt"), "#version: 0.2\n" + lines)
    write(os.path.join(output, "vocab.json"), json.dumps(small.ids, ensure_ascii=True))
    plain = HEADER + "\n" + lines
    write(os.path.join(output, "bpe_small.txt"), plain)
    with open(os.path.join(output, "bpe_small.txt.gz"), "wb") as file:
        file.write(gzip.compress(plain.encode("utf-8"), mtime=0))

    clip = ReferenceTokenizer(openai_merges(vocabulary))
    rows = []
    for text in texts():
        fixed = ftfy.fix_text(text)
        rows.append({"text": text, "clean": clean(text), "small": small.encode(text), "clip": clip.encode(text),
                     "ftfyChangesText": fixed != text, "ftfyChangesIds": clip.encode(fixed) != clip.encode(text)})
    write(os.path.join(output, "texts.json"),
          "[\n" + ",\n".join(json.dumps(row, ensure_ascii=True) for row in rows) + "\n]\n")
    write(os.path.join(output, "code-points.txt"), "".join(code_points()))
    changed = [r for r in rows if r["ftfyChangesText"]]
    print(f"{len(rows)} texts; ftfy changes {len(changed)}, and the ids of "
          f"{sum(r['ftfyChangesIds'] for r in changed)}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
