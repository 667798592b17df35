#!/bin/sh
# Makes target/dist/bams-<version>-<target>.tar.gz: the binary, manual pages, completions, licences, and
# what its pages name.
set -eu
cd "$(dirname "$0")/.."

cargo build --release --locked --package bams-api --bin bams
target=$(cargo metadata --format-version 1 --no-deps |
    sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
bams=$target/release/bams
host=$(rustc -vV | sed -n 's/^host: //p')
name=bams-$("$bams" --version | cut -d ' ' -f 2)-$host
folder=$target/dist/$name

rm -rf "$folder"
mkdir -p "$folder/man" "$folder/completions" "$folder/config" "$folder/openapi"
cp "$bams" README.md CHANGELOG.md LICENSE LICENSE-APACHE LICENSE-MIT "$folder"
cp -r docs deploy "$folder"
cp config/default.toml "$folder/config"
cp openapi/bams.json openapi/decision.png "$folder/openapi"
"$bams" man >"$folder/man/bams.1"
for command in $("$bams" man | sed -n 's/^bams\\-\([a-z]*\)(1)$/\1/p' | grep -vx help); do
    "$bams" man "$command" >"$folder/man/bams-$command.1"
done
"$bams" completions bash >"$folder/completions/bams"
"$bams" completions zsh >"$folder/completions/_bams"
"$bams" completions fish >"$folder/completions/bams.fish"
# The Debian package takes them from a place without a version, below what cargo-deb takes for the
# target folder.
rm -rf "$target/release/package"
cp -r "$folder" "$target/release/package"
tar -C "$target/dist" -czf "$folder.tar.gz" "$name"
printf '%s\n' "$folder.tar.gz"
