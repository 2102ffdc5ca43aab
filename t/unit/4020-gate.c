/*
 * The one function that decides whether text may leave: all its inputs, and
 * for each what the rules (not the code) say.
 */
#include "otr/otr.h"
#include "store/config.h"
#include "t/unit/tap.h"

/* The rules, one by one. */
static enum otr_gate
expected(
    int state, int elsewhere, int wish, unsigned policies, unsigned versions)
{
	int clear = state == OTR_PLAINTEXT && !elsewhere && !wish &&
		    !(policies & OTR_REQUIRE_ENCRYPTION);

	if (state == OTR_ENCRYPTED)
		return OTR_GATE_ENCRYPT;
	if (!clear)
		return OTR_GATE_REFUSE;
	if ((policies & OTR_SEND_WHITESPACE_TAG) && (versions & 3))
		return OTR_GATE_TAG;
	return OTR_GATE_CLEAR;
}

int
main(void)
{
	unsigned policies, versions, all = 0, wrong = 0, count[4] = {0};
	int state, elsewhere, wish;
	enum otr_gate got;

	for (state = -2; state < 6; state++)
		for (elsewhere = -1; elsewhere < 3; elsewhere++)
			for (wish = -1; wish < 3; wish++)
				for (policies = 0; policies < 64; policies++)
					for (versions = 0; versions < 8;
					     versions++) {
						got = otr_gate(
						    (enum otr_state)state,
						    elsewhere, wish, policies,
						    versions);
						all++;
						if (got > OTR_GATE_TAG ||
						    got != expected(state,
							       elsewhere, wish,
							       policies,
							       versions))
							wrong++;
						else
							count[got]++;
					}
	ok(wrong == 0, "all %u inputs give what the rules say", all);
	ok(count[OTR_GATE_CLEAR] > 0 && count[OTR_GATE_TAG] > 0 &&
		count[OTR_GATE_ENCRYPT] > 0 && count[OTR_GATE_REFUSE] > 0,
	    "each outcome occurs");
	/* One value of state of eight, not elsewhere (1/4), no wish (1/4). */
	ok(count[OTR_GATE_CLEAR] + count[OTR_GATE_TAG] == 64 * 8 / 2,
	    "clear text leaves in just one corner");
	ok(OTR_REQUIRE_ENCRYPTION == CONFIG_REQUIRE_ENCRYPTION &&
		OTR_SEND_WHITESPACE_TAG == CONFIG_SEND_WHITESPACE_TAG &&
		OTR_WHITESPACE_START_AKE == CONFIG_WHITESPACE_START_AKE &&
		OTR_ERROR_START_AKE == CONFIG_ERROR_START_AKE &&
		OTR_REVEAL_MACS == CONFIG_REVEAL_MACS &&
		OTR_V2 == CONFIG_OTR_V2 && OTR_V3 == CONFIG_OTR_V3,
	    "the bits are those of the configuration");
	return tap_done();
}
