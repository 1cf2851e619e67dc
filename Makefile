# Two commands for people: `make demo` and `make test`. Each installs what is missing first, and only that.

CARGO ?= cargo
NPM ?= npm
# Both are data of the tests, installed and never committed.
DESCRIPTIONS := target/github-descriptions
DESCRIPTIONS_LIST := tests/github-descriptions/package.json
BROWSER := target/browser
BROWSER_LIST := tests/browser/package.json
# Properties that any bytes must have, and how many cases of each the long tests try.
PROPERTIES := too_odd comes_out fuzzed any_link any_moment
CASES ?= 100000

.PHONY: help demo test test-long bench bench-instructions browser check descriptions

help:
	@echo "make demo                   everything at work: a scratch MariaDB, a small site, a GitHub of its own"
	@echo "make demo REPO=owner/name   the same with a repository of the real GitHub (GITHUB_TOKEN, or asked for)"
	@echo "make test                   format, lints, documentation and all tests"
	@echo "make test-long              the same, properties with 100,000 cases each, and the instructions of the hot paths"
	@echo "make bench                  how fast it is, beside what a bare client and a bare loader need: benches/README.md"
	@echo "make bench-instructions     instructions of the hot paths against what is expected (UPDATE=1 writes that anew)"
	@echo "make check                  format, lints and documentation alone"
	@echo "make descriptions           GitHub's published descriptions of its API, which the tests read"
	@echo "make browser                Chromium and what drives it, for the tests of the forms"

# `exec`, so that ctrl-C goes to the program itself, which then puts everything away.
demo:
	@.ci/need cargo mariadb
	$(CARGO) build --locked --release --features sim
	@exec target/release/erpnext-github demo $(if $(REPO),--repo '$(REPO)')

test: check descriptions browser
	@.ci/need mariadb redis nginx
	$(CARGO) test --locked --features sim

# Properties with many more cases, then the fuzz targets where the compiler and the tool for them are there.
test-long: test
	PROPTEST_CASES=$(CASES) $(CARGO) test --locked --release --features sim --lib --test it -- $(PROPERTIES)
	@if cargo +nightly fuzz --version >/dev/null 2>&1; then \
	    for target in signature_header event form; do cargo +nightly fuzz run --fuzz-dir fuzz $$target -- -max_total_time=300 || exit 1; done; \
	else echo "cargo-fuzz with a nightly compiler is not here: its targets were not run"; fi
	$(MAKE) bench-instructions

bench:
	@.ci/need cargo mariadb
	$(CARGO) bench --locked --features sim --bench engine

bench-instructions:
	@.ci/need cargo mariadb valgrind
	UPDATE=$(UPDATE) $(CARGO) bench --locked --features sim --bench instructions

check:
	@.ci/need cargo
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets --features sim -- -D warnings
	$(CARGO) clippy --locked -- -D warnings
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --locked --no-deps --features sim --document-private-items

descriptions: $(DESCRIPTIONS)/.installed

browser: $(BROWSER)/.installed
	@.ci/need chromium

# Each folder gets what its list in tests/ names.
$(DESCRIPTIONS)/.installed: $(DESCRIPTIONS_LIST)
$(BROWSER)/.installed: $(BROWSER_LIST)
$(DESCRIPTIONS)/.installed $(BROWSER)/.installed:
	@.ci/need npm
	mkdir -p $(@D)
	cp $< $(@D)/package.json
	$(NPM) install --no-save --no-package-lock --ignore-scripts --no-audit --no-fund --prefix $(@D)
	touch $@
