/* SPDX-License-Identifier: MIT */
/*
 * What systemd, or who speaks as it does, and the daemon say to each other:
 * variables of the environment, a socket that is handed over, and datagrams.
 * Without the variables nothing happens.
 */
#ifndef SYSTEMD_H
#define SYSTEMD_H

#include "address.h"

#include <stdint.h>

/* What systemd_socket() returns when none was handed over. */
#define SYSTEMD_NONE (-2)

/*
 * The socket that was handed over (LISTEN_PID, LISTEN_FDS), not to block and
 * not to be inherited; 'bound' is set to where it listens.  SYSTEMD_NONE, or
 * -1 with errno when it isn't one that listens for TCP.
 */
int systemd_socket(struct address *bound);

/* Tell the service manager (NOTIFY_SOCKET), such as "READY=1". */
void systemd_notify(const char *state);

/* Tell it that the configuration is being read again, with the time. */
void systemd_notify_reloading(void);

/*
 * How often, in milliseconds, it wants to hear "WATCHDOG=1": half of the time
 * after which it takes the process for dead (WATCHDOG_USEC, WATCHDOG_PID).  0
 * for never.
 */
int systemd_watchdog(void);

#endif
