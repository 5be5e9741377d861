#!/usr/bin/env bash
# Messages a second, side by side in the same run: mailvet lint against rspamd (one
# scanner process, stock rules, no network) on the lab's 200 messages. Medians of N
# runs; CPU seconds beside them, because on a busy machine only those compare.
#   tests/bench/messages.sh [RUNS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
lab=${LAB:-../shared/lab}
runs=${1:-7}
mailvet=${MAILVET:-target/release/mailvet}
work=$(mktemp -d)
scanner=""
trap '[ -z "$scanner" ] || kill "$scanner" 2>/dev/null || true; rm -rf "$work"' EXIT
python3 "$lab/gen_messages.py" --count 200 --out "$work/mail" >/dev/null
rm -f "$work/mail/index.json"
[ -x "$mailvet" ] || cargo build --release

# Wall seconds by the shell's own clock: time(1) tells hundredths, and a run takes nine of them.
timed() {
    local start end
    # Emptying what the one before wrote is not to be paid for by this one.
    rm -f "$work/out"
    start=$EPOCHREALTIME
    /usr/bin/time -o "$work/time" -f '%U %S %M' "$@" >"$work/out" 2>&1 || true
    end=$EPOCHREALTIME
    echo "$(awk -v a="$start" -v b="$end" 'BEGIN { printf "%.4f", b - a }') $(tail -1 "$work/time")"
}
median() { sort -n | sed -n "$(((runs + 1) / 2))p"; }
child_cpu() { # CPU seconds so far of a process and its children
    local ticks=0 pid
    for pid in $1 $(ps -o pid= --ppid "$1"); do
        ticks=$((ticks + $(awk '{print $14 + $15}' "/proc/$pid/stat")))
    done
    awk -v ticks="$ticks" -v hertz="$(getconf CLK_TCK)" 'BEGIN { print ticks / hertz }'
}
row() { awk -v name="$1" -v wall="$2" -v cpu="$3" -v mem="$4" \
    'BEGIN { printf "%-34s %7.3f s %8.0f messages/s %7.2f CPU s  %4d MiB\n", name, wall, 200 / wall, cpu, mem / 1024 }'; }

# One after the other in each round, so that a busy minute falls on all of them alike.
port=$((20000 + RANDOM % 20000))
if command -v rspamd >/dev/null && command -v rspamc >/dev/null; then
    scanner=$(tests/bench/rspamd.sh "$work/rspamd" "$port")
    timed rspamc -h "127.0.0.1:$port" -n 8 "$work/mail" >/dev/null
fi
formats=(ndjson json terminal)
for run in $(seq "$runs"); do
    for format in "${formats[@]}"; do
        timed "$mailvet" lint "$work/mail" --format "$format" >>"$work/rows.$format"
    done
    if [ -n "$scanner" ]; then
        before=$(child_cpu "$scanner")
        wall=$(timed rspamc -h "127.0.0.1:$port" -n 8 "$work/mail" | cut -d' ' -f1)
        after=$(child_cpu "$scanner")
        awk -v wall="$wall" -v a="$before" -v b="$after" 'BEGIN { print wall, b - a, 0, 0 }' >>"$work/rows.rspamd"
    fi
done
column() { cut -d' ' -f"$2" "$work/rows.$1"; }
cpu() { awk '{print $2 + $3}' "$work/rows.$1" | median; }
for format in "${formats[@]}"; do
    row "mailvet lint --format $format" "$(column "$format" 1 | median)" "$(cpu "$format")" \
        "$(column "$format" 4 | sort -n | tail -1)"
done
if [ -n "$scanner" ]; then
    row "rspamc -n 8 (scanner's CPU)" "$(column rspamd 1 | median)" "$(cpu rspamd)" 0
    for format in "${formats[@]}"; do
        # Of each round, so that only neighbours in time are compared.
        paste -d' ' "$work/rows.rspamd" "$work/rows.$format" | awk '{ print $1 / $5 }' | median |
            awk -v name="$format" '{ printf "%-34s %7.2f times rspamd\n", name, $1 }'
    done
fi
uptime
