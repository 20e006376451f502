# sow: `make run` and `make test` are all that a newcomer needs; `make help`
# lists the rest.

MODE ?= release
BUILD := build/$(MODE)
PREFIX ?= /usr/local
PYTHON ?= /usr/bin/python3
VENV := build/venv

ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc) --no-print-directory
endif

# ---- compiling -------------------------------------------------------------

OPTIMIZE.release := -O2 -D_FORTIFY_SOURCE=2
OPTIMIZE.debug := -O0
OPTIMIZE.asan := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all \
    -fno-omit-frame-pointer
OPTIMIZE.tsan := -O1 -fsanitize=thread -fno-omit-frame-pointer
OPTIMIZE.cov := -O0 --coverage
ifndef OPTIMIZE.$(MODE)
$(error MODE is release, debug, asan, tsan or cov)
endif

WARN := -Wall -Wextra -Wshadow -Wconversion -Wpedantic -Wstrict-prototypes \
    -Wmissing-prototypes -Wvla -Wundef $(if $(WERROR),-Werror)
PKGS := libmicrohttpd jansson libsodium
CFLAGS ?= -g
override CFLAGS += -std=c11 $(OPTIMIZE.$(MODE)) -fstack-protector-strong \
    -fPIE -pthread
override CPPFLAGS += -D_GNU_SOURCE -MMD -MP -Ilib -Iapi -Iserver \
    $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
override LDFLAGS += $(filter -fsanitize% --coverage,$(OPTIMIZE.$(MODE))) \
    -pie -Wl,-z,relro,-z,now -pthread
LIBS = $(shell pkg-config --libs $(PKGS)) -lm

# lib/ promises bits: nothing may be fused or reordered.
$(BUILD)/lib/%.o: override CFLAGS += -ffp-contract=off -fno-math-errno
$(BUILD)/lib/kernels/%.o: override CFLAGS += -O3
$(BUILD)/lib/kernels/avx2.o $(BUILD)/lib/kernels/avx2_narrow.o: \
    override CFLAGS += -mavx2
# gcc undoes the order in which the shuffles and the cipher's exclusive ors are
# written, which costs a sixth; clang keeps it and doesn't know these.
accepted = $(shell $(CC) -Werror $(1) -x c -c -o /dev/null /dev/null \
    2>/dev/null && echo $(1))
$(BUILD)/lib/kernels/avx2.o: override CFLAGS += \
    $(call accepted,-fno-tree-reassoc -fno-tree-ter)

LIB := $(wildcard lib/*.c lib/*/*.c)
API := $(wildcard api/*.c api/*/*.c) api/openapi.S
SERVER := $(filter-out server/main.c,$(wildcard server/*.c))
objects = $(patsubst %,$(BUILD)/%.o,$(basename $(1)))
ifneq ($(shell uname -m),x86_64)
LIB := $(filter-out lib/kernels/avx2%,$(LIB))
endif

all: $(BUILD)/sowd

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) -c $< -o $@

$(BUILD)/api/openapi.o: api/openapi.S api/openapi.json
	@mkdir -p $(@D)
	@$(CC) -c $< -o $@

$(BUILD)/libsow.a: $(call objects,$(LIB))
$(BUILD)/libapi.a: $(call objects,$(API))
$(BUILD)/libserver.a: $(call objects,$(SERVER))
$(BUILD)/%.a:
	@rm -f $@
	@$(AR) rcs $@ $^

$(BUILD)/sowd: $(call objects,server/main.c) $(BUILD)/libserver.a \
    $(BUILD)/libapi.a $(BUILD)/libsow.a
	@echo "  LD $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

# ---- running ---------------------------------------------------------------

run: deps
	@$(MAKE) all
	@echo "Try:  curl -so w.bin 'http://127.0.0.1:8080/v1/weights?shape=512,256&scheme=he_normal&seed=42' && b2sum -l 256 w.bin"
	@exec $(BUILD)/sowd

install: all
	install -D -m 755 $(BUILD)/sowd $(DESTDIR)$(PREFIX)/bin/sowd

# ---- testing ---------------------------------------------------------------

# Each program links all of the layers below it and nothing above, so that a
# wrong dependency does not link.
whole = -Wl,--whole-archive $(1) -Wl,--no-whole-archive
TESTS := $(BUILD)/tests/lib/run $(BUILD)/tests/api/run $(BUILD)/tests/server/run
test_objects = $(call objects,$(filter-out %/exhaustive_number.c,\
    $(wildcard tests/$(1)/*.c)))
TEST_LIBS = $(shell pkg-config --libs check) -lm

$(BUILD)/tests/lib/run: $(call test_objects,lib) $(BUILD)/libsow.a
	@$(CC) $(CFLAGS) $(LDFLAGS) $(call test_objects,lib) \
	    $(call whole,$(BUILD)/libsow.a) \
	    $(TEST_LIBS) $(shell pkg-config --libs libsodium) -o $@

$(BUILD)/tests/api/run: $(call test_objects,api) $(BUILD)/libapi.a \
    $(BUILD)/libsow.a
	@$(CC) $(CFLAGS) $(LDFLAGS) $(call test_objects,api) \
	    $(call whole,$(BUILD)/libapi.a $(BUILD)/libsow.a) \
	    $(TEST_LIBS) $(shell pkg-config --libs jansson libsodium) -o $@

$(BUILD)/tests/server/run: $(call test_objects,server) $(BUILD)/libserver.a \
    $(BUILD)/libapi.a $(BUILD)/libsow.a
	@$(CC) $(CFLAGS) $(LDFLAGS) $(call test_objects,server) \
	    $(call whole,$(BUILD)/libserver.a $(BUILD)/libapi.a \
	    $(BUILD)/libsow.a) $(TEST_LIBS) $(LIBS) -o $@

$(BUILD)/tests/%/exhaustive_number: $(BUILD)/tests/%/exhaustive_number.o \
    $(BUILD)/libapi.a
	@$(CC) $(CFLAGS) $(LDFLAGS) $^ -lm -o $@

check: $(TESTS)
	@tests/run.sh $(TESTS)

test: deps
	@$(MAKE) all $(TESTS)
	@PYTHON=$(PYTHON) SOWD=$(BUILD)/sowd tests/run.sh $(TESTS) \
	    $(wildcard tests/clients/test_*.py tests/oracle/test_*.py)

# All 2^32 float32 as JSON numbers: half an hour or so.
test-exhaustive: $(BUILD)/tests/api/exhaustive_number
	@$<

# The image, built and run for real.
test-docker: all
	@if [ "$$(id -u)" != 0 ] && ! docker info >/dev/null 2>&1; then \
	    echo "test-docker: skipped: it takes root or a Docker engine"; \
	    exit 0; \
	fi; \
	SOWD=$(BUILD)/sowd docker/test.sh

# Against the real frameworks, pinned, from PyPI.
$(VENV)/conformance: tests/conformance/requirements.txt
	@echo "Installing into $(VENV) what is compared with:"; sed '/^#/d' $<
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/pip install -q -r $<
	@touch $@

conformance: deps deps-venv
	@$(MAKE) all $(VENV)/conformance
	@PYTHON=$(VENV)/bin/python SOWD=$(BUILD)/sowd tests/run.sh \
	    $(wildcard tests/conformance/test_*.py)

# ---- measuring -------------------------------------------------------------

$(BUILD)/tests/bench/kernels: $(BUILD)/tests/bench/kernels.o $(BUILD)/libsow.a
	@$(CC) $(CFLAGS) $(LDFLAGS) $^ $(shell pkg-config --libs libsodium) -lm \
	    -o $@

bench: deps deps-bench
	@$(MAKE) all $(BUILD)/tests/bench/kernels
	@mkdir -p build/bench
	$(BUILD)/tests/bench/kernels --json build/bench/kernels.json
	@if $(MAKE) $(VENV)/conformance; then \
	    $(VENV)/bin/python tests/bench/peers.py \
	        $(BUILD)/tests/bench/kernels --json build/bench/peers.json; \
	else echo "peers: pip could not install torch and numpy: left out"; fi
	$(PYTHON) tests/bench/loopback.py $(BUILD)/sowd \
	    --json build/bench/loopback.json

# ---- keeping house ---------------------------------------------------------

SOURCES := $(wildcard lib/*.[ch] lib/*/*.[ch] api/*.[ch] api/*/*.[ch] \
    server/*.[ch] tests/*/*.[ch])

format:
	clang-format -i $(SOURCES)

lint: deps-lint $(BUILD)/libsow.a
	@tests/lint.sh $(BUILD)/libsow.a $(SOURCES)

# What each kind of work needs of Debian; nothing happens when all is there.
deps: PACKAGES := gcc libc6-dev make pkg-config libmicrohttpd-dev \
    libjansson-dev libsodium-dev check curl xxd python3 python3-numpy
deps-lint: PACKAGES := clang-format clang-tidy cppcheck binutils
deps-venv: PACKAGES := python3-venv
deps-bench: PACKAGES := nginx-light wrk curl python3-venv
deps deps-lint deps-venv deps-bench:
	@SUDO="$$([ $$(id -u) = 0 ] || echo sudo)"; \
	missing=$$(for p in $(PACKAGES); do \
	    dpkg-query -W -f '$${Status}' $$p 2>/dev/null | \
	    grep -q 'ok installed' || echo $$p; done); \
	[ -z "$$missing" ] && exit 0; \
	echo "Installing with apt-get:" $$missing; \
	$$SUDO apt-get update -qq && \
	$$SUDO env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
	    --no-install-recommends $$missing >/dev/null

clean:
	rm -rf build

help:
	@echo "run            build, start on 127.0.0.1:8080, print a curl line"
	@echo "test           build and run every test"
	@echo "check          the C tests alone"
	@echo "all            build $(BUILD)/sowd (default)"
	@echo "install        into PREFIX ($(PREFIX)), below DESTDIR"
	@echo "conformance    against the real torch, from PyPI, in $(VENV)"
	@echo "test-docker    build the image and use it; test-exhaustive: every float"
	@echo "bench          kernels, torch and numpy, nginx: tables and JSON"
	@echo "lint format    what a machine can check, and mend"
	@echo "clean          remove build/"
	@echo "MODE=release|debug|asan|tsan|cov   WERROR=1   PYTHON=…"

.PHONY: all run install check test test-exhaustive test-docker \
    conformance bench format lint \
    deps deps-lint deps-venv deps-bench clean help
.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
