# `make run` and `make test` are all that one needs; `make help` has the rest.

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
OPTIMIZE.simde := -O2
ifndef OPTIMIZE.$(MODE)
$(error MODE is release, debug, asan, tsan, cov or simde)
endif

# What a row leaves out is 0, and constants are enumerations.
IDIOMS := -Wno-missing-field-initializers -Wno-enum-float-conversion
WARN := -Wall -Wextra -Wshadow -Wconversion -Wpedantic -Wstrict-prototypes \
    -Wmissing-prototypes -Wvla -Wundef $(if $(WERROR),-Werror) \
    $(if $(findstring clang,$(CC)),$(IDIOMS))
PKGS := libmicrohttpd gnutls jansson libsodium nettle \
    $(shell pkg-config --exists libseccomp && echo libseccomp)
CFLAGS ?= -g
override CFLAGS += -std=c11 $(OPTIMIZE.$(MODE)) -fstack-protector-strong \
    -fPIE -pthread -ffile-prefix-map=$(CURDIR)=. $(CET)
override CPPFLAGS += -D_GNU_SOURCE -MMD -MP -Ilib -Iapi -Iserver \
    $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
override LDFLAGS += $(filter -fsanitize% --coverage,$(OPTIMIZE.$(MODE))) \
    -pie -Wl,-z,relro,-z,now -pthread
LIBS = $(shell pkg-config --libs $(PKGS)) -lm

# lib/ promises bits: nothing may be fused or reordered.
$(BUILD)/lib/%.o: override CFLAGS += -ffp-contract=off -fno-math-errno
$(BUILD)/lib/kernels/%.o: override CFLAGS += -O3
$(BUILD)/lib/kernels/avx%.o: override CFLAGS += -mavx2 -mf16c
$(BUILD)/lib/kernels/avx2_fm%.o: override CFLAGS += -mfma
# AVX-512 is the processor's, or SIMDe's, which tests it on any.
AVX512 := $(addprefix -mavx512,f dq bw vl)
AVX512.simde := -mfma -Wno-psabi -include tests/simde/avx512.h
$(BUILD)/lib/kernels/avx51%.o: override CFLAGS += \
    $(or $(AVX512.$(MODE)),$(AVX512))
accepted = $(shell $(CC) -Werror $(1) -x c -c -o /dev/null /dev/null \
    2>/dev/null && echo $(1))
CET := $(call accepted,-fcf-protection)
# gcc undoes the order in which the shuffles and the cipher's exclusive ors are
# written, which costs a sixth; clang keeps it and doesn't know these.
CIPHERS := $(foreach kind,.o _normal.o _bfloat16.o _double.o,\
    avx2$(kind) avx512$(kind))
$(CIPHERS:%=$(BUILD)/lib/kernels/%): \
    override CFLAGS += $(call accepted,-fno-tree-reassoc -fno-tree-ter)

LIB := $(wildcard lib/*.c lib/*/*.c)
API := $(wildcard api/*.c api/*/*.c api/*.S api/*/*.S)
SERVER := $(filter-out server/main.c,$(wildcard server/*.c))
objects = $(patsubst %,$(BUILD)/%.o,$(basename $(1)))
ifeq ($(findstring x86_64,$(shell $(CC) -dumpmachine)),)
    LIB := $(filter-out lib/kernels/avx%,$(LIB))
endif

all: $(BUILD)/sowd

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) -c $< -o $@

$(BUILD)/api/%.o: api/%.S
	@mkdir -p $(@D)
	@$(CC) $(CET) $(if $(CET),-include cet.h) -c $< -o $@

$(BUILD)/api/build.o: override CPPFLAGS += $(if $(REVISION),-DREVISION='"$(REVISION)"')
$(BUILD)/api/openapi.o: api/openapi.json
$(BUILD)/api/routes/probe.o: api/routes/probe.py
$(BUILD)/api/recipes/documents.o: $(wildcard api/recipes/*.json)
$(BUILD)/api/page/table.o: $(wildcard $(addprefix api/page/*.,html svg css js))

$(BUILD)/libsow.a: $(call objects,$(LIB))
$(BUILD)/libapi.a: $(call objects,$(API))
$(BUILD)/libserver.a: $(call objects,$(SERVER))
$(BUILD)/%.a:
	@rm -f $@ && $(AR) rcs $@ $^

archives = $(patsubst %,$(BUILD)/lib%.a,$(1))
$(BUILD)/sowd: $(call objects,server/main.c) $(call archives,server api sow)
	@$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

run: deps
	@$(MAKE) all
	@echo "Try:  curl -so w.bin 'http://127.0.0.1:8080/v1/weights?shape=512,256&scheme=he_normal&seed=42' && b2sum -l 256 w.bin"
	@exec $(BUILD)/sowd

install: all
	install -D -m 755 $(BUILD)/sowd $(DESTDIR)$(PREFIX)/bin/sowd
	@mkdir -p $(DESTDIR)$(PREFIX)/share/man/man1
	@$(BUILD)/sowd --man >$(DESTDIR)$(PREFIX)/share/man/man1/sowd.1

# ---- testing ---------------------------------------------------------------

include tests/tests.mk

# ---- keeping house ---------------------------------------------------------

SOURCES := $(wildcard $(addsuffix /*.[ch],lib lib/* api api/* server tests/*))

format:
	clang-format -i $(SOURCES)

lint: deps-lint $(BUILD)/libsow.a
	@tests/lint.sh $(BUILD)/libsow.a $(SOURCES)

# What each kind of work needs of Debian.
deps: PACKAGES := gcc libc6-dev make pkg-config check curl libmicrohttpd-dev \
    libgnutls28-dev libjansson-dev libseccomp-dev libsodium-dev nettle-dev \
    libjs-chart.js xxd openssl python3-numpy python3-cryptography
deps-lint: PACKAGES := clang-format clang-tidy cppcheck binutils
deps-venv: PACKAGES := python3-venv haproxy nginx-light prometheus mandoc \
    systemd chromium fonts-dejavu-core
deps-bench: PACKAGES := nginx-light wrk curl python3-venv valgrind git
deps-load: PACKAGES := valgrind
deps-lint deps-venv deps-bench deps-load: | deps
deps deps-lint deps-venv deps-bench deps-load:
	@tests/need.sh $(PACKAGES)

clean:
	rm -rf build

help:
	@echo "run: build, start on 127.0.0.1:8080     test: build, run every test"
	@echo "all: $(BUILD)/sowd     check: the C tests alone     lint format clean"
	@echo "install: into PREFIX ($(PREFIX)), below DESTDIR"
	@echo "conformance: the real torch     test-clients: the real transformers"
	@echo "test-docker: the image     test-arm64: that of the other machine"
	@echo "test-exhaustive: every float as JSON     test-cross: other compilers"
	@echo "test-fleet: replicas that die, and proxies in front of them"
	@echo "test-fuzz: parsers, FUZZ_SECONDS each     test-load: crowds, valgrind"
	@echo "soak: SOAK_SECONDS of mixed requests"
	@echo "bench: speed     bench-compare BASE=commit: kernels, before and after"
	@echo "MODE=release|debug|asan|tsan|cov|simde   WERROR=1   PYTHON=…"

.PHONY: all run install format lint deps deps-lint deps-venv deps-bench \
    deps-load clean help
.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
