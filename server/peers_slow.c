/* SPDX-License-Identifier: MIT */
/*
 * Slow connections, by what the kernel counts of each: so that neither the
 * HTTP library nor the threads that send have anything to do for it.
 */
#include "clock.h"
#include "peers.h"

#include <linux/tcp.h>
#include <string.h>
#include <sys/socket.h>

/* An answer may stand still for so many times as long as a request. */
#define ANSWER_PATIENCE 3

/* Bytes that came, that arrived at the client, and that wait to. */
struct traffic {
    uint64_t received, sent, waiting;
};

static bool look(int fd, struct traffic *traffic)
{
    struct tcp_info info;
    socklen_t size = sizeof info;
    memset(&info, 0, sizeof info);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
        return false;
    *traffic = (struct traffic){
        .received = info.tcpi_bytes_received,
        .sent = info.tcpi_bytes_acked,
        .waiting = (uint64_t)info.tcpi_notsent_bytes + info.tcpi_unacked,
    };
    return true;
}

/* Whether so little went on since 'sight' that it is slow. */
static bool is_slow(const struct peer_sight *sight, enum peer_phase phase,
                    const struct traffic *now, uint64_t enough)
{
    uint64_t received = now->received - sight->received;
    switch (phase) {
    case PEER_IDLE:
    case PEER_RECEIVING:
        return received > 0 && received < enough;
    case PEER_SENDING:
        return now->waiting > 0 && now->sent - sight->sent < enough;
    default:
        return false;
    }
}

/* Look at one that has been in the same phase for long enough, but once. */
static bool cut_if_slow(struct peer *peer, int64_t now, uint64_t rate,
                        unsigned seconds)
{
    enum peer_phase phase = atomic_load(&peer->phase);
    unsigned step = atomic_load(&peer->step);
    struct peer_sight *sight = &peer->sight;
    struct traffic traffic;
    bool seen = sight->at != 0 && sight->step == step;
    if (phase == PEER_SENDING)
        seconds *= ANSWER_PATIENCE;
    if (atomic_load(&peer->late) ||
        (seen && now - sight->at < seconds * CLOCK_SECOND))
        return false;
    if (!look(peer->fd, &traffic))
        return false;
    if (phase == PEER_IDLE || phase == PEER_RECEIVING)
        peer_tell_end(peer);
    bool slow = seen && is_slow(sight, phase, &traffic, rate * seconds);
    *sight = (struct peer_sight){now, step, traffic.received, traffic.sent};
    if (!slow || atomic_load(&peer->step) != step)
        return false;
    atomic_store(&peer->late, true);
    shutdown(peer->fd, SHUT_RDWR);
    return true;
}

size_t peers_cut_slow(struct peers *peers, uint64_t rate, unsigned seconds)
{
    int64_t now = clock_now();
    size_t count = 0;
    pthread_mutex_lock(&peers->lock);
    for (struct peer *peer = peers->first; peer != NULL; peer = peer->next)
        count += cut_if_slow(peer, now, rate, seconds);
    pthread_mutex_unlock(&peers->lock);
    return count;
}
