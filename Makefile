# Two commands for people: `make demo` and `make test`. Each installs what is missing first, and only that.

CARGO ?= cargo
NPM ?= npm
# Both are data of the tests, installed and never committed.
DESCRIPTIONS := target/github-descriptions
DESCRIPTIONS_LIST := tests/github-descriptions/package.json
BROWSER := target/browser
BROWSER_LIST := tests/browser/package.json

.PHONY: help demo test test-long browser check descriptions

help:
	@echo "make demo                   everything at work: a scratch MariaDB, a small site, a GitHub of its own"
	@echo "make demo REPO=owner/name   the same with a repository of the real GitHub (GITHUB_TOKEN, or asked for)"
	@echo "make test                   format, lints, documentation and all tests"
	@echo "make test-long              the same, and the reference workload measured in a release build"
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

test-long: test
	$(CARGO) bench --locked --features sim --bench reference

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
