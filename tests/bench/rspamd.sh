#!/usr/bin/env bash
# rspamd with its stock rules and nothing that needs a network, one scanner process,
# on a loopback port, as the lab's baselines had it. Prints the process id once it
# scans; stop it by that id.
#   tests/bench/rspamd.sh FOLDER PORT
set -euo pipefail
folder=$1 port=$2
mkdir -p "$folder"/{etc,db,run,log}
cp -r /etc/rspamd/. "$folder/etc"
mkdir -p "$folder/etc/local.d" "$folder/etc/override.d"
for module in rbl surbl dkim dkim_signing arc dmarc spf asn fuzzy_check history_redis ratelimit greylist replies \
    neural mx_check url_redirector reputation bimi metadata_exporter elastic clickhouse antivirus external_services \
    milter_headers hfilter p0f aws_s3 gpt known_senders; do
    echo 'enabled = false;' >"$folder/etc/local.d/$module.conf"
done
echo 'openphish_enabled = false; phishtank_enabled = false;' >"$folder/etc/local.d/phishing.conf"
echo '' >"$folder/etc/statistic.conf"
printf 'dns { nameserver = ["127.0.0.1:1"]; timeout = 0.01s; retransmits = 0; }\n' >"$folder/etc/local.d/options.inc"
printf 'bind_socket = "127.0.0.1:%s"; count = 1; enabled = true;\n' "$port" >"$folder/etc/override.d/worker-normal.inc"
for worker in controller proxy fuzzy; do echo 'enabled = false;' >"$folder/etc/override.d/worker-$worker.inc"; done
printf 'type = "file"; filename = "%s"; level = "error";\n' "$folder/log/rspamd.log" >"$folder/etc/override.d/logging.inc"
rspamd -f -i -c "$folder/etc/rspamd.conf" --var=CONFDIR="$folder/etc" --var=LOCAL_CONFDIR="$folder/etc" \
    --var=DBDIR="$folder/db" --var=RUNDIR="$folder/run" --var=LOGDIR="$folder/log" >"$folder/out" 2>&1 &
pid=$!
printf 'From: a@example.com\nSubject: x\n\nx\n' >"$folder/probe.eml"
for _ in $(seq 120); do
    if rspamc -h "127.0.0.1:$port" "$folder/probe.eml" >/dev/null 2>&1; then
        echo "$pid"
        exit 0
    fi
    sleep 1
done
kill "$pid"
echo "rspamd did not start; see $folder/out and $folder/log" >&2
exit 1
