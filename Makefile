# One makefile, not recursive, no configure; GNU make. Variables can be set on
# the command line: make CC=clang PREFIX=/usr. scripts/deps installs what is
# needed on Debian (as root or through sudo) and otherwise prints the list.

VERSION    = 1.0
CC         = cc
PREFIX     = /usr/local
BINDIR     = $(PREFIX)/bin
MANDIR     = $(PREFIX)/share/man
BASHDIR    = $(PREFIX)/share/bash-completion/completions
# Where Debian's zsh looks for what comes in packages.
ZSHDIR     = $(PREFIX)/share/zsh/$(if \
             $(filter /usr,$(PREFIX)),vendor-completions,site-functions)
FISHDIR    = $(PREFIX)/share/fish/vendor_completions.d
UNITDIR    = $(PREFIX)/lib/systemd/user
PKG_CONFIG = pkg-config
JOBS       = 6
B          = build

CFLAGS   = -O2 -g
HARDEN   = -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
LDHARDEN = -pie -Wl,-z,relro,-z,now
WARN     = -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
           -Wstrict-prototypes -Wmissing-prototypes -Wformat=2
STD      = -std=c11 -D_POSIX_C_SOURCE=200809L -I.
DEFS     = -DVERSION='"$(VERSION)"'

# OMEMO=no builds without OMEMO and without its library, which is under the
# GPLv3 (README.md); what reads the records of contacts stays.
OMEMO    = yes

# CONFINE=no builds without the confinement of the process (jackline(1),
# CONFINEMENT).
CONFINE  = yes
ifeq ($(CONFINE),no)
B       := $(B)/no-confine
DEFS    += -DNO_CONFINE
endif

# BearSSL has no pkg-config file.
PKGS     = expat libidn libcares libedit libotr libgcrypt
ifeq ($(OMEMO),no)
B       := $(B)/no-omemo
DEFS    += -DNO_OMEMO
else
PKGS    += libomemo-c
endif
PKGFLAGS = $(shell $(PKG_CONFIG) --cflags $(PKGS) 2>/dev/null)
LIBS     = $(shell $(PKG_CONFIG) --libs $(PKGS) 2>/dev/null) -lbearssl

ifdef SAN
B       := $(B)/san
HARDEN   = -fsanitize=address,undefined -fno-sanitize-recover=undefined \
           -fno-omit-frame-pointer -fPIE
LDHARDEN = -pie
endif

ALLFLAGS = $(STD) $(DEFS) $(WARN) $(HARDEN) $(PKGFLAGS) $(CFLAGS)

ROOMS    = text core disk talk room session command tty start world
DIRS     = sexp xmpp otr omemo store line $(ROOMS:%=line/%)
SRC      = $(filter-out $(NOSRC),$(wildcard $(DIRS:%=%/*.c)))
NOSRC    = $(if $(filter no,$(OMEMO)),$(filter-out \
           omemo/contact.c omemo/form.c,$(wildcard omemo/*.c)) \
           $(filter-out \
           line/talk/omemo_xml.c,$(wildcard line/talk/omemo_*.c)))
OBJ      = $(SRC:%.c=$(B)/%.o)
LIB      = $(B)/libjackline.a
UNIT     = $(basename $(wildcard t/unit/[0-8]*.c))
UNITBIN  = $(UNIT:%=$(B)/%)
HELPER   = $(basename $(wildcard t/server/*.c) t/whole/await.c)
HELPERBIN = $(HELPER:%=$(B)/%)
PRELOAD  = $(patsubst %.c,$(B)/%.so,$(wildcard t/preload/*.c))
FUZZ     = $(basename $(filter-out %/corpus.c,$(wildcard t/fuzz/*.c)))
FUZZBIN  = $(FUZZ:%=$(B)/%)
WHOLE    = $(sort $(wildcard t/whole/9*.sh))

LINT     = $(sort $(wildcard scripts/lint-*))
NEED     = build $(filter bench check deb demo fuzz lint soak, \
           $(patsubst check-%,check,$(MAKECMDGOALS))) \
           $(filter clang,$(notdir $(CC)))

.PHONY: all check check-units check-san soak coverage mutants lint fuzz bench \
        demo install uninstall dist deb clean deps

all: $(B)/jackline

# make DEPS=: does without.
DEPS     = scripts/deps
deps:
	@SERVER=$(SERVER) OMEMO=$(OMEMO) $(DEPS) $(NEED)

$(B)/jackline: $(B)/jackline.o $(LIB)
	$(CC) $(HARDEN) $(LDHARDEN) $(LDFLAGS) -o $@ $^ $(LIBS)

$(LIB): $(OBJ)
	@rm -f $@
	$(AR) rcs $@ $(OBJ)

# The compiler's warnings stay beside the object, for scripts/lint-compilers.
$(B)/%.o: %.c Makefile | deps
	@mkdir -p $(@D)
	$(CC) $(ALLFLAGS) -MMD -MP -c -o $@ $< 2>$@.said; \
	    status=$$?; cat $@.said >&2; exit $$status

# What a unit test replaces by its own (t/unit/fake-*) it includes itself; the
# archive's member is then not linked.
$(UNITBIN) $(HELPERBIN): $(B)/t/%: $(B)/t/%.o $(LIB)
	$(CC) $(HARDEN) $(LDHARDEN) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/t/%.so: t/%.c t/preload/checked.h
	@mkdir -p $(@D)
	$(CC) $(STD) $(WARN) $(CFLAGS) -shared -fPIC -o $@ $<

# A fuzz driver is its LLVMFuzzerTestOneInput and, here, a main that feeds it
# the corpus t/fuzz/NAME.corpus/; `make fuzz` links it with libFuzzer instead.
FUZZMAIN = $(B)/t/fuzz/corpus.o
$(FUZZBIN): $(B)/t/fuzz/%: $(B)/t/fuzz/%.o $(FUZZMAIN) $(LIB)
	$(CC) $(HARDEN) $(LDHARDEN) $(LDFLAGS) -o $@ $^ $(LIBS)

# Each driver for FUZZTIME seconds; what it finds is left in build/fuzz/. With
# all of -fsanitize=undefined the dialogue takes four times as long, so that is
# left to check-san, which runs the corpora.
FUZZTIME = 60
FUZZSAN  = address,bounds,shift,signed-integer-overflow
fuzz: deps
	$(MAKE) --no-print-directory CC=clang B=build/fuzz FUZZMAIN= \
	    HARDEN='-fsanitize=fuzzer-no-link,$(FUZZSAN) -fPIE' \
	    LDHARDEN='-pie -fsanitize=fuzzer' $(FUZZ:%=build/fuzz/%)
	for driver in $(FUZZ:t/fuzz/%=%); do mkdir -p build/fuzz/$$driver && \
	    ASAN_OPTIONS=malloc_context_size=2:quarantine_size_mb=16 \
	    build/fuzz/t/fuzz/$$driver -max_total_time=$(FUZZTIME) \
	    -artifact_prefix=build/fuzz/$$driver. build/fuzz/$$driver \
	    t/fuzz/$$driver.corpus || exit 1; done

# Those that take longest begin first, so that none is alone at the end.
LONG     = $(wildcard $(patsubst %,t/whole/%-*.sh,9455 9205 9222 9140 \
           9255 9254 9200 9450 9730 9610 9453 9641 9220 9459 9457 9250 9462 \
           9452 9603 9130 9320 9110 9454)) \
           $(filter %/0320-faults %/4130-fault %/3000-play, \
           $(UNITBIN) $(FUZZBIN))
check: all $(UNITBIN) $(HELPERBIN) $(PRELOAD) $(FUZZBIN)
	BUILD=$(B) prove -j$(JOBS) --exec '' $(LONG) \
	    $(filter-out $(LONG),$(WHOLE) $(UNITBIN) $(FUZZBIN))

# What needs no server: the units, the transcripts and the fuzz corpora.
check-units: all $(UNITBIN) $(PRELOAD) $(FUZZBIN)
	BUILD=$(B) prove -j$(JOBS) --exec '' $(UNITBIN) $(FUZZBIN)

# AddressSanitizer, UndefinedBehaviorSanitizer and LeakSanitizer.
check-san: export PATIENCE ?= 300
check-san:
	$(MAKE) --no-print-directory SAN=1 check

# An hour or so: the same broken networks, at every byte and with many messages,
# by a seed of the day where SEED says no other. check is the same each time.
soak: export PATIENCE ?= 300
soak: export SEED ?= $(shell date +%Y%m%d)
soak: all $(HELPERBIN) $(PRELOAD) $(FUZZBIN) $(B)/t/unit/2310-model
	MUTATIONS=20000 prove -j$(JOBS) --exec '' $(FUZZBIN)
	SOAK=1 $(B)/t/unit/2310-model
	$(MAKE) --no-print-directory deb
	SOAK=1 t/whole/9720-settings.sh
	SOAK=1 t/whole/9330-crash.sh
	SOAK=1 t/whole/9332-refused.sh
	SOAK=1 COUNT=3000 t/whole/9459-omemo-many.sh
	COUNT=1000 t/whole/9460-omemo-unanswered.sh
	t/whole/9461-omemo-profanity.sh
	SERVERS='prosody ejabberd' KILLS=5 t/whole/9453-omemo-stalled.sh
	SOAK=1 t/whole/9451-omemo-errors.sh
	SERVERS='prosody ejabberd' t/whole/9452-omemo-devices.sh
	SERVER=ejabberd t/whole/9730-demo.sh
	LINES_ALONE=100000 MANY=10000 t/whole/9140-pressure.sh
	STEP=1 JOBS=4 t/whole/9210-cuts.sh
	COUNT=100000 BYTES=120000 FAULTS=2000 SECONDS_MAX=7200 \
	    t/whole/9200-faults.sh
	COUNT=20000 BYTES=150000 FAULTS=300 SECONDS_MAX=3600 MENDED=0 \
	    t/whole/9200-faults.sh
	COUNT=100000 RESTARTS=60 FAULTS=2000 SECONDS_MAX=7200 \
	    t/whole/9205-restarts.sh
	COUNT=20000 KILLS=100 SECONDS_MAX=600 t/whole/9220-crash.sh
	SERVER=ejabberd COUNT=3000 KILLS=30 SECONDS_MAX=600 \
	    t/whole/9220-crash.sh
	CONTACTS=1000 LINES=2000 KILLS=20 t/whole/9631-tree.sh
	SYSTEMD=1 t/whole/9636-systemd.sh
	COUNT=3000 KILLS=50 SECONDS_MAX=3600 t/whole/9250-archive.sh
	for server in prosody ejabberd; do \
		SERVER=$$server SQL=1 COUNT=10000 RESTARTS=20 BYTES=1000000 \
		    SECONDS_MAX=7200 t/whole/9254-archive-faults.sh || exit; \
	done
	COUNT=100000 RESTARTS=20 BYTES=1500000 SECONDS_MAX=7200 \
	    t/whole/9255-archive-long.sh
	t/whole/9224-rough.sh
	STOPPED=70 t/whole/9226-sleep.sh
	STUCK=70 t/whole/9222-stuck.sh

# Lines and branches that the tests execute: a table. FILE='store/dir.c' names
# the lines of it that nothing executed, and those with a branch that was never
# taken, from the counts of the last run.
# GNU C, by which gcc has a process say before execve what it has executed.
coverage: COVERAGE = $(MAKE) --no-print-directory B=build/coverage CC=gcc \
    STD='$(subst -std=c11,-std=gnu11,$(STD))' \
    CFLAGS='-O0 -g --coverage -fprofile-update=atomic \
    -include t/coverage.h' HARDEN=-fPIE \
    LDFLAGS=--coverage CONFINE=no
coverage:
ifdef FILE
	@scripts/coverage build/coverage $(FILE)
else
	mkdir -p build && find build -path '*/coverage/*.gcda' -delete
	$(COVERAGE) check || echo 'coverage: not every test passed'
	@scripts/coverage build/coverage
endif

# Changes one token at a time in what the rest relies on: do the units notice?
# SEED=N takes another part of the mutants, COUNT=N so many of each file.
mutants: all $(UNITBIN)
	$(MAKE) --no-print-directory SAN=1 $(B)/san/libjackline.a \
	    $(UNIT:%=$(B)/san/%.o)
	@BUILD=$(B) FLAGS='$(ALLFLAGS)' LINK='$(HARDEN) $(LDHARDEN)' \
	    LIBS='$(LIBS)' scripts/mutants

# Each prints what it finds, as file:line: what, and nothing otherwise.
lint: all $(UNITBIN:=.o) $(HELPERBIN:=.o) $(FUZZBIN:=.o)
	@export BUILD=$(B) FLAGS='$(STD) $(WARN) $(PKGFLAGS)'; bad=0; \
	for script in $(LINT); do $$script || bad=1; done; exit $$bad

# SERVER=ejabberd on that instead of Prosody.
SERVER   = prosody
demo: all
	@BUILD=$(B) scripts/demo $(SERVER)

# Figures beside other clients'; not part of check. PART='once flood' for some
# of scripts/bench.d.
BENCHBIN = $(addprefix $(B)/t/bench/bench-,cpu strophe type)
$(BENCHBIN): $(B)/t/%: t/%.c Makefile | deps
	@mkdir -p $(@D)
	$(CC) $(STD) $(WARN) $(CFLAGS) $(LDFLAGS) -o $@ $< \
	    $(if $(findstring strophe,$@),-lstrophe)

bench: all $(HELPERBIN) $(BENCHBIN)
	@BUILD=$(B) scripts/bench $(PART)

# The uses that jackline is made for, each with its manual page.
SCRIPT   = scripts/jackline-ii scripts/jackline-send scripts/jackline-bot \
           scripts/jackline-notify
INSTALLED = $(BINDIR)/jackline $(SCRIPT:scripts/%=$(BINDIR)/%) \
    $(MANDIR)/man1/jackline.1 $(SCRIPT:scripts/%=$(MANDIR)/man1/%.1) \
    $(MANDIR)/man7/jackline-lines.7 \
    $(BASHDIR)/jackline $(SCRIPT:scripts/%=$(BASHDIR)/%) \
    $(ZSHDIR)/_jackline $(UNITDIR)/jackline.service \
    $(FISHDIR)/jackline.fish $(SCRIPT:scripts/%=$(FISHDIR)/%.fish)
# From the tables of the program and the manuals of the scripts.
COMPLETION = $(B)/completion.bash $(B)/completion.zsh $(B)/completion.fish
$(COMPLETION): $(B)/completion.%: $(B)/jackline scripts/completion \
    $(SCRIPT:scripts/%=man/%.1)
	$(B)/jackline --events >$@.tables
	scripts/completion $* <$@.tables >$@

install: all $(COMPLETION)
	install -d $(sort $(dir $(INSTALLED:%=$(DESTDIR)%)))
	install -m 755 $(B)/jackline $(SCRIPT) $(DESTDIR)$(BINDIR)
	install -m 644 man/jackline.1 $(SCRIPT:scripts/%=man/%.1) \
	    $(DESTDIR)$(MANDIR)/man1
	install -m 644 man/jackline-lines.7 $(DESTDIR)$(MANDIR)/man7
	install -m 644 $(B)/completion.bash $(DESTDIR)$(BASHDIR)/jackline
	install -m 644 $(B)/completion.zsh $(DESTDIR)$(ZSHDIR)/_jackline
	install -m 644 $(B)/completion.fish $(DESTDIR)$(FISHDIR)/jackline.fish
	for name in $(SCRIPT:scripts/%=%); do \
	    ln -sf jackline $(DESTDIR)$(BASHDIR)/$$name && \
	    ln -sf jackline.fish $(DESTDIR)$(FISHDIR)/$$name.fish || exit; done
	sed 's,@BINDIR@,$(BINDIR),' scripts/jackline.service \
	    >$(DESTDIR)$(UNITDIR)/jackline.service
	chmod 644 $(DESTDIR)$(UNITDIR)/jackline.service

uninstall:
	rm -f $(INSTALLED:%=$(DESTDIR)%)

dist:
	@mkdir -p build
	git archive --prefix=jackline-$(VERSION)/ \
	    -o build/jackline-$(VERSION).tar.gz HEAD

# The Debian packages, from what is committed, in build/deb.
deb: deps
	scripts/deb $(VERSION)

clean:
	rm -rf build

-include $(patsubst %.o,%.d,$(OBJ) $(B)/jackline.o $(B)/t/fuzz/corpus.o) \
    $(UNITBIN:=.d) $(HELPERBIN:=.d) $(FUZZBIN:=.d)
