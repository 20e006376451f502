/* SPDX-License-Identifier: MIT */
/* The option table as people read it. */
#include "config.h"

#include "option.h"

void config_help(FILE *out)
{
    const struct option *option;
    fputs("Usage: sowd [OPTION]...\n"
          "       sowd healthcheck [/readyz] [OPTION]...\n"
          "       sowd token new NAME [--scope read|write]\n"
          "       sowd key new\n\n"
          "Serve neural-network weights over HTTP.  Each option is also a\n"
          "variable: --max-layers 9 is SOW_MAX_LAYERS=9; the flag wins.\n"
          "healthcheck asks the server at --listen and exits 0 or 1.\n\n",
          out);
    for (size_t i = 0; (option = option_at(i)) != NULL; i++) {
        const char *placeholder = option->kind->placeholder;
        int n = fprintf(out, "  %s %s", option->flag,
                        placeholder == NULL ? "" : placeholder);
        fprintf(out, "%*s%s", n < 34 ? 34 - n : 1, "", option->help);
        fprintf(out, option->value == NULL ? "\n" : " (%s)\n", option->value);
    }
}

void config_print(const struct config *config, FILE *out)
{
    const struct option *option;
    for (size_t i = 0; (option = option_at(i)) != NULL; i++) {
        const struct config_choice *choice = &config->choices[i];
        if (option->variable == NULL)
            continue;
        fprintf(out, "# %s (%s)\n", option->help,
                choice->source == NULL ? "default" : choice->source);
        fprintf(out, "%s%s=%s\n", choice->text == NULL ? "#" : "",
                option->variable, choice->text == NULL ? "" : choice->text);
    }
}

void config_log(const struct config *config)
{
    const struct option *option;
    for (size_t i = 0; (option = option_at(i)) != NULL; i++) {
        const struct config_choice *choice = &config->choices[i];
        if (choice->source != NULL)
            log_line(LEVEL_INFO, "%s %s (from %s)", option->flag, choice->text,
                     choice->source);
        else if (choice->text != NULL)
            log_line(LEVEL_DEBUG, "%s %s (default)", option->flag,
                     choice->text);
    }
}
