/* SPDX-License-Identifier: MIT */
/* What the server reads for the API: tokens, and keys to sign with. */
#include "exchange.h"

bool api_set_tokens(struct api *api, const char *text, size_t n,
                    char error[API_ERROR])
{
    struct tokens *tokens = tokens_parse(text, n, error);

    if (!tokens)
        return false;
    auth_replace(&api->auth, tokens);
    return true;
}

bool api_set_signing_keys(struct api *api, const char *text, size_t n,
                          char error[API_ERROR])
{
    struct signing signing;
    const bool fine = signing_parse(&signing, text, n, error);

    if (fine)
        api->signing = signing;
    signing_release(&signing);
    return fine;
}
