#include "xmpp/fault.h"

#include <bearssl.h>
#include <stddef.h>

#define ALERT(code)   (BR_ERR_RECV_FATAL_ALERT + (code))
#define REFUSED(name) "the server ended TLS with the alert " name
#define UNTRUSTED(c, why)                                                      \
	{                                                                      \
		BR_ERR_X509_##c, "tls-untrusted", why                          \
	}

/*
 * A server that has neither TLS 1.2 nor one of our cipher suites sends the
 * alert handshake_failure, protocol_version or insufficient_security (RFC 5246
 * 7.2.2): the cause is tls-version.
 */
static const struct fault faults[] = {
    {BR_ERR_OK, "connection-lost", "the server ended the TLS session"},
    {BR_ERR_UNSUPPORTED_VERSION, "tls-version",
	"the server does not speak TLS 1.2"},
    {BR_ERR_BAD_VERSION, "protocol", "the version changed between records"},
    {BR_ERR_BAD_LENGTH, "protocol", "a TLS record has an impossible length"},
    {BR_ERR_TOO_LARGE, "protocol", "a TLS record is too long"},
    {BR_ERR_BAD_MAC, "protocol", "a TLS record was altered on its way"},
    {BR_ERR_UNEXPECTED, "protocol",
	"the server sent a TLS message at the wrong time"},
    {BR_ERR_OVERSIZED_ID, "protocol", "the TLS session id is too long"},
    {BR_ERR_BAD_CIPHER_SUITE, "protocol",
	"the server chose a cipher suite that was not offered"},
    {BR_ERR_BAD_COMPRESSION, "protocol",
	"the server chose compression, which was not offered"},
    {BR_ERR_BAD_SECRENEG, "protocol",
	"the server's renegotiation extension is wrong"},
    {BR_ERR_EXTRA_EXTENSION, "protocol",
	"the server answered an extension that was not offered"},
    {BR_ERR_LIMIT_EXCEEDED, "protocol",
	"the server's key exchange is longer than supported"},
    {BR_ERR_BAD_FINISHED, "protocol", "the TLS handshake was altered"},
    {BR_ERR_RESUME_MISMATCH, "protocol",
	"the server resumed a TLS session that there never was"},
    {BR_ERR_INVALID_ALGORITHM, "protocol",
	"the server chose a curve or signature that was not offered"},
    {BR_ERR_BAD_SIGNATURE, "tls-untrusted",
	"the server does not hold the key of its certificate"},
    {BR_ERR_WRONG_KEY_USAGE, "tls-untrusted",
	"the certificate's key is not for signing handshakes"},
    UNTRUSTED(EMPTY_CHAIN, "the server sent no certificate"),
    UNTRUSTED(UNSUPPORTED, "a certificate of the chain uses a signature or "
			   "key algorithm that is weak or not supported"),
    UNTRUSTED(LIMIT_EXCEEDED,
	"a key or signature in the certificates is longer than supported"),
    UNTRUSTED(WRONG_KEY_TYPE,
	"a certificate is signed with another type of key than its issuer's"),
    UNTRUSTED(BAD_SIGNATURE, "a signature in the certificate chain is wrong"),
    {BR_ERR_X509_EXPIRED, "tls-expired",
	"a certificate of the chain has expired or is not yet valid"},
    UNTRUSTED(DN_MISMATCH, "the certificate chain is broken"),
    {BR_ERR_X509_BAD_SERVER_NAME, "tls-name",
	"the certificate is for another name"},
    UNTRUSTED(CRITICAL_EXTENSION,
	"a certificate has a critical extension that is not supported"),
    UNTRUSTED(NOT_CA, "a certificate of the chain was issued by one that is "
		      "not an authority"),
    UNTRUSTED(FORBIDDEN_KEY_USAGE,
	"a certificate's key is not allowed to sign certificates"),
    UNTRUSTED(WEAK_PUBLIC_KEY, "an RSA key in the certificates is too short"),
    UNTRUSTED(NOT_TRUSTED, "the certificate's issuer is not a trust anchor"),

    {ALERT(10), "protocol", REFUSED("unexpected_message")},
    {ALERT(20), "protocol", REFUSED("bad_record_mac")},
    {ALERT(22), "protocol", REFUSED("record_overflow")},
    {ALERT(30), "protocol", REFUSED("decompression_failure")},
    {ALERT(40), "tls-version",
	"the server has no version or cipher suite in common with jackline, or "
	"wants a client certificate (alert handshake_failure)"},
    {ALERT(42), "protocol", REFUSED("bad_certificate")},
    {ALERT(43), "protocol", REFUSED("unsupported_certificate")},
    {ALERT(44), "protocol", REFUSED("certificate_revoked")},
    {ALERT(45), "protocol", REFUSED("certificate_expired")},
    {ALERT(46), "protocol", REFUSED("certificate_unknown")},
    {ALERT(47), "protocol", REFUSED("illegal_parameter")},
    {ALERT(48), "protocol", REFUSED("unknown_ca")},
    {ALERT(49), "protocol", REFUSED("access_denied")},
    {ALERT(50), "protocol", REFUSED("decode_error")},
    {ALERT(51), "protocol", REFUSED("decrypt_error")},
    {ALERT(70), "tls-version",
	"the server does not speak TLS 1.2 (alert protocol_version)"},
    {ALERT(71), "tls-version",
	"the server wants other cipher suites (alert insufficient_security)"},
    {ALERT(80), "protocol", REFUSED("internal_error")},
    {ALERT(86), "protocol", REFUSED("inappropriate_fallback")},
    {ALERT(90), "protocol", REFUSED("user_canceled")},
    {ALERT(100), "protocol", REFUSED("no_renegotiation")},
    {ALERT(109), "protocol", REFUSED("missing_extension")},
    {ALERT(110), "protocol", REFUSED("unsupported_extension")},
    {ALERT(112), "tls-name",
	"the server does not serve that name (alert unrecognized_name)"},
    {ALERT(116), "protocol", REFUSED("certificate_required")},
    {ALERT(120), "protocol", REFUSED("no_application_protocol")},
};

static const struct fault unknown_alert = {
    0, "protocol", "the server ended TLS with an unknown alert"};
static const struct fault bad_certificate = {
    0, "tls-untrusted", "a certificate is malformed"};
static const struct fault bad_message = {
    0, "protocol", "a TLS message is malformed"};

const struct fault *
fault_find(int code)
{
	size_t i;

	for (i = 0; i < sizeof faults / sizeof *faults; i++)
		if (faults[i].code == code)
			return &faults[i];
	if (code >= BR_ERR_RECV_FATAL_ALERT && code < BR_ERR_SEND_FATAL_ALERT)
		return &unknown_alert;
	if (code > BR_ERR_X509_OK && code <= BR_ERR_X509_NOT_TRUSTED)
		return &bad_certificate;
	return &bad_message;
}
