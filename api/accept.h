/* SPDX-License-Identifier: MIT */
/*
 * Content negotiation: which of the media types on offer an Accept header
 * likes best (RFC 9110, 12.5.1).
 */
#ifndef ACCEPT_H
#define ACCEPT_H

#include "api.h"

/*
 * The index of the best of 'count' media types, or -1 when none is
 * acceptable.  The highest q wins; among equals the type that is named
 * outright, before one that only a wildcard lets in; then the earlier in
 * 'types'.  Without an Accept header that is the first.  Parameters of media
 * types but q are ignored, and so is an element that can't be read.
 */
int accept_choose(const struct api_request *request, const char *const *types,
                  size_t count);

#endif
