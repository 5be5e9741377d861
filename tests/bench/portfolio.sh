#!/usr/bin/env bash
# Whole-process wall time, CPU time and peak memory of a portfolio of the lab's 1,000
# domains, at 0 and at 20 ms added delay per query, the resolver's cache warm. Beside it
# what the questions alone would take at 150 in flight.
#   tests/bench/portfolio.sh [RUNS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
runs=${1:-5}
. tests/bench/lab.sh
said=$(mktemp)
domains=$LAB_STATE/data/domains.txt

portfolio() { # PORT
    "$mailvet" portfolio "$domains" --resolver "127.0.0.1:$1" --list bl01.dnsbl.test --fail-on never
}
portfolio 7300 2>"$said" >/dev/null # warms the resolver's cache
asked=$(sed -n 's/^\([0-9]*\) questions asked.*/\1/p' "$said")
echo "$(wc -l <"$domains") domains, $asked questions; median of $runs by wall time:"
for port in 7300 7320; do
    for _ in $(seq "$runs"); do
        /usr/bin/time -f '%e s, CPU %U + %S s, %M KiB' -o "$said" \
            "$mailvet" portfolio "$domains" --resolver "127.0.0.1:$port" --list bl01.dnsbl.test -q \
            --fail-on never >/dev/null
        cat "$said"
    done | sort -n | sed -n "$(((runs + 1) / 2))p" | sed "s/^/   port $port: /"
done
echo "   the questions alone at 20 ms: $(awk "BEGIN { printf \"%.2f\", $asked / 150 * 0.0203 }") s"
rm -f "$said"
