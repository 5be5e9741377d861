# Sourced by the benchmarks that ask the lab's servers: starts them on ports of their own
# until the script ends. Sets `lab` and `mailvet`.
lab=${LAB:-../shared/lab}
mailvet=${MAILVET:-target/release/mailvet}
[ -x "$mailvet" ] || cargo build --release
export LAB_STATE=${TMPDIR:-/tmp}/mailvet-bench-lab LAB_PORT53=no
export LAB_PORT=7300 LAB_AUTH_PORT=7301 LAB_DNSBL_PORT=7302 LAB_HOLE_PORT=7303 LAB_DELAY_PORT=7320
"$lab/lab.sh" up >/dev/null
trap '"$lab/lab.sh" down' EXIT
