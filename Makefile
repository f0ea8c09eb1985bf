# make help lists the targets.

GO       ?= go
FUZZTIME ?= 60s
# What the peer bench runs: all of it, into the table; see testdata/peers/README.md.
BENCH    ?= -update BENCHMARKS.md
# Who is tested for conformance: all agents, into the table; see testdata/peers/README.md.
CONFORM  ?= -update CONFORMANCE.md
# Which deliberate bugs are tried: all of them, into the table; see testdata/mutants/README.md.
MUTANTS  ?= -update CONFORMANCE.md
# Which attacks are run: all of them, into the table; see SECURITY.md.
ATTACK   ?= -update SECURITY.md
# Every package but the interoperability tests, which "make test" runs by themselves.
UNIT     := $(GO) list ./... ./testdata/attack ./testdata/mutants | grep -v '/internal/interop$$'

# The packages with tests that are not run under the race detector: of allocations and of
# memory, which it changes, and of gigabytes, for which it is too slow.
NORACE   := ./codec/wsconn ./wsserver ./internal/hub ./internal/load ./internal/conform

# As the binary is built, so that lint, tests and attacks compile each package once, and once
# more with cgo for the race detector. The tests run with -vet=off, after lint.
export CGO_ENABLED = 0

# Else each process that is built with -race sleeps a second before it ends.
export GORACE = atexit_sleep_ms=10

.PHONY: help build test test-short unit peers lint bench bench-go bench-peers conformance fuzz attack mutants cover clean
.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z -]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build one static binary, ./wskit
	$(GO) build -trimpath -o wskit .

test: lint peers ## everything: lint, all tests under the race detector, other implementations
	CGO_ENABLED=1 $(GO) test -race -vet=off $$($(UNIT))
	$(GO) test -vet=off $(NORACE)
	$(GO) run ./testdata/attack
	if [ "$$(uname -s)" = Linux ]; then $(GO) -C testdata/peers/go test -vet=off ./...; fi
	CGO_ENABLED=1 $(GO) -C internal/interop test -race -vet=off -count=1 -parallel 4

test-short unit: ## the tests that need nothing installed
	$(GO) test -short ./... ./testdata/attack ./testdata/mutants

peers: ## install what the interoperability tests run against
	@testdata/peers/setup

lint: ## go vet, staticcheck and gofumpt
	$(GO) vet ./... ./testdata/attack ./testdata/mutants
	GOOS=linux $(GO) -C testdata/peers/go vet ./...
	$(GO) tool staticcheck ./... ./testdata/attack ./testdata/mutants
	@unformatted=$$($(GO) tool gofumpt -l . testdata/attack testdata/mutants testdata/peers/go); \
	if [ -n "$$unformatted" ]; then \
		echo "gofumpt would change:"; echo "$$unformatted"; exit 1; \
	fi

bench: bench-go bench-peers ## both of the next two

bench-go: ## every benchmark, with allocations
	$(GO) test -run '^$$' -bench . -benchmem $$($(UNIT))

bench-peers: build ## ours beside other servers, into BENCHMARKS.md (Linux)
	@if [ "$$(uname -s)" != Linux ]; then echo 'bench-peers: skipped: it needs Linux'; exit; fi; \
	testdata/peers/setup node && mkdir -p dist/bench && \
	$(GO) -C testdata/peers/go build -o "$(CURDIR)/dist/bench/" ./... && \
	dist/bench/runner $(BENCH)

conformance: build peers ## ours and others under wskit check, into CONFORMANCE.md (Linux): ten minutes
	@if [ "$$(uname -s)" != Linux ]; then echo 'conformance: skipped: it needs Linux'; exit; fi; \
	mkdir -p dist/conformance/bin && \
	$(GO) -C testdata/peers/go build -o "$(CURDIR)/dist/conformance/bin/" ./... && \
	dist/conformance/bin/conformance $(CONFORM)

fuzz: ## each fuzz target for FUZZTIME (60s)
	@targets=$$($(GO) test -list '^Fuzz' $$($(UNIT))) || { echo "$$targets"; exit 1; }; \
	echo "$$targets" | awk '/^Fuzz/ { names = names " " $$1 } \
		/^ok/ { n = split(names, f, " "); for (i = 1; i <= n; i++) print $$2, f[i]; names = "" }' | \
	while read -r package target; do \
		echo "$$package $$target"; \
		$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$package" || exit 1; \
	done

attack: ## attack our own commands, into SECURITY.md (Linux); PEER='COMMAND {port}': another server
	$(GO) run ./testdata/attack $(ATTACK)

mutants: ## deliberate bugs, each of which check must find, into CONFORMANCE.md: ten minutes
	$(GO) run ./testdata/mutants $(MUTANTS)

# covers PACKAGE PERCENT: fails when the package's own tests cover fewer of its statements.
define covers
	@$(GO) test -coverprofile=dist/cover.out ./$(1) >dist/cover.log || { cat dist/cover.log; exit 1; }
	@$(GO) tool cover -func=dist/cover.out | awk -v least=$(2) '/^total:/ { got = $$3 + 0 } \
		END { printf "$(1): %.1f %% of statements (at least %s %%)\n", got, least; exit got < least }'
endef

cover: ## statement coverage of the protocol, with its limits
	@mkdir -p dist
	$(call covers,codec,98)
	$(call covers,codec/wsconn,90)

clean: ## remove what the other targets made, the node modules too
	rm -rf wskit dist testdata/peers/node_modules
	find testdata/peers -name __pycache__ -exec rm -rf {} +
