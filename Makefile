# One makefile, not recursive, no configure; GNU make. Variables can be set on
# the command line: make CC=clang PREFIX=/usr. scripts/deps installs what is
# needed on Debian (as root or through sudo) and otherwise prints the list.

VERSION    = 1.0
CC         = cc
PREFIX     = /usr/local
BINDIR     = $(PREFIX)/bin
MANDIR     = $(PREFIX)/share/man
PKG_CONFIG = pkg-config
JOBS       = 2
B          = build

CFLAGS   = -O2 -g
HARDEN   = -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
LDHARDEN = -pie -Wl,-z,relro,-z,now
WARN     = -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
           -Wstrict-prototypes -Wmissing-prototypes -Wformat=2
STD      = -std=c11 -D_POSIX_C_SOURCE=200809L -I.
DEFS     = -DVERSION='"$(VERSION)"'

# BearSSL has no pkg-config file.
PKGS     = expat libidn libcares libedit libotr libgcrypt
PKGFLAGS = $(shell $(PKG_CONFIG) --cflags $(PKGS) 2>/dev/null)
LIBS     = $(shell $(PKG_CONFIG) --libs $(PKGS) 2>/dev/null) -lbearssl

ifdef SAN
B       := $(B)/san
HARDEN   = -fsanitize=address,undefined -fno-sanitize-recover=undefined \
           -fno-omit-frame-pointer -fPIE
LDHARDEN = -pie
endif

ALLFLAGS = $(STD) $(DEFS) $(WARN) $(HARDEN) $(PKGFLAGS) $(CFLAGS)

DIRS     = sexp xmpp otr store line
SRC      = $(wildcard $(DIRS:%=%/*.c))
OBJ      = $(SRC:%.c=$(B)/%.o)
LIB      = $(B)/libjackline.a
UNIT     = $(basename $(wildcard t/[0-8]*.c))
UNITBIN  = $(UNIT:%=$(B)/%)
HELPER   = $(basename $(wildcard t/server-*.c))
HELPERBIN = $(HELPER:%=$(B)/%)
FUZZ     = $(basename $(wildcard t/fuzz/*.c))
FUZZBIN  = $(FUZZ:%=$(B)/%)
WHOLE    = $(sort $(wildcard t/9*.sh))

.PHONY: all check check-san lint fuzz bench demo install uninstall dist clean \
        deps objects

all: $(B)/jackline

deps:
	@scripts/deps

$(B)/jackline: $(B)/jackline.o $(LIB)
	$(CC) $(HARDEN) $(LDHARDEN) $(LDFLAGS) -o $@ $^ $(LIBS)

$(LIB): $(OBJ)
	@rm -f $@
	$(AR) rcs $@ $(OBJ)

$(B)/%.o: %.c | deps
	@mkdir -p $(@D)
	$(CC) $(ALLFLAGS) -MMD -MP -c -o $@ $<

# What a unit test replaces by its own (t/fake-*.c) it includes itself; the
# archive's member is then not linked.
$(UNITBIN) $(HELPERBIN): $(B)/t/%: $(B)/t/%.o $(LIB)
	$(CC) $(HARDEN) $(LDHARDEN) $(LDFLAGS) -o $@ $^ $(LIBS)

# A fuzz driver is its LLVMFuzzerTestOneInput and, here, a main that feeds it
# the corpus t/fuzz/NAME.corpus/; `make fuzz` links it with libFuzzer instead.
$(FUZZBIN): $(B)/t/fuzz/%: $(B)/t/fuzz/%.o $(B)/t/corpus.o $(LIB)
	$(CC) $(HARDEN) $(LDHARDEN) $(LDFLAGS) -o $@ $^ $(LIBS)

check: all $(UNITBIN) $(HELPERBIN) $(FUZZBIN)
	BUILD=$(B) prove -j$(JOBS) --exec '' $(UNITBIN) $(FUZZBIN:%=t/run-fuzz.%) \
	    $(WHOLE)

clean:
	rm -rf build

-include $(OBJ:.o=.d) $(B)/jackline.d $(UNITBIN:=.d) $(HELPERBIN:=.d)
