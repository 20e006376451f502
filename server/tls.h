/* SPDX-License-Identifier: MIT */
/*
 * TLS: the certificate and its key at start, and a client for the health check.
 * Serving itself is libmicrohttpd's, which has GnuTLS do it.  A new certificate
 * needs a restart.
 */
#ifndef TLS_H
#define TLS_H

#include "secret_file.h"

#include <sys/types.h>

/* What GnuTLS is asked for: nothing older than TLS 1.2. */
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

/* PEM, both of no bytes where there is no TLS. */
struct tls {
    struct secret_file cert, key;
};

/*
 * Read the files of --tls-cert (the server's certificate, then those between it
 * and a root) and --tls-key, see that they fit each other, and warn when the
 * certificate has expired; NULL and NULL: no TLS.  Returns false after logging
 * what is wrong.
 */
bool tls_open(struct tls *tls, const char *cert, const char *key);

/* Once the server has started it needs them no more. */
void tls_release(struct tls *tls);

/*
 * As a client on a connected socket: send 'n' bytes, read up to 'size' bytes to
 * 'answer', or to the end.  Returns how many, or -1 with 'reason', a constant.
 * Whose certificate it is isn't looked at: this is for asking a server on the
 * same machine, by its address, for nothing secret.
 */
ssize_t tls_ask(int fd, const char *request, size_t n, char *answer,
                size_t size, const char **reason);

#endif
