#!/usr/bin/env python3
"""Fit the weights of `spam_score`: see `fit` beside this file, which runs it.

    fit.py FEATURES.ndjson LABELS.json [--out src/data/spam_weights.tsv]

A logistic regression in which no weight is negative (nothing a sender adds takes
points away) and the sum of each kind of evidence is bounded (no kind makes a message
spam by itself). Phrases of two and three words are learnt where several campaigns of
at least two collections of spam use them and wanted mail hardly does; courtesies,
contact words and what names a collection, person, firm, place or date are left out.
Collections are held out whole: the table printed is of messages whose whole source
the weights never saw. Needs numpy, which the product does not.
"""
import argparse
import collections
import hashlib
import json
import os
import pathlib
import re
import zlib

import numpy as np

BOUND = 4.0  # log-odds of one kind
MOST = {"appeal": 3.2, "phrase": 1.6}
MOST_OTHER = 2.2
KINDS = ["appeal", "phrase", "loudness", "sender", "links", "channel", "disguise", "form", "attachment"]
# Manners that are no fault, or that tell collections apart rather than mail: held small, in log-odds.
HELD = {"subject-exclamation": 0.3, "link-shortened": 0.5, "text-base64": 0.8, "channel-chat": 1.2, "from-suffix-cheap": 1.2, "from-domain-random": 0.9, "from-name-capitals": 0.9, "html-large-type": 0.7, "link-address-literal": 1.4, "from-domain-poses": 1.0, "from-domain-put-together": 0.9, "html-only": 0.5, "from-free-mail": 0.5, "html-coloured-type": 0.5, "html-small-type": 0.4, "links-many": 0.3, "body-short": 0.4,
        "link-plain-http": 0.4, "html-text-differs": 0.5, "header-raw-eight-bit": 0.6, "charset-wrong": 0.6, "html-images-over-text": 0.8, "attachment-instead-of-text": 0.6,
        "body-money": 0.7, "body-percent": 0.4, "subject-money": 0.6, "body-capitals": 1.2, "links-elsewhere": 0.6, "pitch-goods": 2.6, "offer": 2.6}
# What is known of frauds from public reports, where the collections hold too few of them to learn from.
LEAST = {"sextortion": 2.4, "gift-cards": 2.4, "payroll": 2.4, "wire": 2.0, "mailbox": 1.4, "parcel": 2.4, "refund": 2.4, "callback": 2.0, "mule": 2.4, "courtship": 2.2, "fortune": 1.6, "profit": 1.6,
         "loan": 1.6, "invoice-lure": 1.2, "prize": 1.2, "romance": 2.2, "pills": 1.8, "replica": 1.4, "gambling": 1.4, "pitch-web": 1.4, "pitch-goods": 1.2, "offer": 0.5,
         "blackmail-in-coins": 1.6, "crime-from-free-mail": 1.2, "lure-with-deadline": 1.0,
         "link-address-in-fragment": 1.0, "lure-elsewhere": 0.8, "link-lure-host": 0.8, "link-brand-posed": 0.6, "link-free-hosting": 0.8, "link-suffix-odd": 0.8, "link-shortened": 0.5, "link-shows-other": 0.6,
         "from-brand-foreign": 0.8, "from-domain-poses": 0.6, "from-suffix-cheap": 0.8, "from-office-at-free-mail": 0.8, "from-name-signs": 0.4, "from-machine": 0.4, "from-domain-put-together": 0.8,
         "channel-coins": 1.0, "channel-payment": 0.5, "greets-an-address": 0.8, "body-disguised": 0.8, "subject-disguised": 0.8, "attachment-program": 1.2}
# Traits that say nothing against mail of today.
DROPPED = {"from-name-missing", "html-title-blank", "line-too-long", "mime-broken", "subject-question", "subject-pictures", "html-centred", "html-broken"}

COURTESY = set("""por favor name time times writing remain convenience attention happy glad please_note dear hello hi hey thanks thank thankyou regards sincerely best kind kindly please greetings good morning afternoon evening day hope well
finds find contact tel phone telephone fax email mail reply write looking forward team yours truly faithfully welcome wish wishes nice great weekend week
call us you me my our your we i sir madam mr mrs ms help question questions feel free let know any further information assistance hesitate visit website www
bonjour merci cordialement hola gracias saludos atentamente ola obrigado atenciosamente hallo guten tag danke grusse freundlichen buongiorno grazie saluti""".split())
NAMING = set("""osst users industrypack sourceforge lists list net com org monkey jose usrp iscsi jailhouse linux kernel open source group groups google android
january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec
monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun pst est edt gmt pdt am pm
john david michael robert james mary jennifer chris paul mark george peter smith jones maria ahmed mohammed ming lisa jan
united nations states nigeria africa lagos london uk usa us america american china chinese hong kong india indian germany german france french spain poland czech japan russia russian canada australia
europe european brazil mexico california york texas dubai kuwait syria
paypal microsoft netflix apple amazon google facebook binance metamask ledger trezor dhl fedex ups usps coinbase walmart costco mcafee norton amex ebay
enron houston spamassassin ilug razor hotmail yahoo gmail aol msn outlook jcb ana afip nubank pix cpf cnpj cnc
http https www html href img src jpg gif png nbsp quot amp font""".split())
STOP = set("""the a an and or of to in on at for from by with as is are was were be been being am it its this that these those there here he she they them his her their who which what
when where how why not no nor so if then than but because while do does did done have has had having will would shall should can could may might must about into over under out up down off
all any both each few more most other some such only own same too very just also again further once s t don d ll m o re ve y now new one two three first last per via etc
de la el los las un una y o que en por para con se su es al del le les des et du est une pour dans vous votre nous sur der die das und ist nicht sie ihr mit von den dem ein eine zu im
os as um uma e da do dos das no na em com seu sua ao il lo gli di che per non""".split())


def label_of(path, labels):
    parts = pathlib.PurePath(path).parts
    for corpus in ("modern-mail", "corpus-spamassassin", "corpus-enron-ham", "corpus-phishing-pot", "newsletters-unspy"):
        if corpus in parts:
            break
    else:
        return None
    rest = "/".join(parts[parts.index(corpus) + 1:])
    if corpus == "modern-mail":
        v = labels.get(rest)
        return v and (v["source"], v["label"] == "spam", v["folder"], v["stratum"], v["lang"])
    if corpus == "corpus-spamassassin":
        for name in ("easy-ham-1", "easy-ham-2", "easy-ham", "hard-ham", "spam-1", "spam-2", "spam"):
            if "/" + name in "/" + rest:
                return ("sa-" + name, name.startswith("spam"), "old", "old", "en")
        return None
    name = {"corpus-enron-ham": "enron", "corpus-phishing-pot": "phishing-pot", "newsletters-unspy": "unspy"}[corpus]
    return (name, name == "phishing-pot", "old", "old", "en")


def campaigns(rows):
    """A number per message, equal for near-identical ones: the same words, by MinHash of four bands."""
    parent = list(range(len(rows)))

    def find(a):
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        return a

    rng = np.random.RandomState(1)
    salts = rng.randint(1, 2**31 - 1, size=(24, 2)).astype(np.uint64)
    seen = {}
    for i, row in enumerate(rows):
        words = set(re.findall(r"[^\W\d_]{3,}", row["text"]))
        keys = [("t", hashlib.md5(row["text"].encode()).digest())]
        if len(words) >= 8:
            h = np.array([zlib.crc32(w.encode()) for w in words], dtype=np.uint64)
            mins = [int(((h * a + b) % np.uint64(4294967291)).min()) for a, b in salts]
            keys += [("m", band, tuple(mins[band:band + 4])) for band in range(0, 24, 4)]
        for key in keys:
            if key in seen:
                parent[find(i)] = find(seen[key])
            else:
                seen[key] = i
    return np.array([find(i) for i in range(len(rows))])


def phrases_of(text):
    """Runs of two and three words that stand with one blank between them."""
    found = set()
    for run in re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?(?: [^\W\d_]+(?:'[^\W\d_]+)?)+", text):
        words = run.split(" ")
        for n in (2, 3):
            for at in range(len(words) - n + 1):
                piece = words[at:at + n]
                if any(w in NAMING or len(w) > 20 for w in piece):
                    continue
                meaning = [w for w in piece if w not in STOP and w not in COURTESY and len(w) > 2]
                if not meaning or any(w in COURTESY and w not in ("your", "our", "my", "you", "we", "i", "us", "me", "free", "information") for w in piece):
                    continue
                if n == 2 and len(meaning) < 2 and not any(len(w) > 4 for w in meaning):
                    continue
                found.add(" ".join(piece))
    return found


def chosen_phrases(rows, src, y, group, train, most):
    """Phrases that campaigns of two collections share and wanted mail hardly uses."""
    spam = collections.defaultdict(lambda: collections.defaultdict(set))
    ham = collections.defaultdict(lambda: collections.defaultdict(set))
    size = collections.defaultdict(set)
    for i in np.flatnonzero(train):
        size[src[i]].add(group[i])
        into = spam if y[i] else ham
        for phrase in rows[i]["phrases"]:
            into[phrase][src[i]].add(group[i])
    kept = []
    for phrase, by in spam.items():
        counts = {s: len(g) for s, g in by.items()}
        if sum(counts.values()) < 5 or sum(n >= 2 for n in counts.values()) < 2:
            continue
        # Collections count alike: the mean share of their campaigns.
        rate = np.mean([len(by.get(s, ())) / len(g) for s, g in size.items() if is_spam[s]])
        against = [len(ham[phrase].get(s, ())) / len(g) for s, g in size.items() if not is_spam[s]]
        worst = max(against + [0])
        if worst > 0.02 or rate < 4 * np.mean(against) + 0.0005:
            continue
        kept.append((rate / (np.mean(against) + 0.002), phrase))
    kept.sort(reverse=True)
    out = []
    for _, phrase in kept:
        # A phrase within another says the same.
        if not any(phrase in other or other in phrase for other in out):
            out.append(phrase)
        if len(out) == most:
            break
    return out


class Model:
    def __init__(self, names, kinds, least, most):
        self.names, self.kinds, self.least, self.most = names, kinds, least, np.maximum(least, most)

    def matrix(self, rows, index):
        ri, ci, va = [], [], []
        for i, row in enumerate(rows):
            for name, value in row["traits"].items():
                at = index.get(name)
                if at is not None:
                    ri.append(i); ci.append(at); va.append(value)
            for phrase in row["phrases"]:
                at = index.get("phrase/" + phrase)
                if at is not None:
                    ri.append(i); ci.append(at); va.append(1.0)
        return np.array(ri), np.array(ci), np.array(va)

    def scores(self, data, n, w, base):
        ri, ci, va = data
        k = len(KINDS)
        sums = np.bincount(ri * k + self.kinds[ci], va * w[ci], n * k).reshape(n, k)
        return base + np.minimum(sums, BOUND).sum(axis=1), sums

    def fit(self, data, n, y, weight, penalty, steps=500, rate=0.05):
        ri, ci, va = data
        k = len(self.names)
        w, base = np.maximum(self.least, 0.2), -2.0
        m, v = np.zeros(k + 1), np.zeros(k + 1)
        for step in range(1, steps + 1):
            z, sums = self.scores(data, n, w, base)
            p = 1 / (1 + np.exp(-z))
            g = weight * (p - y)
            # What a full kind would add counts a little, so that its weights do not drift.
            open_ = np.where(sums < BOUND, 1.0, 0.05)
            part = g[ri] * va * open_[ri, self.kinds[ci]]
            grad = np.append(np.bincount(ci, part, k) + penalty * w, g.sum())
            m = 0.9 * m + 0.1 * grad
            v = 0.999 * v + 0.001 * grad**2
            move = rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
            w = np.clip(w - move[:-1], self.least, self.most)
            base -= move[-1]
            if step == steps * 2 // 3:
                rate /= 4
        return w, base


def auc(spam, ham):
    if not len(spam) or not len(ham):
        return float("nan")
    ham = np.sort(ham)
    below = np.searchsorted(ham, spam, "left")
    upto = np.searchsorted(ham, spam, "right")
    return float((below + upto).sum() / 2 / len(spam) / len(ham))


def train_model(rows, src, y, group, train, o):
    phrases = chosen_phrases(rows, src, y, group, train, o.phrases)
    traits = sorted({t for i in np.flatnonzero(train) for t in rows[i]["traits"] if t.split("/")[1] not in DROPPED})
    # Seen in no collection and known all the same.
    traits = sorted(set(traits) | {"appeal/mule", "appeal/courtship", "channel/channel-coins", "attachment/attachment-program", "sender/from-domain-put-together"})
    names = traits + ["phrase/" + p for p in phrases]
    kinds = np.array([KINDS.index(n.split("/")[0]) for n in names])
    most = np.array([HELD.get(n.split("/")[1], MOST.get(n.split("/")[0], MOST_OTHER)) for n in names])
    least = np.array([LEAST.get(n.split("/")[1], 0.0) for n in names])
    model = Model(names, kinds, least, most)
    index = {n: i for i, n in enumerate(names)}
    at = np.flatnonzero(train)
    data = model.matrix([rows[i] for i in at], index)
    sizes = collections.Counter(group[at])
    weight = np.array([SOURCE_WEIGHT.get(src[i], 1.0) / sizes[group[i]] ** 0.5 for i in at])
    for label in (True, False):
        chosen = y[at] == label
        weight[chosen] *= len(at) / 2 / weight[chosen].sum()
    penalty = np.where(kinds == KINDS.index("phrase"), o.phrase_penalty, o.penalty) * len(at) / 4000
    w, base = model.fit(data, len(at), y[at].astype(float), weight, penalty)
    return model, index, w, base


# Old mail counts less: it is there so that nothing old is forgotten. Business ham is the hard half.
SOURCE_WEIGHT = {"sa-easy-ham-1": 0.25, "sa-easy-ham-2": 0.25, "sa-hard-ham": 1.5, "sa-spam-1": 0.35, "sa-spam-2": 0.35, "enron": 0.8, "phishing-pot": 0.5,
                 "unspy": 4.0, "mxhero-b2b-synthetic": 2.0, "llm-phase1-text": 1.5, "ha-mail-and-packages": 3.0, "banorte-bank-alerts": 2.0,
                 "brand-campaign-portfolio": 3.0, "phillybikeaction-newsletter": 1.5, "unyt-newsletter-md": 1.5, "deltachat": 1.5, "ibm-acpi-devel": 1.0}
FOLDS = [["osst-users", "usrp-users", "csharp-mailmagazine-ja-text"], ["glitchyzorua-spam-archive", "ksummit", "linux-hams", "phillybikeaction-newsletter"],
         ["nazario-2018-2022-text", "mxhero-b2b-synthetic", "ha-mail-and-packages", "banorte-bank-alerts"],
         ["phishfuzzer-seed-text", "llm-phase1-text", "ibm-acpi-devel", "deltachat", "unyt-newsletter-md"],
         ["googlegroups-spam", "sublime-rules", "japannetbank-alerts-text", "brand-campaign-portfolio", "kitinerary", "tempo-email-parser"]]
is_spam = {}


def main():
    p = argparse.ArgumentParser()
    p.add_argument("features")
    p.add_argument("labels")
    p.add_argument("--out")
    p.add_argument("--phrases", type=int, default=150)
    p.add_argument("--penalty", type=float, default=1.5)
    p.add_argument("--phrase-penalty", type=float, default=4.0)
    p.add_argument("--alarm", type=float, default=0.006, help="share of modern ham over 50")
    p.add_argument("--show", action="store_true")
    p.add_argument("--no-cv", action="store_true")
    o = p.parse_args()
    labels = json.load(open(o.labels))
    rows, meta = [], []
    for line in open(o.features):
        row = json.loads(line)
        found = label_of(row["path"], labels)
        if found:
            row["phrases"] = phrases_of(row["text"])
            rows.append(row)
            meta.append(found)
    src = np.array([m[0] for m in meta]); y = np.array([m[1] for m in meta])
    folder = np.array([m[2] for m in meta]); stratum = np.array([m[3] for m in meta])
    # A source of both labels counts as two collections.
    src = np.array([s + ("+spam" if l and s in ("llm-phase1-text", "phishfuzzer-seed-text") else "") for s, l in zip(src, y)])
    for s, l in zip(src, y):
        is_spam[s] = bool(l)
    group = campaigns(rows)
    print(len(rows), "messages,", len(set(group)), "campaigns:", dict(collections.Counter(map(str, src))))
    bare = np.array([s.removesuffix("+spam") for s in src])
    modern = folder != "old"
    out = np.full(len(rows), np.nan)
    cut = None
    if not o.no_cv:
        for fold in FOLDS:
            held = np.isin(bare, fold)
            # Near-copies of what is held out are held out too.
            train = ~held & ~np.isin(group, list(set(group[held])))
            model, index, w, base = train_model(rows, src, y, group, train, o)
            at = np.flatnonzero(held)
            out[at] = model.scores(model.matrix([rows[i] for i in at], index), len(at), w, base)[0]
        table(out, y, folder, stratum, bare, modern)
        cut = np.quantile(out[modern & ~y], 1 - o.alarm)
    model, index, w, base = train_model(rows, src, y, group, np.ones(len(rows), bool), o)
    data = model.matrix(rows, index)
    shipped = model.scores(data, len(rows), w, base)[0]
    print("shipped table on what it was fitted on:")
    table(shipped, y, folder, stratum, bare, modern)
    old = np.char.startswith(src, "sa-")
    print("corpus-spamassassin %.4f" % auc(shipped[old & y], shipped[old & ~y]))
    cut = max(np.quantile(shipped[modern & ~y], 1 - o.alarm), np.quantile(shipped[old & ~y], 0.994), -99 if cut is None else np.quantile(out[modern & ~y], 0.99))
    # 50 points at the cut, and the base at 3 or so.
    scale = 47.0 / (cut - base)
    print("base %.2f cut %.2f scale %.2f bound %.1f" % (base, cut, scale, BOUND * scale))
    points = sorted(((v * scale, n) for n, v in zip(model.names, w)), reverse=True)
    if o.show:
        for v, n in points:
            if not n.startswith("phrase/"):
                print("  %6.1f %s" % (v, n))
        print("  phrases:", ", ".join("%s %.1f" % (n[7:], v) for v, n in points if n.startswith("phrase/")))
        quiet = [] and [i for i in np.argsort(np.where(modern & y, shipped, 99)) if src[i] == "osst-users" and int(hashlib.md5(rows[i]["path"].split("modern-mail/")[1].encode()).hexdigest(), 16) % 2 == 0]
        for i in quiet[:45]:
            print("   spam %.0f %s" % (50 + (shipped[i] - cut) * scale, rows[i]["text"][:230]), sorted(k for k in rows[i]["traits"]))
        table_of = dict(zip(model.names, w))
        for f in sorted(set(folder[modern])):
            adds = collections.Counter()
            chosen = np.flatnonzero(modern & (folder == f))
            for i in chosen:
                for t, v in list(rows[i]["traits"].items()) + [("phrase/" + p, 1.0) for p in rows[i]["phrases"]]:
                    adds[t if not t.startswith("phrase/") else "phrase"] += v * table_of.get(t, 0) * scale / len(chosen)
            print("   mean of", f, [(t, round(v, 1)) for t, v in adds.most_common(16)])
        half = np.array([int(hashlib.md5(r["path"].split("modern-mail/")[-1].encode()).hexdigest(), 16) % 2 == 0 for r in rows])
        if not o.no_cv:
            for name, h in (("read", half), ("unread", ~half)):
                print("   osst", name, "%.3f" % auc(out[(src == "osst-users") & h], out[modern & ~y]))
        worst = np.argsort(-np.where(modern & ~y, out if not o.no_cv else shipped, -99))[:25]
        for i in worst:
            print("   ham %.1f %s" % (out[i], rows[i]["path"][-60:]), {k: round(v * table_of.get(k, 0), 1) for k, v in rows[i]["traits"].items() if table_of.get(k, 0) > 0.2}, [p for p in rows[i]["phrases"] if "phrase/" + p in table_of])
    if o.out and not o.no_cv:
        # What the product scores: rounded points, each kind cut at its bound. The test `modern_mail` measures the same.
        columns = [figures(out, y, folder, stratum, bare, modern), figures(shipped, y, folder, stratum, bare, modern)]
        others = beside("target/spam_score/others.tsv", rows, y, folder, stratum, bare, modern)
        with open("tests/spam_score/held_out.tsv", "w") as f:
            f.write("# name\tmessages\theld out\tfitted\tSpamAssassin\trspamd: thousandths, by tests/spam_score/fit, do not edit\n")
            for i, (name, n, held) in enumerate(columns[0]):
                beside_it = ["%d" % round(1000 * c[i][2]) if c else "" for c in others]
                f.write("\t".join([name, str(n), "%d" % round(1000 * held), "%d" % round(1000 * columns[1][i][2])] + beside_it) + "\n")
    if o.out:
        with open(o.out, "w") as f:
            f.write("# kind\tname\tpoints: fitted by tests/spam_score/fit, do not edit\n")
            f.write("base\t\t%.2f\n" % (50 + (base - cut) * scale))
            for kind in KINDS:
                f.write("bound\t%s\t%.1f\n" % (kind, min(BOUND * scale, 44.0)))
            for v, n in sorted(points, key=lambda e: (e[1].startswith("phrase/"), e[1])):
                kind, name = n.split("/", 1)
                if v >= 0.5:
                    name = {"phrase": name, "appeal": "appeal:" + name}.get(kind, name)
                    f.write("%s\t%s\t%.1f\n" % ("phrase" if kind == "phrase" else "trait", name, v))


def figures(out, y, folder, stratum, src, modern):
    """The figures of one set of scores by stratum: name, number, thousandths."""
    ham, spam = modern & ~y, modern & y
    cut = np.quantile(out[ham], 0.99)
    rows = [("all", ham.sum(), auc(out[spam], out[ham])), ("business", 0, 0.0)]
    business = ham & np.isin(src, BUSINESS)
    rows[1] = ("business", business.sum(), auc(out[spam], out[business]))
    for of in (folder, stratum):
        rows += [(str(f), (ham & (of == f)).sum(), auc(out[spam], out[ham & (of == f)])) for f in sorted(set(of[ham]))]
    rows.append(("found at 1 in 100 alarms", spam.sum(), np.mean(out[spam] > cut)))
    rows.append(("phish found at 1 in 100 alarms", (modern & (folder == "phish")).sum(), np.mean(out[modern & (folder == "phish")] > cut)))
    return rows


BUSINESS = ["mxhero-b2b-synthetic", "llm-phase1-text"]


def beside(path, rows, y, folder, stratum, src, modern):
    """The same figures of SpamAssassin and rspamd, as `others` wrote them; nothing where it did not run."""
    scores = {}
    if os.path.exists(path):
        for line in open(path):
            name, *both = line.rstrip("\n").split("\t")
            scores[name] = both
    columns = []
    for at in range(2):
        out = np.full(len(rows), np.nan)
        for i, row in enumerate(rows):
            found = scores.get(row["path"].split("modern-mail/")[-1]) if modern[i] else None
            if found and len(found) == 2 and found[at]:
                out[i] = float(found[at])
        judged = modern & ~np.isnan(out)
        columns.append(figures(out, y, folder, stratum, src, judged) if judged.sum() > 1000 else None)
    return columns


def table(out, y, folder, stratum, src, modern):
    ham, spam = modern & ~y, modern & y
    cut = np.quantile(out[ham], 0.99)
    print("  all %.3f; found at 1 %% ham alarms: spam and phish %.1f %%, phish %.1f %%" % (
        auc(out[spam], out[ham]), 100 * np.mean(out[spam] > cut), 100 * np.mean(out[modern & (folder == "phish")] > cut)))
    business = ham & np.isin(src, BUSINESS)
    for name, chosen in [("against business mail", business)] + [("against " + f, ham & (folder == f)) for f in sorted(set(folder[ham]))]:
        print("  %s %.3f (%d), over the cut %.1f %%" % (name, auc(out[spam], out[chosen]), chosen.sum(), 100 * np.mean(out[chosen] > cut)))
    for s in sorted(set(src[spam])):
        chosen = spam & (src == s)
        print("  %s against all ham %.3f (%d), found %.1f %%" % (s, auc(out[chosen], out[ham]), chosen.sum(), 100 * np.mean(out[chosen] > cut)))


if __name__ == "__main__":
    main()
