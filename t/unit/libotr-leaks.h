/*
 * Tells LeakSanitizer what to leave out where libotr plays a part, but not the
 * main one. libotr 4.1.1 never frees a number with each SMP (see otr-pair.h);
 * its frames are told by the library alone, since whole stacks are slow.
 */
#ifndef T_LIBOTR_LEAKS_H
#define T_LIBOTR_LEAKS_H

/* Asked by LeakSanitizer. Returns the leaks to be left out; static. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libotr.so";
}

#endif
