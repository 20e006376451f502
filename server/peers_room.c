/* SPDX-License-Identifier: MIT */
/*
 * Connections beyond those that there may be.  They are let in as far as to
 * be told so, or to ask how the server is, and don't stay.
 */
#include "clock.h"
#include "peers.h"

#include <sys/socket.h>

/* How long one may be silent: its client speaks first, perhaps by TLS. */
#define PATIENCE (3 * CLOCK_SECOND)

/* Under the lock. */
static void admit_if_room(struct peers *peers, struct peer *peer)
{
    if (peers->count - peers->extra >= peers->limit)
        return;
    atomic_store(&peer->extra, false);
    peers->extra--;
}

bool peers_admit(struct peers *peers, struct peer *peer)
{
    if (!atomic_load(&peer->extra))
        return true;
    pthread_mutex_lock(&peers->lock);
    if (atomic_load(&peer->extra))
        admit_if_room(peers, peer);
    bool admitted = !atomic_load(&peer->extra);
    pthread_mutex_unlock(&peers->lock);
    return admitted;
}

/*
 * Cut off one that has had its time, once, for it may be some time before its
 * thread hears of that; whether it had been told nothing.
 */
static bool cut_if_late(struct peer *peer, int64_t now)
{
    enum peer_phase phase = atomic_load(&peer->phase);
    if (atomic_load(&peer->late) || now - peer->opened < PATIENCE)
        return false;
    atomic_store(&peer->late, true);
    shutdown(peer->fd, SHUT_RDWR);
    return phase == PEER_IDLE || phase == PEER_RECEIVING;
}

size_t peers_cut_extra(struct peers *peers)
{
    int64_t now = clock_now();
    size_t count = 0;
    pthread_mutex_lock(&peers->lock);
    struct peer *peer = peers->extra > 0 ? peers->first : NULL;
    for (; peer != NULL; peer = peer->next) {
        if (!atomic_load(&peer->extra))
            continue;
        admit_if_room(peers, peer);
        if (atomic_load(&peer->extra))
            count += cut_if_late(peer, now);
    }
    pthread_mutex_unlock(&peers->lock);
    return count;
}
