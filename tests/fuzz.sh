#!/bin/sh
# Makes up inputs for each fuzz target, for so many seconds (60 if none are named).
#
# Begins with the seeds, which are the inputs of tests, and goes on with what earlier runs found worth
# keeping (corpus/). An input that breaks something is left in artifacts/ and ends this with a failure.
# Works with the stable toolchain: no sanitizer is asked for, since there is no unsafe code here.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}

command -v cargo-fuzz > /dev/null || cargo install --locked cargo-fuzz
for folder in crates/*/fuzz; do
    cp Cargo.lock "$folder/Cargo.lock"
    for file in "$folder"/fuzz_targets/*.rs; do
        target=$(basename "$file" .rs)
        corpus=$folder/corpus/$target
        mkdir -p "$corpus"
        echo "Fuzzing $target of $folder for $seconds s"
        cargo fuzz run --fuzz-dir "$folder" --target-dir "${CARGO_TARGET_DIR:-target}/fuzz" \
            --sanitizer none "$target" "$corpus" "$folder/seeds/$target" -- \
            -max_total_time="$seconds" -max_len=80000 -print_final_stats=1 -verbosity=0
    done
done
