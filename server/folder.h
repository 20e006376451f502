/* SPDX-License-Identifier: MIT */
/*
 * Folders of files that are whole or not there, and stay: each file is written
 * under a name of its own, brought to the disk, and then given its place in
 * one step, so that whoever looks, and whatever is killed or cut off, sees the
 * old file or the new one.  Several processes, also on several hosts, may work
 * in one folder.
 *
 * A folder is a file descriptor.  No function follows a symbolic link below
 * it.  A function that fails returns false, -1 or NULL and sets errno.
 */
#ifndef FOLDER_H
#define FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Open the folder 'name' in 'folder'; close(2) it. */
int folder_open(int folder, const char *name);

/* The same, and make it if it isn't there, to stay. */
int folder_make(int folder, const char *name);

/* Bring the list of what is in a folder to the disk. */
bool folder_sync(int folder);

/*
 * Read a file, all of it, into memory that the caller frees.  A NUL that
 * 'size' doesn't count stands behind the bytes.
 */
char *folder_read(int folder, const char *name, size_t *size);

/* Room for the name of a file that has no place yet. */
#define FOLDER_ASIDE 40

/* Write a file aside, onto the disk; 'aside' is set to its name. */
bool folder_write(int folder, const void *bytes, size_t size,
                  char aside[FOLDER_ASIDE]);

/*
 * Give a file that was written aside its place, to stay.  folder_place()
 * replaces what is there; folder_place_new() fails with EEXIST then.  However
 * it ends, nothing remains aside.
 */
bool folder_place(int folder, const char *aside, const char *name);
bool folder_place_new(int folder, const char *aside, const char *name);

/*
 * Call 'visit' with each name in a folder but those that begin with a dot,
 * until it returns false.
 */
typedef bool folder_visit(void *argument, const char *name);
bool folder_each(int folder, folder_visit *visit, void *argument);

/*
 * Remove files that were written aside before 'before' and never placed: who
 * wrote them is dead.  Those that can't be removed remain.
 */
void folder_sweep(int folder, time_t before);

#endif
