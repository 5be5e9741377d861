#!/usr/bin/env bash
# Bounces a second, side by side: mailvet against Sisimai (Debian's libsisimai-perl) on
# the same files, each given one directory with COPIES of every case. Medians of RUNS,
# CPU seconds beside them, because on a busy machine only those compare.
#   tests/bench/bounces.sh [RUNS] [COPIES]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
cases=${CASES:-../shared/cases/bounce-sisimai}
mailvet=${MAILVET:-target/release/mailvet}
runs=${1:-5}
copies=${2:-10}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/mail"
for file in $(find "$cases" -name "*.eml"); do
    for copy in $(seq "$copies"); do cp "$file" "$work/mail/$copy-$(basename "$file")"; done
done
count=$(find "$work/mail" -type f | wc -l)

measure() { # NAME COMMAND...
    local name=$1 run
    shift
    for run in $(seq "$runs"); do
        /usr/bin/time -o "$work/time" -f '%e %U %S %M' "$@" >/dev/null 2>&1 || true
        tail -1 "$work/time"
    done >"$work/rows"
    sort -n "$work/rows" | sed -n "$(((runs + 1) / 2))p" | awk -v name="$name" -v count="$count" \
        '{ printf "%-28s %7.3f s %8.0f files/s %7.2f CPU s %8.0f files/CPU s %5d MiB\n",
           name, $1, count / $1, $2 + $3, count / ($2 + $3), $4 / 1024 }'
}

measure "mailvet bounce" "$mailvet" bounce "$work/mail" --format ndjson
if perl -MSisimai -e 1 2>/dev/null; then
    # shellcheck disable=SC2016
    measure "Sisimai $(perl -MSisimai -e 'print Sisimai->version')" perl -MSisimai -e \
        'my $made = Sisimai->make($ARGV[0]); print scalar @{ $made || [] }, "\n"' "$work/mail"
fi
uptime
