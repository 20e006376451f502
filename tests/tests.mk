# SPDX-License-Identifier: MIT
# How tests and benches are built and run: a part of the Makefile.

# Each links all layers below it, none above: wrong dependencies do not link.
TESTS := $(patsubst %,$(BUILD)/tests/%/run,lib api server fault)
objects_of = $(call objects,$(filter-out %/exhaustive_number.c,\
    $(wildcard tests/$(1)/*.c)))

$(BUILD)/tests/lib/run: $(call objects_of,lib) $(call archives,sow)
$(BUILD)/tests/api/run: $(call objects_of,api) $(call archives,api sow)
$(BUILD)/tests/fault/run: $(call objects_of,fault) $(call archives,api sow)
$(BUILD)/tests/server/run: $(call objects_of,server) \
    $(call archives,server api sow)
$(BUILD)/tests/lib/run: NEEDS := libsodium nettle
$(filter %/api/run %/fault/run,$(TESTS)): NEEDS := jansson libsodium nettle
$(BUILD)/tests/server/run: NEEDS := $(PKGS)
$(BUILD)/tests/fault/run: override LDFLAGS += \
    -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
$(TESTS):
	@$(CC) $(CFLAGS) $(LDFLAGS) $(filter %.o,$^) -Wl,--whole-archive \
	    $(filter %.a,$^) -Wl,--no-whole-archive \
	    $(shell pkg-config --libs check $(NEEDS)) -lm -o $@

$(BUILD)/tests/api/exhaustive_number: %: %.o $(call archives,api)
	@$(CC) $(CFLAGS) $(LDFLAGS) $^ -lm -o $@

check: $(TESTS)
	@tests/run.sh $(TESTS)

test: deps
	@$(MAKE) all $(TESTS)
	@PYTHON=$(PYTHON) SOWD=$(BUILD)/sowd tests/run.sh $(TESTS) \
	    $(wildcard tests/clients/test_*.py tests/oracle/test_*.py)

# Takes a while, and tells what it has done.
test-cross: deps
	@$(MAKE) all
	@SOWD=$(BUILD)/sowd tests/cross.sh

test-fuzz: deps
	@tests/fuzz/run.sh

# These two with MODE=asan or tsan: they fail when a sanitizer reports.
test-load: deps-load
	@$(MAKE) all
	@PYTHON=$(PYTHON) SOWD=$(BUILD)/sowd tests/run.sh \
	    $(wildcard tests/load/test_*.py)

soak: deps
	@$(MAKE) all
	@SOWD=$(BUILD)/sowd $(PYTHON) tests/load/soak.py

# All 2^32 float32 as JSON numbers: half an hour or so.
test-exhaustive: $(BUILD)/tests/api/exhaustive_number
	@$<

# The image, built and run for real.
test-docker: all
	@if [ "$$(id -u)" = 0 ] || docker info >/dev/null 2>&1; then \
	    SOWD=$(BUILD)/sowd docker/test.sh; \
	else echo "test-docker: skipped: it takes root or a Docker engine"; fi

# The image of another kind of machine; it takes root and an emulator.
test-arm64: deps
	@$(MAKE) all
	@SOWD=$(BUILD)/sowd docker/test_arm64.sh

# Against the real frameworks, and with the real clients, pinned, from PyPI.
$(VENV)/conformance: tests/conformance/requirements.txt
	@echo "Installing into $(VENV) what is compared with:"; sed '/^#/d' $<
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/pip install -q -r $< && touch $@

conformance: SCRIPTS := $(wildcard tests/conformance/test_*.py)
test-clients: SCRIPTS := $(wildcard tests/clients/real/test_*.py)
test-fleet: SCRIPTS := $(wildcard tests/fleet/test_*.py)
conformance test-clients test-fleet: deps-venv
	@$(MAKE) all $(VENV)/conformance
	@PYTHON=$(VENV)/bin/python SOWD=$(BUILD)/sowd tests/run.sh $(SCRIPTS)

BENCHES := $(patsubst %,$(BUILD)/tests/bench/%,kernels scaling text wholes)
$(BENCHES): %: %.o $(patsubst %,$(BUILD)/tests/bench/%.o,cases origin) \
    $(call archives,api sow)
	@$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

bench: deps-bench
	@$(MAKE) all $(BENCHES)
	@$(MAKE) $(VENV)/conformance && $(VENV)/bin/pip install -q --no-deps \
	    -r tests/bench/requirements.txt || echo "pip could not install the peers"
	@BUILD=$(BUILD) VENV=$(VENV) RESULTS=$(RESULTS) $(PYTHON) tests/bench/bench.py

bench-compare: deps-bench
	@$(PYTHON) tests/bench/compare.py $(BASE)

.PHONY: check test test-cross test-fuzz test-load soak test-exhaustive \
    test-docker test-arm64 conformance test-clients test-fleet bench \
    bench-compare
