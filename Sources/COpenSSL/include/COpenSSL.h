// What of OpenSSL is a macro, and so cannot be called from Swift, and what is easier said in C.
#ifndef COPENSSL_H
#define COPENSSL_H

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// MARK: - Contexts

/// A new context with what holds for all of ours: TLS 1.2 or later, no compression, no renegotiation, partial writes, and
/// no memory for records while nothing is under way. Null where there is no memory.
SSL_CTX *openssl_context_create(bool is_server);
/// Sets the versions, as TLS1_2_VERSION and so on. Returns 1, or 0 where OpenSSL refuses.
int openssl_set_versions(SSL_CTX *context, int minimum, int maximum);

/// Takes the certificate, the rest of its chain, and the key from PEM text, and sees whether they belong together. An
/// encrypted key needs the password; nobody is asked for it. Returns 1, or 0 with the reason in OpenSSL's queue.
int openssl_use_certificate(SSL_CTX *context, const void *pem, size_t count);
int openssl_use_key(SSL_CTX *context, const void *pem, size_t count, const char *password);
/// Trusts all certificates of PEM text; returns how many, or -1 with the reason in OpenSSL's queue.
int openssl_trust(SSL_CTX *context, const void *pem, size_t count);
/// Has a server tell its clients whose certificates it takes.
void openssl_name_authorities(SSL_CTX *context);

/// Has `choose` be called when a client has said, or not said, by which name it wants the server.
void openssl_set_name_callback(SSL_CTX *context, int (*choose)(SSL *, int *, void *), void *owner);

// MARK: - Connections

/// Asks the server for `host` by its name, unless that is an address, and, where it is to be checked, has the server's
/// certificate be for that host. Returns 1, or 0 where OpenSSL takes it neither for a name nor for an address.
int openssl_expect_host(SSL *connection, const char *host, bool is_address, bool checks);

static inline void openssl_clear_retry(BIO *carrier) { BIO_clear_retry_flags(carrier); }
static inline void openssl_retry_read(BIO *carrier) { BIO_set_retry_read(carrier); }

// MARK: - What came of it

enum openssl_failure {
  OPENSSL_NO_FAILURE,
  /// The bytes have ended, and TLS had not.
  OPENSSL_CUT_OFF,
  /// The peer has sent an alert: it will not go on.
  OPENSSL_REFUSED,
  /// The peer's certificate was not found good.
  OPENSSL_UNTRUSTED,
  /// What has come does not look like TLS.
  OPENSSL_NO_TLS,
  OPENSSL_OTHER_FAILURE,
};

/// Takes the oldest error out of OpenSSL's queue, which is empty then: of what kind it is, and its text.
enum openssl_failure openssl_take_error(char *text, size_t count);
/// A name in a certificate as people write it, to be freed with `free`; null where there is no memory.
char *openssl_name_text(const X509_NAME *name);

#endif
