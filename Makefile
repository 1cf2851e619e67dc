# Two commands for people: `make demo` and `make test`. Each installs what is missing first, and only that.

CARGO ?= cargo
NPM ?= npm
# Both are data of the tests, installed and never committed.
DESCRIPTIONS := target/github-descriptions
DESCRIPTIONS_LIST := tests/github-descriptions/package.json

.PHONY: help demo test test-long check descriptions

help:
	@echo "make demo                   everything at work: a scratch MariaDB, a small site, a GitHub of its own"
	@echo "make demo REPO=owner/name   the same with a repository of the real GitHub (GITHUB_TOKEN, or asked for)"
	@echo "make test                   format, lints, documentation and all tests"
	@echo "make test-long              the same, and the reference workload measured in a release build"
	@echo "make check                  format, lints and documentation alone"
	@echo "make descriptions           GitHub's published descriptions of its API, which the tests read"

# `exec`, so that ctrl-C goes to the program itself, which then puts everything away.
demo:
	@.ci/need cargo mariadb
	$(CARGO) build --locked --release --features sim
	@exec target/release/erpnext-github demo $(if $(REPO),--repo '$(REPO)')

test: check descriptions
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

$(DESCRIPTIONS)/.installed: $(DESCRIPTIONS_LIST)
	@.ci/need npm
	mkdir -p $(DESCRIPTIONS)
	cp $(DESCRIPTIONS_LIST) $(DESCRIPTIONS)/package.json
	$(NPM) install --no-save --no-package-lock --ignore-scripts --no-audit --no-fund --prefix $(DESCRIPTIONS)
	touch $@
