#!/bin/sh
# Runs every test of the workspace on a machine that has nothing but Rust.
#
# The tests start servers of their own: MariaDB and Redis must be installed, but not
# running. What is missing is installed from the system's packages (Debian, Ubuntu)
# without starting any service; what tries the API from outside comes from the registries
# of Python and Node into the target folder. Arguments go to `cargo test`: tests/run.sh serving
set -eu
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin:/usr/local/sbin

say() { printf '\n== %s\n' "$*"; }
die() { printf 'tests/run.sh: %s\n' "$*" >&2 && exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Packages whose maintainer scripts start a service ask this file for permission.
policy=/usr/sbin/policy-rc.d
forbidden=
forbid_services() {
    if [ -e $policy ]; then return; fi
    trap allow_services EXIT
    trap 'exit 1' HUP INT TERM
    forbidden=yes
    printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
    as_root chmod 755 $policy
}
allow_services() {
    if [ "$forbidden" ]; then as_root rm -f $policy; fi
    forbidden=
}

has cargo || die "Rust is missing; https://rustup.rs installs it"

packages=
has cc || packages="$packages gcc libc6-dev"
has mariadbd && has mariadb-install-db || packages="$packages mariadb-server"
has mariadb || packages="$packages mariadb-client"
python3 -c 'import ensurepip, venv' 2>/dev/null || packages="$packages python3 python3-venv"
has node && has npm || packages="$packages nodejs npm"
has redis-server && has redis-cli || packages="$packages redis-server redis-tools"
has strace || packages="$packages strace"

if [ "$packages" ]; then
    has apt-get || die "please install what provides these Debian packages:$packages"
    [ "$(id -u)" -eq 0 ] || has sudo || die "please install as root:$packages"
    say "Installing$packages (no service is started)"
    forbid_services
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q
    # shellcheck disable=SC2086 # several packages
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-remove --no-install-recommends $packages
    allow_services
else
    say "MariaDB, Redis, Python, Node, strace and a C compiler are installed"
fi

target=$(cargo metadata --format-version 1 --no-deps |
    sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
tests/tools.sh "$target/tools"

say "Building"
cargo build --workspace --all-features --all-targets
export BAMS_BIN="$target/debug/bams"

say "Testing"
cargo test --workspace --all-features "$@"

say "All tests passed"
