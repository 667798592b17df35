#!/bin/sh
# Fails when a crate of the workspace depends on something it must not know, or a file of a crate on
# something above it (see rooms.py).
set -eu
cd "$(dirname "$0")/.."
failed=0

# The crates that a package uses itself, one name per line.
direct() {
    cargo tree --package "$1" --all-features --edges normal,build --depth 1 --prefix none |
        sed -n '2,$s/ .*//p' | sort -u
}

# only <package> <crate>…: the package uses nothing but these itself.
only() {
    package=$1
    shift
    for crate in $(direct "$package"); do
        case " $* " in
            *" $crate "*) ;;
            *) echo "$package must not depend on $crate" >&2 && failed=1 ;;
        esac
    done
}

# not_itself <package> <crate>…: the package uses none of these itself.
not_itself() {
    package=$1
    shift
    for crate in "$@"; do
        if direct "$package" | grep -qx "$crate"; then
            echo "$package must not depend on $crate" >&2
            failed=1
        fi
    done
}

# never <package> <crate>…: none of these anywhere below the package.
never() {
    package=$1
    shift
    below=$(cargo tree --package "$package" --all-features --edges normal,build --prefix none |
        sed 's/ .*//' | sort -u)
    for crate in "$@"; do
        if printf '%s\n' "$below" | grep -qx "$crate"; then
            echo "$package must not depend on $crate, not even through others" >&2
            failed=1
        fi
    done
}

only bams-domain rand serde thiserror uuid
never bams-domain tokio time sea-orm actix-web
never bams-storage actix-web bams-media bams-app bams-api rusoto_s3
never bams-media actix-web sea-orm bams-storage bams-app bams-api
never bams-app actix-web config clap bams-api
not_itself bams-app sea-orm rusoto_s3 rusoto_core
never bams-demo actix-web config clap bams-api
not_itself bams-demo sea-orm rusoto_s3 rusoto_core
not_itself bams-api sea-orm sqlx redis deadpool-redis rusoto_s3 rusoto_core
never bams-migration actix-web bams-domain bams-storage bams-media bams-app bams-api
never bams-tests bams-domain bams-storage bams-media bams-migration bams-app bams-api

export PYTHONDONTWRITEBYTECODE=1
python3 tests/rooms_test.py --quiet || failed=1
python3 tests/rooms.py || failed=1

[ $failed -eq 0 ] && echo "Every crate knows only what it may know."
exit $failed
