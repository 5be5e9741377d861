#!/usr/bin/env bash
# Whole-process wall time of one audit against the lab, at 0 and at 20 ms added
# delay per query, start-up included. Prints medians and what the longest chain
# of dependent questions alone would take.
#   tests/bench/audit.sh [RUNS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
runs=${1:-21}
. tests/bench/lab.sh

audit() { # PORT
    "$mailvet" audit d0001.test --ip 198.18.0.11 --helo out1.d0001.test --selector s1 --selector s2 \
        --resolver "127.0.0.1:$1" --format json \
        --list bl01.dnsbl.test --list bl02.dnsbl.test --list bl03.dnsbl.test || true
}
median() { # PORT: milliseconds
    for _ in $(seq "$runs"); do
        local start end
        start=$(date +%s%N); audit "$1" >/dev/null; end=$(date +%s%N)
        echo $(((end - start) / 10000))
    done | sort -n | sed -n "$(((runs + 1) / 2))p" | awk '{ printf "%.1f", $1 / 100 }'
}
audit 7300 >/dev/null # warms the resolver's cache
asked=$(audit 7300 | sed -n 's/^ *"asked": \([0-9]*\).*/\1/p')
none=$(median 7300)
late=$(median 7320)
echo "one audit, $asked questions, chain of 4, median of $runs:"
echo "   0 ms a query: $none ms"
echo "  20 ms a query: $late ms; the chain alone 80 ms; ratio $(awk "BEGIN { printf \"%.2f\", $late / 80 }")"
