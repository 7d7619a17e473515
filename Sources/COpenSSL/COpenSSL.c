#include "COpenSSL.h"

#include <limits.h>
#include <string.h>

// MARK: - Contexts

SSL_CTX *openssl_context_create(bool is_server) {
  SSL_CTX *context = SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method());
  if (!context) return NULL;
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  // What is sent of a chain is what was given, not what happens to be trusted.
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
  SSL_CTX_set_read_ahead(context, 1);
  // Clients keep their sessions themselves, as tickets.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  unsigned char identity[16];
  if (RAND_bytes(identity, sizeof identity) != 1 ||
      SSL_CTX_set_session_id_context(context, identity, sizeof identity) != 1) {
    SSL_CTX_free(context);
    return NULL;
  }
  return context;
}

int openssl_set_versions(SSL_CTX *context, int minimum, int maximum) {
  return SSL_CTX_set_min_proto_version(context, minimum) == 1 && SSL_CTX_set_max_proto_version(context, maximum) == 1;
}

static BIO *text_of(const void *pem, size_t count) {
  if (count > INT_MAX) return NULL;
  return BIO_new_mem_buf(pem, (int)count);
}

/// Whether the last error says nothing but that there is no more PEM; it is taken out of the queue then.
static bool is_end_of_pem(void) {
  unsigned long error = ERR_peek_last_error();
  if (ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE) return false;
  ERR_clear_error();
  return true;
}

/// OpenSSL would ask at the terminal.
static int password_given(char *buffer, int size, int for_writing, void *password) {
  (void)for_writing;
  size_t length = password ? strlen(password) : 0;
  if (!password || length > (size_t)size) return -1;
  memcpy(buffer, password, length);
  return (int)length;
}

int openssl_use_certificate(SSL_CTX *context, const void *pem, size_t count) {
  BIO *text = text_of(pem, count);
  if (!text) return 0;
  X509 *own = PEM_read_bio_X509_AUX(text, NULL, password_given, NULL);
  int is_good = own && SSL_CTX_use_certificate(context, own) == 1 && SSL_CTX_clear_chain_certs(context) == 1;
  X509_free(own);
  while (is_good) {
    X509 *next = PEM_read_bio_X509(text, NULL, password_given, NULL);
    if (!next) {
      is_good = is_end_of_pem();
      break;
    }
    if (SSL_CTX_add0_chain_cert(context, next) != 1) {
      X509_free(next);
      is_good = 0;
    }
  }
  BIO_free(text);
  return is_good;
}

int openssl_use_key(SSL_CTX *context, const void *pem, size_t count, const char *password) {
  BIO *text = text_of(pem, count);
  if (!text) return 0;
  EVP_PKEY *key = PEM_read_bio_PrivateKey(text, NULL, password_given, (void *)password);
  BIO_free(text);
  int is_good = key && SSL_CTX_use_PrivateKey(context, key) == 1 && SSL_CTX_check_private_key(context) == 1;
  EVP_PKEY_free(key);
  return is_good;
}

int openssl_trust(SSL_CTX *context, const void *pem, size_t count) {
  BIO *text = text_of(pem, count);
  if (!text) return -1;
  X509_STORE *store = SSL_CTX_get_cert_store(context);
  int added = 0;
  X509 *next;
  while ((next = PEM_read_bio_X509_AUX(text, NULL, password_given, NULL))) {
    int is_good = X509_STORE_add_cert(store, next) == 1;
    X509_free(next);
    if (!is_good) break;
    added++;
  }
  BIO_free(text);
  return !next && is_end_of_pem() ? added : -1;
}

void openssl_name_authorities(SSL_CTX *context) {
  STACK_OF(X509_NAME) *names = sk_X509_NAME_new_null();
  STACK_OF(X509) *all = X509_STORE_get1_all_certs(SSL_CTX_get_cert_store(context));
  for (int index = 0; names && index < sk_X509_num(all); index++) {
    X509_NAME *name = X509_NAME_dup(X509_get_subject_name(sk_X509_value(all, index)));
    if (name && sk_X509_NAME_push(names, name) == 0) X509_NAME_free(name);
  }
  sk_X509_pop_free(all, X509_free);
  SSL_CTX_set_client_CA_list(context, names);
}

void openssl_set_name_callback(SSL_CTX *context, int (*choose)(SSL *, int *, void *), void *owner) {
  SSL_CTX_set_tlsext_servername_callback(context, choose);
  SSL_CTX_set_tlsext_servername_arg(context, owner);
}

// MARK: - Connections

int openssl_expect_host(SSL *connection, const char *host, bool is_address, bool checks) {
  X509_VERIFY_PARAM *expected = SSL_get0_param(connection);
  // A certificate names hosts in the place that is there for it, with at most the whole first part as a wildcard.
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (is_address) return !checks || X509_VERIFY_PARAM_set1_ip_asc(expected, host) == 1;
  if (SSL_set_tlsext_host_name(connection, host) != 1) return 0;
  return !checks || X509_VERIFY_PARAM_set1_host(expected, host, strlen(host)) == 1;
}

// MARK: - What came of it

enum openssl_failure openssl_take_error(char *text, size_t count) {
  unsigned long error = ERR_get_error();
  ERR_clear_error();
  if (error == 0) return OPENSSL_NO_FAILURE;
  const char *reason = ERR_reason_error_string(error);
  if (reason) {
    strncpy(text, reason, count - 1);
    text[count - 1] = 0;
  } else {
    ERR_error_string_n(error, text, count);
  }
  if (ERR_GET_LIB(error) != ERR_LIB_SSL) return OPENSSL_OTHER_FAILURE;
  int number = ERR_GET_REASON(error);
  if (number >= SSL_AD_REASON_OFFSET) return OPENSSL_REFUSED;
  switch (number) {
    case SSL_R_UNEXPECTED_EOF_WHILE_READING: return OPENSSL_CUT_OFF;
    case SSL_R_CERTIFICATE_VERIFY_FAILED: return OPENSSL_UNTRUSTED;
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_PACKET_LENGTH_TOO_LONG: return OPENSSL_NO_TLS;
    default: return OPENSSL_OTHER_FAILURE;
  }
}

char *openssl_name_text(const X509_NAME *name) {
  BIO *text = BIO_new(BIO_s_mem());
  char *result = NULL;
  if (text && X509_NAME_print_ex(text, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
    char *bytes;
    long count = BIO_get_mem_data(text, &bytes);
    result = strndup(bytes, (size_t)count);
  }
  BIO_free(text);
  return result;
}
