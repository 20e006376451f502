#!/bin/sh
# SPDX-License-Identifier: MIT
#
# nginx with the certificate in /tls, or for a trial with one that it makes
# for localhost.
set -eu

cert=/tls/tls.crt
key=/tls/tls.key
if [ ! -e "$cert" ]; then
    cert=/run/tls.crt
    key=/run/tls.key
    echo "no $cert: making a certificate for localhost, for a trial" >&2
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
        -days 30 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost,DNS:proxy \
        -keyout "$key" -out "$cert" 2>/dev/null
else
    ln -sf "$cert" /run/tls.crt
    ln -sf "$key" /run/tls.key
fi
exec nginx -g 'daemon off;'
