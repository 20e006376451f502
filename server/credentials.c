/* SPDX-License-Identifier: MIT */
/* Bringing the API the files that it can't read itself. */
#include "credentials.h"

#include "secret_file.h"

/* A file, and what the API does with it; 'secret' as secret_file_read(). */
struct credential {
    const char *option;
    bool secret;
    bool (*take)(struct api *api, const char *text, size_t n,
                 char error[API_ERROR]);
};

static const struct credential tokens = {"--auth-tokens-file", false,
                                         api_set_tokens};
static const struct credential keys = {"--signing-key-file", true,
                                       api_set_signing_keys};

/* No file is fine. */
static bool give(struct api *api, const struct credential *credential,
                 const char *path)
{
    struct secret_file file;
    char error[API_ERROR];
    if (path == NULL)
        return true;
    if (!secret_file_read(&file, credential->option, path, credential->secret))
        return false;
    bool taken = credential->take(api, file.bytes, file.size, error);
    secret_file_release(&file);
    if (!taken)
        log_line(LEVEL_ERROR, "%s %.200s: %s", credential->option, path, error);
    return taken;
}

bool credentials_start(const struct config *config, struct api *api)
{
    if (config->auth_tokens_file == NULL &&
        !address_is_loopback(&config->listen))
        log_line(LEVEL_WARN,
                 "without %s everybody who reaches this server may read all, "
                 "and change recipes",
                 tokens.option);
    return give(api, &tokens, config->auth_tokens_file) &&
           give(api, &keys, config->signing_key_file);
}

void credentials_reload(const struct config *config, struct api *api)
{
    if (config->auth_tokens_file == NULL)
        return;
    if (give(api, &tokens, config->auth_tokens_file))
        log_line(LEVEL_INFO, "read %.200s again", config->auth_tokens_file);
    else
        log_line(LEVEL_WARN, "the tokens of before remain in force");
}
