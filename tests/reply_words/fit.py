#!/usr/bin/env python3
"""Fit the weights of words in replies (src/data/smtp_words.tsv).

    python3 tests/reply_words/fit.py [--known FILE] [--fold FILE] [--out src/data/smtp_words.tsv]

Trains on the catalogue (src/data/smtp_phrases.toml, smtp_replies.toml, smtp_senses.toml), on the
labelled replies of fixtures/triage (wordings.txt, replies.txt), and on --known, lines of
`cause|text` from suites outside this repository. --fold holds FILE's lines out and tells how
many of them the table alone gets right. A softmax regression by stochastic descent; standard
library only. The features are those of src/triage/reply/learnt.rs.
"""
import argparse
import math
import os
import random
import re
import sys
import tomllib
from collections import Counter, defaultdict

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
EPOCHS = 14
RATE = 0.3
DECAY = 1e-4
# What no refusal means.
NO_REFUSAL = {"delivered", "accepted-by-relay", "auto-reply", "complaint"}
# Weights below these say nothing.
LEAST_FEATURE, LEAST_WEIGHT = 0.12, 0.06


def features(text):
    """Words, their beginnings, pairs of them, and the codes."""
    text = " ".join(text.lower().split())
    found = set()
    code = re.match(r"[245]\d\d\b", text)
    if code:
        found.add("c:" + code.group())
    enhanced = re.search(r"\b[245]\.(\d{1,3})\.(\d{1,3})\b", text)
    if enhanced:
        found.add("e:%s.%s" % enhanced.groups())
    text = re.sub(r"\b[245]\d\d\b|\b[245]\.\d{1,3}\.\d{1,3}\b", " ", text)
    text = re.sub(r"[\w.+=-]+@[\w.-]+", "@", text)
    words = []
    for token in text.split(" "):
        if "://" in token:
            continue
        if "<>" in token:
            words.append("<>")
        words += [w for w in (p.strip("'") for p in re.split(r"[^\w']|[\d_]", token)) if w]
    words = words[:80]
    plain = []
    for word in words:
        if ord(word[0]) >= 0x3000:
            found.update("w:" + word[i : i + 2] for i in range(len(word) - 1))
        else:
            plain.append(word)
    for index, word in enumerate(plain):
        found.add("w:" + word)
        if len(word) > 5:
            found.add("p:" + word[:5])
        if index + 1 < len(plain):
            found.add(f"b:{word} {plain[index + 1]}")
        if index + 2 < len(plain):
            found.add(f"s:{word} {plain[index + 2]}")
    return sorted(found)


def plain_texts(pattern):
    """What a regular expression of the catalogue may match, roughly, without its signs."""
    pattern = re.sub(r"\\[bsdwSDW]\+?|\[[^\]]*\][+*?]?|\(\?:|[\\^$]", " ", pattern)
    pattern = re.sub(r"\{\d+(,\d*)?\}|\.\*|\.\+|[?+*]", "", pattern)
    choice = re.search(r"\(([^()]*\|[^()]*)\)", pattern)
    if choice:
        before, after = pattern[: choice.start()], pattern[choice.end() :]
        return [t for one in choice.group(1).split("|") for t in plain_texts(before + one + after)][:6]
    return [re.sub(r"[()|]", " ", pattern)]


def catalogue():
    """(text, causes, weight) of every wording of the catalogue."""

    def read(name):
        with open(os.path.join(ROOT, "src/data", name), "rb") as file:
            return tomllib.load(file)

    phrases, replies, senses = map(read, ("smtp_phrases.toml", "smtp_replies.toml", "smtp_senses.toml"))
    causes = {category["name"]: category["cause"] for category in replies["category"]}
    for group in phrases["group"]:
        for phrase in group["any"]:
            yield phrase.replace("*", " "), [group["cause"]], 1.0
        for phrase in group.get("weak", []):
            yield phrase.replace("*", " "), [group["cause"]], 0.3
    for pattern in replies["pattern"]:
        if causes[pattern["cat"]] == "undetermined":
            continue
        codes = pattern["code"][:1] + [esc for esc in pattern["esc"][:1] if "-" not in esc]
        for text in plain_texts(pattern["re"]):
            yield " ".join([*codes, text]), [causes[pattern["cat"]]], 1.0
    chance = random.Random(1)
    for sense in senses["sense"]:
        for _ in range(120):
            words = [chance.choice(senses["words"][name]) for name in sense["all"]]
            chance.shuffle(words)
            text = " ".join(words)
            if not any(word in text for word in sense.get("none", [])):
                yield text, [sense["cause"]], 0.5


def labelled(path, weight):
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                fields = line.rstrip("\n").split("|", 4)
                if os.path.basename(path) != "replies.txt":
                    fields = line.rstrip("\n").split("|", 1)
                yield fields[-1], fields[0].split("/"), weight


def tested():
    """The wordings of tests/it/reply_wordings.rs."""
    with open(os.path.join(ROOT, "tests/it/reply_wordings.rs"), encoding="utf-8") as file:
        source = file.read()
    pair = r'\(\s*"((?:[^"\\]|\\.)*)",\s*&\[((?:"[a-z-]+",?\s*)+)\],?\s*\)'
    for text, causes in re.findall(pair, source):
        yield text.replace('\\"', '"'), re.findall(r"[a-z-]+", causes), 2.0


def train(documents):
    causes = sorted({cause for _, of, _ in documents for cause in of})
    number = {cause: index for index, cause in enumerate(causes)}
    weights = defaultdict(lambda: [0.0] * len(causes))
    rows = [(features(text), [number[cause] for cause in of], weight) for text, of, weight in documents]
    chance = random.Random(0)
    for epoch in range(EPOCHS):
        chance.shuffle(rows)
        rate = RATE / (1 + 0.3 * epoch)
        for found, of, weight in rows:
            odds = likely(weights, found, len(causes))
            right = sum(odds[cause] for cause in of)
            pull = [-p for p in odds]
            for cause in of:
                pull[cause] += odds[cause] / right if right > 0 else 1 / len(of)
            step = rate * weight / math.sqrt(max(len(found), 1))
            for feature in found:
                row = weights[feature]
                for index, by in enumerate(pull):
                    if abs(by) > 1e-3:
                        row[index] += step * by - DECAY * row[index]
    return causes, weights


def likely(weights, found, width):
    scores = [0.0] * width
    for feature in found:
        if feature in weights:
            for index, weight in enumerate(weights[feature]):
                scores[index] += weight
    most = max(scores)
    powers = [math.exp(score - most) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def write(out, causes, weights, seen):
    out.write("# feature\tcause:hundredths ...: fitted by tests/reply_words/fit.py, do not edit\n")
    out.write("\t".join(["causes", *causes]) + "\n")
    for feature in sorted(weights):
        row = weights[feature]
        # A pair met once in all tells of that one text.
        if max(map(abs, row)) < LEAST_FEATURE or (feature[0] in "bs" and seen[feature] < 2):
            continue
        kept = [(i, w) for i, w in enumerate(row) if abs(w) >= LEAST_WEIGHT]
        if kept:
            out.write(feature + "\t" + " ".join("%d:%d" % (i, round(w * 100)) for i, w in kept) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--known", action="append", default=[])
    parser.add_argument("--fold")
    parser.add_argument("--out")
    options = parser.parse_args()
    fixtures = os.path.join(ROOT, "fixtures/triage")
    held = list(labelled(options.fold, 1.0)) if options.fold else []
    texts = {text for text, _, _ in held}
    documents = list(catalogue())
    for name, weight in (("wordings.txt", 2.5), ("replies.txt", 2.0)):
        documents += [row for row in labelled(os.path.join(fixtures, name), weight) if row[0] not in texts]
    documents += tested()
    documents = [row for row in documents if not NO_REFUSAL.intersection(row[1])]
    for path in options.known:
        documents += list(labelled(path, 1.5))
    causes, weights = train(documents)
    if held:
        right = 0
        for text, of, _ in held:
            odds = likely(weights, features(text), len(causes))
            right += causes[max(range(len(causes)), key=odds.__getitem__)] in of
        print(f"{right} of {len(held)} held out", file=sys.stderr)
    if options.out:
        seen = Counter(feature for text, _, _ in documents for feature in features(text))
        with open(options.out, "w", encoding="utf-8", newline="\n") as out:
            write(out, causes, weights, seen)


main()
