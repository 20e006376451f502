/* SPDX-License-Identifier: MIT */
/* sowd: configure, then serve until a signal says to stop. */
#include "healthcheck.h"
#include "process.h"
#include "serve.h"
#include "tool.h"

#include <string.h>

int main(int argc, char **argv)
{
    struct config config;
    int status;
    if (sow_init() != SOW_OK) {
        fputs("sowd: can't start the hash library\n", stderr);
        return 1;
    }
    if (tool_run(argv + 1, &status))
        return status;
    if (argc > 1 && strcmp(argv[1], "healthcheck") == 0)
        return healthcheck(argv + 2);
    if (!config_from_process(&config, argv + 1, &status))
        return status;
    log_set_level(config.log_level);
    log_set_format(config.log_format);
    process_prepare();
    config_log(&config);
    return serve(&config);
}
