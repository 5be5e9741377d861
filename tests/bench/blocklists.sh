#!/usr/bin/env bash
# DNS lists: mailvet beside pydnsbl and rblcheck on the same work, whole
# processes timed from outside, median of five, against a lab of its own
# (../shared/lab). Peers that are not installed are left out.
#
#   cargo build --release && tests/bench/blocklists.sh
#   PYTHON=/path/to/venv/bin/python tests/bench/blocklists.sh   # with pydnsbl in it
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
lab=${MAILVET_LAB:-}
for above in "$root/.." "$root/../.."; do
    [ -n "$lab" ] || [ ! -x "$above/shared/lab/lab.sh" ] || lab=$above/shared/lab
done
[ -x "$lab/lab.sh" ] || { echo "SKIPPED: shared/lab is absent"; exit 0; }
mailvet=${MAILVET:-$root/target/release/mailvet}
python=${PYTHON:-python3}
export LAB_STATE=${LAB_STATE:-$(mktemp -d)} LAB_PORT=23500 LAB_AUTH_PORT=23501 LAB_DNSBL_PORT=23502 \
    LAB_HOLE_PORT=23503 LAB_DELAY_PORT=23520 LAB_ADDR53=127.0.77.1 LAB_DELAY_ADDR53=127.0.77.2 \
    LAB_DOMAINS=100 LAB_DNSBLS=112
chmod 755 "$LAB_STATE"
"$lab/lab.sh" up >/dev/null
trap '"$lab/lab.sh" down; rm -rf "$LAB_STATE"' EXIT

head -60 "$LAB_STATE/data/dnsbls.txt" >"$LAB_STATE/60.txt"
head -100 "$LAB_STATE/data/dnsbls.txt" >"$LAB_STATE/100.txt"
flags() { sed 's/^/--list /' "$LAB_STATE/$1.txt" | tr '\n' ' '; }
addresses() { # COUNT
    python3 -c "print('\n'.join(f'198.18.{k >> 8}.{k & 255}' for k in range($1)))"
}
addresses 100 >"$LAB_STATE/100.addresses"
addresses 10000 >"$LAB_STATE/10000.addresses"

median() { # RUNS CMD...: median wall seconds, peak MiB of the last run
    local runs=$1; shift
    local times=() i
    for i in $(seq "$runs"); do
        /usr/bin/env python3 - "$@" <<'PY' >>"$LAB_STATE/times"
import os, resource, subprocess, sys, time
t = time.time()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=open(os.environ.get("STDIN", "/dev/null")))
print(f"{time.time() - t:.3f} {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f}")
PY
    done
    sort -n "$LAB_STATE/times" | awk '{t[NR]=$1; if ($2>m) m=$2} END {printf "%s s (%s-%s), %s MiB\n", t[int((NR+1)/2)], t[1], t[NR], m}'
    rm "$LAB_STATE/times"
}
row() { printf '%-62s ' "$1"; shift; median "$@"; }

at="--resolver 127.0.0.1:$LAB_PORT" late="--resolver 127.0.0.1:$LAB_DELAY_PORT"
# shellcheck disable=SC2046,SC2086
{
    row "mailvet, 1 address, 60 lists, 0 ms (health included)" 5 "$mailvet" blocklist $at 198.18.0.77 $(flags 60)
    row "mailvet, 1 address, 60 lists, 20 ms (health included)" 5 "$mailvet" blocklist $late 198.18.0.77 $(flags 60)
    row "mailvet, 1 IPv4 + 1 IPv6, 100 lists, 20 ms (health included)" 5 \
        "$mailvet" blocklist $late 198.18.0.77 2001:db8:7f::77 $(flags 100)
    export STDIN="$LAB_STATE/100.addresses"
    row "mailvet, 100 addresses, 60 lists, 0 ms" 5 "$mailvet" blocklist $at --rate 100000 --format csv - $(flags 60)
    row "mailvet, 100 addresses, 60 lists, 20 ms" 5 "$mailvet" blocklist $late --rate 100000 --format csv - $(flags 60)
    export STDIN="$LAB_STATE/10000.addresses"
    row "mailvet, 10,000 addresses, 60 lists, 0 ms" 1 "$mailvet" blocklist $at --rate 100000 --format csv - $(flags 60)
    export STDIN=/dev/null
    on53=$(cat "$LAB_STATE/on53")
    if [ "$on53" = yes ] && "$python" -c 'import pydnsbl' 2>/dev/null; then
        py() { "$lab/lab.sh" exec $1 "$python" "$lab/bench/pydnsbl_check.py" "$LAB_STATE/60.txt" "${@:2}"; }
        for delay in "" --delay; do
            row "pydnsbl, 1 address, 60 lists ${delay:-0 ms}" 5 "$lab/lab.sh" exec $delay "$python" \
                "$lab/bench/pydnsbl_check.py" "$LAB_STATE/60.txt" 198.18.0.77
            row "pydnsbl, 100 addresses, 60 lists ${delay:-0 ms}" 3 "$lab/lab.sh" exec $delay "$python" \
                "$lab/bench/pydnsbl_check.py" "$LAB_STATE/60.txt" $(cat "$LAB_STATE/100.addresses")
        done
    else
        echo "SKIPPED: pydnsbl (pip install pydnsbl, PYTHON=...)"
    fi
    if [ "$on53" = yes ] && command -v rblcheck >/dev/null; then
        for delay in "" --delay; do
            row "rblcheck, 1 address, 60 lists ${delay:-0 ms}" 5 "$lab/lab.sh" exec $delay \
                rblcheck -c $(sed 's/^/-s /' "$LAB_STATE/60.txt") 198.18.0.77
        done
    else
        echo "SKIPPED: rblcheck (apt-get install rblcheck)"
    fi
}
