/* SPDX-License-Identifier: MIT */
/* From arguments and environment to a configuration. */
#include "config.h"

#include "option.h"

#include <string.h>
#include <unistd.h>

/*
 * Whether 'word' is 'name' alone or "name=value".  'value' is set to the
 * value, or to NULL.
 */
static bool names(const char *word, const char *name, const char **value)
{
    size_t n = strlen(name);
    if (strncmp(word, name, n) != 0 || (word[n] != '\0' && word[n] != '='))
        return false;
    *value = word[n] == '=' ? word + n + 1 : NULL;
    return true;
}

/* A flag without a value ends the reading, but for the one that prints. */
static enum config_verdict take_flag(struct config *config,
                                     const struct option *option)
{
    if (option->kind->verdict != CONFIG_PRINT)
        return option->kind->verdict;
    config->print = true;
    return CONFIG_OK;
}

/* Take one argument, and the next if it is its value. */
static enum config_verdict read_argument(struct config *config,
                                         char *const **next, char *error)
{
    const char *word = *(*next)++, *value;
    const struct option *option;
    size_t i = 0;
    while ((option = option_at(i)) != NULL &&
           !names(word, option->flag, &value))
        i++;
    if (option == NULL) {
        snprintf(error, 512, "unknown option '%.80s'; see sowd --help", word);
        return CONFIG_BAD;
    }
    const char *placeholder = option->kind->placeholder;
    if (placeholder == NULL && value == NULL)
        return take_flag(config, option);
    if (placeholder == NULL) {
        snprintf(error, 512, "%s takes no value", option->flag);
        return CONFIG_BAD;
    }
    if (value == NULL && **next != NULL)
        value = *(*next)++;
    if (value == NULL) {
        snprintf(error, 512, "%s needs a value: %s %s", option->flag,
                 option->flag, placeholder);
        return CONFIG_BAD;
    }
    config->choices[i] = (struct config_choice){value, option->flag};
    return CONFIG_OK;
}

/* Take a variable, unless a flag was there first. */
static enum config_verdict read_variable(struct config *config,
                                         const char *word, char *error)
{
    const struct option *option;
    const char *value;
    if (strncmp(word, "SOW_", 4) != 0)
        return CONFIG_OK;
    for (size_t i = 0; (option = option_at(i)) != NULL; i++) {
        const char *variable = option->variable;
        if (variable == NULL || !names(word, variable, &value))
            continue;
        if (config->choices[i].source == NULL && value != NULL)
            config->choices[i] = (struct config_choice){value, variable};
        return CONFIG_OK;
    }
    size_t n = strcspn(word, "=");
    snprintf(error, 512,
             "unknown variable %.*s in the environment; unset it, or see "
             "sowd --help",
             n < 80 ? (int)n : 80, word);
    return CONFIG_BAD;
}

/* Turn the chosen texts into values. */
static enum config_verdict parse_all(struct config *config, char *error)
{
    char expected[OPTION_EXPECTED];
    const struct option *option;
    for (size_t i = 0; (option = option_at(i)) != NULL; i++) {
        const struct config_choice *choice = &config->choices[i];
        void *field = (char *)config + option->offset;
        if (choice->text == NULL ||
            option->kind->parse(choice->text, field, expected))
            continue;
        snprintf(error, 512, "%s is '%.80s'; expected %s",
                 choice->source == NULL ? option->flag : choice->source,
                 choice->text, expected);
        return CONFIG_BAD;
    }
    return CONFIG_OK;
}

enum config_verdict config_read(struct config *config, char *const *arguments,
                                char *const *environment, char error[512])
{
    enum config_verdict verdict = CONFIG_OK;
    const struct option *option;
    *config = (struct config){0};
    for (size_t i = 0; (option = option_at(i)) != NULL; i++)
        config->choices[i].text = option->value;
    while (*arguments != NULL && verdict == CONFIG_OK)
        verdict = read_argument(config, &arguments, error);
    while (*environment != NULL && verdict == CONFIG_OK)
        verdict = read_variable(config, *environment++, error);
    if (verdict == CONFIG_OK)
        verdict = parse_all(config, error);
    return verdict == CONFIG_OK && config->print ? CONFIG_PRINT : verdict;
}

bool config_from_process(struct config *config, char *const *arguments,
                         int *status)
{
    char error[512];
    switch (config_read(config, arguments, environ, error)) {
    case CONFIG_OK:
        return true;
    case CONFIG_HELP:
        config_help(stdout);
        break;
    case CONFIG_VERSION:
        puts("sowd " SOW_VERSION);
        break;
    case CONFIG_MAN:
        config_man(stdout);
        break;
    case CONFIG_PRINT:
        config_print(config, stdout);
        break;
    case CONFIG_BAD:
        fprintf(stderr, "sowd: %s\n", error);
        *status = 2;
        return false;
    }
    *status = 0;
    return false;
}
