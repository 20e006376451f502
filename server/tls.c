/* SPDX-License-Identifier: MIT */
/* The one file that includes GnuTLS's headers. */
#include "tls.h"

#include "log.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <time.h>

static const char cert_option[] = "--tls-cert";
static const char key_option[] = "--tls-key";

static gnutls_datum_t datum(const struct secret_file *file)
{
    return (gnutls_datum_t){(unsigned char *)file->bytes, (unsigned)file->size};
}

/* When the first certificate ends, or -1. */
static time_t expiry(const struct tls *tls)
{
    const gnutls_datum_t pem = datum(&tls->cert);
    gnutls_x509_crt_t cert;
    time_t end = -1;
    if (gnutls_x509_crt_init(&cert) < 0)
        return -1;
    if (gnutls_x509_crt_import(cert, &pem, GNUTLS_X509_FMT_PEM) == 0)
        end = gnutls_x509_crt_get_expiration_time(cert);
    gnutls_x509_crt_deinit(cert);
    return end;
}

static void tell_expiry(const struct tls *tls, const char *path)
{
    const time_t end = expiry(tls);
    struct tm date;
    char text[32] = "?";
    if (end < 0)
        return;
    if (gmtime_r(&end, &date) != NULL)
        strftime(text, sizeof text, "%Y-%m-%d", &date);
    if (end < time(NULL))
        log_line(LEVEL_WARN, "%s %.200s: it expired on %s", cert_option, path,
                 text);
    else
        log_line(LEVEL_INFO, "%s %.200s: good until %s", cert_option, path,
                 text);
}

/* Whether GnuTLS takes both; what it says otherwise. */
static bool fits(const struct tls *tls, const char **reason)
{
    gnutls_certificate_credentials_t credentials;
    const gnutls_datum_t cert = datum(&tls->cert), key = datum(&tls->key);
    int code = gnutls_certificate_allocate_credentials(&credentials);
    if (code == 0) {
        code = gnutls_certificate_set_x509_key_mem(credentials, &cert, &key,
                                                   GNUTLS_X509_FMT_PEM);
        gnutls_certificate_free_credentials(credentials);
    }
    *reason = gnutls_strerror(code);
    return code >= 0;
}

bool tls_open(struct tls *tls, const char *cert, const char *key)
{
    const char *reason;
    *tls = (struct tls){0};
    if (cert == NULL && key == NULL)
        return true;
    if (cert == NULL || key == NULL) {
        log_line(LEVEL_ERROR, "%s and %s go together", cert_option, key_option);
        return false;
    }
    if (!secret_file_read(&tls->cert, cert_option, cert, false))
        return false;
    bool fine = secret_file_read(&tls->key, key_option, key, true);
    if (fine && !fits(tls, &reason)) {
        log_line(LEVEL_ERROR,
                 "%s %.200s and %s %.200s can't be used; they are PEM, and "
                 "belong together: %s",
                 cert_option, cert, key_option, key, reason);
        fine = false;
    }
    if (fine)
        tell_expiry(tls, cert);
    else
        tls_release(tls);
    return fine;
}

void tls_release(struct tls *tls)
{
    secret_file_release(&tls->cert);
    secret_file_release(&tls->key);
}

/* ------------------------------------------------------------------------
 * The client
 */

static int shake_hands(gnutls_session_t session)
{
    int code;
    do
        code = gnutls_handshake(session);
    while (code < 0 && !gnutls_error_is_fatal(code) && code != GNUTLS_E_AGAIN);
    return code;
}

/* Read to the end, or until 'answer' is full; how many bytes, or a code. */
static ssize_t read_answer(gnutls_session_t session, char *answer, size_t size)
{
    size_t got = 0;
    while (got < size) {
        ssize_t n = gnutls_record_recv(session, answer + got, size - got);
        if (n == GNUTLS_E_INTERRUPTED)
            continue;
        if (n < 0 && got == 0)
            return n;
        if (n <= 0)
            break;
        got += (size_t)n;
    }
    return (ssize_t)got;
}

static ssize_t converse(gnutls_session_t session, const char *request, size_t n,
                        char *answer, size_t size)
{
    int code = shake_hands(session);
    if (code < 0)
        return code;
    ssize_t sent = gnutls_record_send(session, request, n);
    if (sent < 0)
        return sent;
    return read_answer(session, answer, size);
}

/* A session over 'fd', or the code of what failed. */
static int session_open(int fd, gnutls_certificate_credentials_t credentials,
                        gnutls_session_t *session)
{
    int code = gnutls_init(session, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL);
    if (code < 0)
        return code;
    gnutls_transport_set_int(*session, fd);
    code = gnutls_priority_set_direct(*session, TLS_PRIORITIES, NULL);
    if (code == 0)
        code = gnutls_credentials_set(*session, GNUTLS_CRD_CERTIFICATE,
                                      credentials);
    if (code < 0)
        gnutls_deinit(*session);
    return code;
}

ssize_t tls_ask(int fd, const char *request, size_t n, char *answer,
                size_t size, const char **reason)
{
    gnutls_certificate_credentials_t credentials;
    gnutls_session_t session;
    ssize_t got = gnutls_certificate_allocate_credentials(&credentials);
    if (got == 0) {
        got = session_open(fd, credentials, &session);
        if (got == 0) {
            got = converse(session, request, n, answer, size);
            gnutls_deinit(session);
        }
        gnutls_certificate_free_credentials(credentials);
    }
    *reason =
        got == GNUTLS_E_AGAIN ? "no answer in time" : gnutls_strerror((int)got);
    return got < 0 ? -1 : got;
}
