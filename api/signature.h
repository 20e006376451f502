/* SPDX-License-Identifier: MIT */
/*
 * Signatures of answers (RFC 9421), so that who gets weights through proxies
 * and caches can tell whose they are, and what was asked for.
 *
 *     Signature-Input: sow=("@status" "content-type" "content-length"
 *         "repr-digest" "etag" … "@method";req "@path";req "@query";req);
 *         created=1767225600;keyid="…";alg="ed25519";tag="sow"
 *     Signature: sow=:…:
 */
#ifndef SIGNATURE_H
#define SIGNATURE_H

#include "reply.h"
#include "signing.h"

/*
 * Add both fields to a reply that has all its others, and before them, where
 * the body is at hand and not large, Repr-Digest.  'created' is the time, in
 * seconds since 1970.
 *
 * Covered are the status, each field of the answer that tells what its body is
 * (and, but for a 304, Content-Length where it is known), and of the request
 * the method, the path and the query as they came.  A request that has
 * characters other than printable ASCII there, or "*" for a path, gets an
 * answer without a signature: nothing like it can be signed.
 */
void signature_add(const struct signing *signing,
                   const struct api_request *request, struct reply *reply,
                   int64_t created);

#endif
