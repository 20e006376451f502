/* SPDX-License-Identifier: MIT */
/*
 * Published Ed25519 keys: the first of RFC 8032, section 7.1, which RFC 8037
 * names in A.3, and test-key-ed25519 of RFC 9421, B.1.4; in PEM as there, or as
 * OpenSSL writes them.
 */
#ifndef PAIRS_H
#define PAIRS_H

#define RFC8032_PEM                                                      \
    "-----BEGIN PRIVATE KEY-----\n"                                      \
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n" \
    "-----END PRIVATE KEY-----\n"
#define RFC8037_ID "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"

#define RFC9421_PEM                                                      \
    "-----BEGIN PRIVATE KEY-----\n"                                      \
    "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n" \
    "-----END PRIVATE KEY-----\n"
#define RFC9421_PUBLIC                                               \
    "-----BEGIN PUBLIC KEY-----\n"                                   \
    "MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n" \
    "-----END PUBLIC KEY-----\n"
#define RFC9421_ID "poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U"

#endif
