#!/bin/sh
# Runs every test of the workspace on a machine that has nothing but Rust.
#
# The tests start servers of their own: MariaDB and Redis must be installed, but not
# running. What is missing is installed from the system's packages (Debian, Ubuntu)
# without starting any service; what tries the API from outside comes from the registries
# of Python and Node into the target folder. Arguments go to `cargo test`: tests/run.sh serving
set -eu
cd "$(dirname "$0")/.."
. tests/packages.sh

has cargo || die "Rust is missing; https://rustup.rs installs it"

has cc || needs gcc libc6-dev
has mariadbd && has mariadb-install-db || needs mariadb-server
has mariadb || needs mariadb-client
python3 -c 'import ensurepip, venv' 2>/dev/null || needs python3 python3-venv
has node && has npm || needs nodejs npm
has redis-server && has redis-cli || needs redis-server redis-tools
has chromium && has chromedriver || needs chromium chromium-driver
has curl || needs curl
has strace || needs strace
has haproxy || needs haproxy
has nginx || needs nginx-light
has openssl || needs openssl
has promtool || needs prometheus
has systemd-analyze || needs systemd
install_needed

target=$(cargo metadata --format-version 1 --no-deps |
    sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
tests/tools.sh "$target/tools"

say "Building"
cargo build --workspace --all-features --all-targets
export BAMS_BIN="$target/debug/bams"

say "Testing"
cargo test --workspace --all-features "$@"

say "All tests passed"
