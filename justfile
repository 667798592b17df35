# List the recipes
default:
    @just --list --unsorted

# Everything a change needs to pass
check: fmt-check lint test doc

# All tests; `just test domain` for one crate
test PACKAGE='':
    cargo test --all-features {{ if PACKAGE == '' { '--workspace' } else { '--package bams-' + PACKAGE } }}

# Kill the server CYCLES times under load on each database: nothing acknowledged may be lost
ledger CYCLES='50':
    BAMS_LEDGER_CYCLES={{ CYCLES }} cargo test --package bams-tests --test it -- --nocapture ledger::

# Faults that take minutes (as root): disks, clocks, clusters, failovers; `just faults galera` for a part
faults *NAMES:
    tests/faults.sh {{ NAMES }}

# Clippy, warnings are errors
lint: layers
    cargo clippy --workspace --all-targets --all-features -- --deny warnings
    cargo clippy --workspace --all-features --test faults -- --deny warnings

# Format the code
fmt:
    cargo fmt --all

# Fail when code is not formatted
fmt-check:
    cargo fmt --all --check

# Build the documentation, warnings are errors
doc:
    RUSTDOCFLAGS='--deny warnings' cargo doc --workspace --all-features --no-deps

# Renew openapi/bams.json from the handlers
openapi:
    UPDATE_OPENAPI=1 cargo test --package bams-api openapi

# Serve the demo
run *ARGUMENTS:
    cargo run --package bams-api -- serve --demo {{ ARGUMENTS }}

# Bring the database in the configuration to the newest schema
migrate:
    cargo run --package bams-api -- migrate

# Measure how fast things are; `just bench --quick decisions` for a part
bench *ARGUMENTS:
    cargo bench --package bams-tests -- {{ ARGUMENTS }}

# Make target/dist/bams-<version>-<target>.tar.gz: the binary, its manual pages and completions
dist:
    deploy/dist.sh

# Make a Debian package (needs cargo-deb)
deb: dist
    cargo deb --package bams-api --no-build

# Make up inputs for each fuzz target, SECONDS each (needs a C++ compiler)
fuzz SECONDS='60':
    tests/fuzz.sh {{ SECONDS }}

# Fail when a crate knows what it must not know
layers:
    tests/layers.sh

# Licences, advisories and banned crates (needs cargo-deny)
deny:
    cargo deny check
