#!/bin/sh
# Runs the faults that take minutes, one after the other: disks, clocks, clusters, failovers.
#
# tests/faults.sh [NAME…]: those whose names contain a NAME, such as `galera`. They need root, for
# strace and small file systems. What is missing is installed from the system's packages (Debian,
# Ubuntu) without starting any service.
set -eu
cd "$(dirname "$0")/.."
. tests/packages.sh

has cargo || die "Rust is missing; https://rustup.rs installs it"
[ "$(id -u)" -eq 0 ] || die "please run it as root: it injects faults into processes and mounts disks"

has cc || needs gcc libc6-dev
has mariadbd && has mariadb-install-db || needs mariadb-server
has mariadb || needs mariadb-client
has redis-server && has redis-cli || needs redis-server redis-tools
has strace || needs strace
has haproxy || needs haproxy
has rsync && has lsof || needs rsync lsof
[ -e /usr/lib/galera/libgalera_smm.so ] || needs galera-4
[ -e "/usr/lib/$(uname -m)-linux-gnu/faketime/libfaketime.so.1" ] || needs faketime
install_needed

target=$(cargo metadata --format-version 1 --no-deps |
    sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
say "Building"
cargo build --workspace --all-features --bins
export BAMS_BIN="${BAMS_BIN:-$target/debug/bams}"

say "Injecting faults"
cargo test --workspace --all-features --test faults -- --nocapture --test-threads=1 "$@"
