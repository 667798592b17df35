# Installs Debian packages without starting their services; for the scripts of this folder.
#
# A script puts what is missing into $packages (`has PROGRAM || needs PACKAGES`) and then calls
# `install_needed`.
PATH=$PATH:/usr/sbin:/usr/local/sbin

say() { printf '\n== %s\n' "$*"; }
die() { printf '%s: %s\n' "$0" "$*" >&2 && exit 1; }
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

packages=
needs() { packages="$packages $*"; }

install_needed() {
    if [ -z "$packages" ]; then return; fi
    has apt-get || die "please install what provides these Debian packages:$packages"
    [ "$(id -u)" -eq 0 ] || has sudo || die "please install as root:$packages"
    say "Installing$packages (no service is started)"
    forbid_services
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q
    # shellcheck disable=SC2086 # several packages
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-remove --no-install-recommends $packages
    allow_services
}
