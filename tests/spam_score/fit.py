#!/usr/bin/env python3
"""Fit the weights of `spam_score` (src/data/spam_weights.tsv).

    cargo build --example spam_features
    find CORPORA -type f | sort | target/debug/examples/spam_features > features.ndjson
    python3 tests/spam_score/fit.py features.ndjson --out src/data/spam_weights.tsv

Needs numpy, scipy and scikit-learn; the product does not. CORPORA holds the unpacked
development halves of corpus-spamassassin, corpus-enron-ham, corpus-phishing-pot,
newsletters-unspy, and `templates` (html-templates with a plain header put before).
A penalised logistic regression: weights of words are held non-negative unless
--signed, so that a message can earn points by what it says and never buys them back
by the topics of the ham at hand; traits may weigh either way. Words must occur in
several campaigns of several sources. Folds never split a campaign. The figures go
to standard output; tests/spam_score/README.md keeps those of the shipped table.
"""
import argparse
import json
import re
from collections import Counter, defaultdict

import numpy as np
import scipy.sparse as sp
from scipy.optimize import minimize
from sklearn.metrics import roc_auc_score

# Marks of lists, archives, mail programs and places of the corpora, and words that
# name people, firms or dates: they would learn the corpus, not spam.
DROP = set("""
subscribe unsubscribe unsubscribed subscribed subscription list lists listinfo mailing maillist sourceforge yahoo yahoogroups groups
egroups spamassassin razor mailman majordomo ilug linux irish ireland exmh zzzzteana freshrpms redhat debian rpm perl python java
wrote writes lockergnome hotmail aol msn netscape excite geocities outlook mozilla eudora
january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec
monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun pst est edt gmt pdt
enron houston beck sally kaminski vince phish pot phishing netnoteinc jm zzzz spamassassin-talk taint
http https www com net org html htm url nbsp quot amp font href src img gif jpg
john david michael robert james mary jennifer chris paul mark george peter smith jones johnson maria ahmed mohammed
nigeria africa lagos bush clinton iraq osama taliban afghanistan sept hotjobs ebay amazon paypal microsoft netflix apple
google facebook binance metamask ledger trezor trust dhl fedex ups usps coinbase walmart costco mcafee norton amex
nevada warren wayne nbc ltc hawaii china france vegas usa america american americans california florida texas york london usd africa
mugabe zimbabwe sierra leone pennsylvania illinois ohio alabama alaska georgia jersey hong kong russia russian carolina virginia arizona colorado canada mexico
thinkgeek geek restaurant warez floppy rom div ave blvd rue par ltd inc attn auto van adv ill heaven tobacco bent bed fed
para que mais daha les vous votre une pour dans las los sur nos avant sans pas por com uma und der die das ihr ihre sie mit von
een het voor uw bir icin del con una per che non est qui aux des plus vos ici cher mon mes nous und ist auf den ein eine
geen niet met zijn naar maar ook bij dit dat wij ons hoy esta este como mas pero todo sus cuenta conta sua seu seus nao
""".split())

# Words of everyday English: a message without any of them is not English, and its words are not learnt.
ENGLISH = set("the and you your for this with have from are our will not that can been has was".split())

# Traits a sender could add to lower the score would be bad advice: all but this one only add.
SIGNED_TRAITS = {"links-home"}
# Traits that say nothing against a message of today, or too little to be told apart from chance.
UNUSED_TRAITS = {"subject-pictures", "attachment-any", "subject-ellipsis", "subject-question", "link-carries-address", "line-too-long"}


def source(path):
    if "phishing" in path:
        return "phishing"
    if "enron" in path:
        return "enron"
    if "newsletters" in path:
        return "newsletters"
    if "templates" in path:
        return "templates"
    return next(label for label in ("easy-ham-1", "easy-ham-2", "hard-ham", "spam-1", "spam-2") if label in path)


def campaigns(rows):
    """A number per message, equal for near-identical ones (same subject, or MinHash of the words)."""
    parent = list(range(len(rows)))

    def find(a):
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        return a

    seen = {}
    rng = np.random.RandomState(1)
    salts = rng.randint(1, 2**31 - 1, size=(24, 2)).astype(np.uint64)
    for i, row in enumerate(rows):
        keys = []
        if len(row["subject"]) >= 3:
            keys.append(("s", " ".join(row["subject"])))
        if len(row["words"]) >= 8:
            import zlib
            hashes = np.array([zlib.crc32(w.encode()) for w in row["words"]], dtype=np.uint64)
            mins = [int(((hashes * a + b) % np.uint64(4294967291)).min()) for a, b in salts]
            keys += [("m", band, tuple(mins[band:band + 4])) for band in range(0, 24, 4)]
        for key in keys:
            if key in seen:
                parent[find(i)] = find(seen[key])
            else:
                seen[key] = i
    return np.array([find(i) for i in range(len(rows))])


def fit(X, y, weight, penalty, bounds):
    def loss(w):
        z = X @ w
        sign = np.where(y == 1, z, -z)
        value = (weight * np.logaddexp(0, -sign)).sum() + 0.5 * (penalty * w * w).sum()
        p = 1 / (1 + np.exp(-z))
        return value, X.T @ (weight * (p - y)) + penalty * w
    return minimize(loss, np.zeros(X.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 400}).x


def main():
    p = argparse.ArgumentParser()
    p.add_argument("features")
    p.add_argument("--out")
    p.add_argument("--signed", action="store_true")
    p.add_argument("--word-penalty", type=float, default=1.0)
    p.add_argument("--trait-penalty", type=float, default=1.0)
    p.add_argument("--campaigns", type=int, default=6, help="a word must occur in so many")
    p.add_argument("--folds", type=int, default=5)
    p.add_argument("--alarm", type=float, default=0.008, help="share of ham over 50")
    p.add_argument("--scale", type=float, default=8.0, help="points per unit of log-odds")
    p.add_argument("--most-trait", type=float, default=1.6, help="bound of a trait's log-odds")
    p.add_argument("--most-word", type=float, default=1.0)
    p.add_argument("--most-subject", type=float, default=0.75)
    p.add_argument("--show", action="store_true")
    p.add_argument("--drop-traits", default="")
    o = p.parse_args()
    rows = [json.loads(line) for line in open(o.features)]
    for r in rows:
        if len(r["words"]) >= 12 and len(ENGLISH & set(r["words"])) < 3:
            r["words"], r["subject"] = [], []
    src = np.array([source(r["path"]) for r in rows])
    y = np.isin(src, ["spam-1", "spam-2", "phishing"]).astype(float)
    group = campaigns(rows)
    print("messages", dict(Counter(map(str, src))), "campaigns", len(set(group)))
    # Words of several campaigns and several sources.
    of_word = {"w": defaultdict(lambda: defaultdict(set)), "s": defaultdict(lambda: defaultdict(set))}
    for r, g, s, label in zip(rows, group, src, y):
        for kind, words in (("w", r["words"]), ("s", r["subject"])):
            for word in words:
                of_word[kind][word][s].add(g)
    spam_sources = ("spam-1", "spam-2", "phishing")

    def keep(kind, word):
        if word in DROP or not re.fullmatch(r"[a-z][a-z']{2,19}", word):
            return False
        seen = of_word[kind][word]
        spammy = [len(seen[s]) for s in spam_sources if s in seen]
        return sum(spammy) >= o.campaigns and sum(n >= 2 for n in spammy) >= 2

    names, index = ["base"], {}
    drop = set(o.drop_traits.split(",")) | UNUSED_TRAITS
    for name in sorted({t for r in rows for t in r["traits"]} - drop):
        index["t", name] = len(names)
        names.append("trait\t" + name)
    first_word = len(names)
    for kind, label in (("w", "word"), ("s", "subject")):
        for word in sorted(of_word[kind]):
            if keep(kind, word):
                index[kind, word] = len(names)
                names.append(label + "\t" + word)
    ri, ci, va = [], [], []
    for i, r in enumerate(rows):
        ri.append(i); ci.append(0); va.append(1.0)
        entries = [(("t", t), v) for t, v in r["traits"].items()]
        entries += [(("w", w), r["value"]) for w in r["words"]] + [(("s", w), 1.0) for w in r["subject"]]
        for key, v in entries:
            if key in index:
                ri.append(i); ci.append(index[key]); va.append(v)
    X = sp.csr_matrix((va, (ri, ci)), shape=(len(rows), len(names)))
    # Sources count alike per campaign, not per copy; hard ham and newsletters more than plain ham.
    size = Counter(group)
    boost = {"hard-ham": 4.0, "newsletters": 10.0, "templates": 6.0, "phishing": 1.0, "enron": 1.0}
    weight = np.array([boost.get(s, 1.0) / size[g] ** 0.5 for s, g in zip(src, group)])
    penalty = np.full(len(names), o.word_penalty)
    penalty[:first_word] = o.trait_penalty
    penalty[0] = 0.001
    bounds = []
    for n in names:
        kind, _, name = n.partition("\t")
        most = {"base": None, "trait": o.most_trait, "word": o.most_word, "subject": o.most_subject}[kind]
        free = kind == "base" or name in SIGNED_TRAITS or (o.signed and kind != "trait")
        bounds.append((None if kind == "base" else -most if free else 0.0, most))
    folds = np.array([(int(g) * 2654435761) % 2**32 % 1009 % o.folds for g in group])
    out = np.zeros(len(rows))
    for fold in range(o.folds):
        train = folds != fold
        out[~train] = X[~train] @ fit(X[train], y[train], weight[train], penalty, bounds)
    sa = np.isin(src, ["easy-ham-1", "easy-ham-2", "hard-ham", "spam-1", "spam-2"])

    def figures(out, title):
        ham = sa & (y == 0)
        hard = sa & ((src == "hard-ham") | (y == 1))
        cut = np.quantile(out[ham], 1 - 0.01)
        print(f"{title}: AUC {roc_auc_score(y[sa], out[sa]):.4f}, hard ham only {roc_auc_score(y[hard], out[hard]):.4f}, "
              f"all sources {roc_auc_score(y, out):.4f}; at 1 % alarms: spam {np.mean(out[sa & (y == 1)] >= cut):.3f}, "
              f"phishing {np.mean(out[src == 'phishing'] >= cut):.3f}, hard ham {np.mean(out[src == 'hard-ham'] >= cut):.3f}, "
              f"enron {np.mean(out[src == 'enron'] >= cut):.3f}, templates {np.mean(out[src == 'templates'] >= cut):.3f}, "
              f"newsletters {np.mean(out[src == 'newsletters'] >= cut):.3f}")

    figures(out, f"cross-validated by campaign ({o.folds} folds)")
    w = fit(X, y, weight, penalty, bounds)
    figures(X @ w, "on the training set")
    # 50 points where the cross-validated alarm rate on ham of the first corpus is the one asked for.
    ham = y == 0
    cut = np.quantile(out[sa & ham], 1 - o.alarm)
    scaled = w * o.scale
    scaled[0] = 50 + (w[0] - cut) * o.scale
    table = [(n, round(v, 2)) for n, v in zip(names, scaled)]
    kept = [(n, v) for n, v in table if n == "base" or n.startswith("trait") or v >= 0.25 or v <= -0.25]
    print("entries", len(kept), "base", round(scaled[0], 2), "cut", round(cut, 2))
    for s in sorted(set(src)):
        q = np.quantile(50 + (out[src == s] - cut) * o.scale, [0.05, 0.5, 0.95])
        print(f"  {s}: cv points p5 {q[0]:.0f} median {q[1]:.0f} p95 {q[2]:.0f}")
    if o.show:
        for n, v in sorted(table[1:first_word], key=lambda e: -e[1]):
            print(f"    {v:7.2f} {n}")
        tops = sorted(table[first_word:], key=lambda e: -e[1])
        print("    top:", ", ".join(f"{n.split(chr(9))[0][0]}:{n.split(chr(9))[1]} {v:.1f}" for n, v in tops[:400]))
        print("    low:", ", ".join(f"{n.split(chr(9))[1]} {v:.1f}" for n, v in tops[-60:]))
        worst = sorted(((50 + (o_ - cut) * o.scale), r["path"]) for o_, r, l in zip(out, rows, y) if l == 0)[-25:]
        print("    ham with most:", *[f"{s:.0f} {p.split('/')[-1][:60]}" for s, p in worst], sep="\n      ")
    if o.out:
        with open(o.out, "w") as f:
            f.write("# kind\tname\tpoints: fitted by tests/spam_score/fit.py, do not edit\n")
            for n, v in kept:
                n = n if "\t" in n else n + "\t" + n
                f.write(f"{n}\t{v:g}\n")


if __name__ == "__main__":
    main()
