/* SPDX-License-Identifier: MIT */
/* Bringing the API the files that it can't read itself. */
#include "credentials.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

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

/* No file is fine: 'file' is left empty. */
static bool take_file(struct secret_file *file,
                      const struct credential *credential, const char *path)
{
    *file = (struct secret_file){0};
    return path == NULL ||
           secret_file_read(file, credential->option, path, credential->secret);
}

static bool give(struct api *api, const struct credential *credential,
                 const struct secret_file *file, const char *path)
{
    char error[API_ERROR];
    if (file->bytes == NULL ||
        credential->take(api, file->bytes, file->size, error))
        return true;
    log_line(LEVEL_ERROR, "%s %.200s: %s", credential->option, path, error);
    return false;
}

bool credentials_read(struct credentials *credentials,
                      const struct config *config)
{
    if (config->auth_tokens_file == NULL &&
        !address_is_loopback(&config->listen))
        log_line(LEVEL_WARN,
                 "without %s everybody who reaches this server may read all, "
                 "and change recipes",
                 tokens.option);
    *credentials = (struct credentials){0};
    return take_file(&credentials->tokens, &tokens, config->auth_tokens_file) &&
           take_file(&credentials->keys, &keys, config->signing_key_file);
}

/* Whether SIGHUP will find the tokens; a mend is logged otherwise. */
static void warn_of_reload(const struct config *config)
{
    const char *path = config->auth_tokens_file;
    if (path == NULL || config->user.name == NULL || access(path, R_OK) == 0)
        return;
    log_line(LEVEL_WARN,
             "%s %.200s: %s for the user of --user (%s), so that SIGHUP can't "
             "read it again; let its group: chgrp and chmod g+r",
             tokens.option, path, strerror(errno), config->user.name);
}

bool credentials_give(struct credentials *credentials,
                      const struct config *config, struct api *api)
{
    warn_of_reload(config);
    bool taken =
        give(api, &tokens, &credentials->tokens, config->auth_tokens_file) &&
        give(api, &keys, &credentials->keys, config->signing_key_file);
    credentials_release(credentials);
    return taken;
}

void credentials_release(struct credentials *credentials)
{
    secret_file_release(&credentials->tokens);
    secret_file_release(&credentials->keys);
}

void credentials_reload(const struct config *config, struct api *api)
{
    struct secret_file file;
    const char *path = config->auth_tokens_file;
    if (path == NULL)
        return;
    bool taken =
        take_file(&file, &tokens, path) && give(api, &tokens, &file, path);
    secret_file_release(&file);
    if (taken) {
        log_line(LEVEL_INFO, "read %.200s again", path);
        return;
    }
    warn_of_reload(config);
    log_line(LEVEL_WARN, "the tokens of before remain in force");
}
