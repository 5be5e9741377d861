#!/usr/bin/env bash
# Logs, side by side on the same file: mailvet against pflogsumm and the mawk
# one-liner of the lab's baselines. Prints the median of N runs, in seconds.
#   tests/bench/logs.sh [MAIL.LOG] [RUNS]
# Without a log it makes one of 500 MiB with the lab's generator (LAB names it).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
lab=${LAB:-../shared/lab}
log=${1:-${TMPDIR:-/tmp}/mailvet-bench.log}
runs=${2:-5}
mailvet=${MAILVET:-target/release/mailvet}
[ -f "$log" ] || nice python3 "$lab/gen_maillog.py" --mib 500 --out "$log"
[ -x "$mailvet" ] || cargo build --release
recipient=$(grep -m1 -o 'to=<user[^>]*@outlook.com>' "$log" | tr -d '<>' | cut -d= -f2)
cat "$log" >/dev/null

timed() { /usr/bin/time -o "$tmp" -f '%e %M' "$@" >/dev/null 2>&1 || true; cat "$tmp"; }
tmp=$(mktemp)
trap 'rm -f "$tmp"' EXIT
measure() { # NAME COMMAND...
    local name=$1 times="" memory=0 run took kib
    shift
    for run in $(seq "$runs"); do
        read -r took kib < <(timed "$@" | tail -1)
        times+="$took"$'\n'
        if [ "$kib" -gt "$memory" ]; then memory=$kib; fi
    done
    printf '%-28s %6.2f s  %5d MiB\n' "$name" "$(printf '%s' "$times" | sort -n | sed -n "$(((runs + 1) / 2))p")" $((memory / 1024))
}

measure "mailvet traffic" "$mailvet" traffic "$log" --format json
measure "mailvet triage (summary)" "$mailvet" triage "$log" --format json
measure "mailvet triage --recipient" "$mailvet" triage "$log" --recipient "$recipient" --format json
if command -v mawk >/dev/null; then
    measure "mawk, counting only" mawk '/status=(deferred|bounced)/{match($0,/to=<[^>]*>/);d=substr($0,RSTART+4,RLENGTH-5);sub(/.*@/,"",d);match($0,/dsn=[0-9.]+/);n[d" "substr($0,RSTART,RLENGTH)]++}END{for(k in n)print n[k],k}' "$log"
fi
if command -v pflogsumm >/dev/null; then
    runs=1 measure "pflogsumm --detail 0" pflogsumm --detail 0 "$log"
fi
