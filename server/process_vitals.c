/* SPDX-License-Identifier: MIT */
/* The process as /proc shows it. */
#include "process.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Read the beginning of a file of /proc; false when that is not there. */
static bool read_text(const char *path, char *text, size_t room)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    size_t n = fread(text, 1, room - 1, file);
    fclose(file);
    text[n] = '\0';
    return n > 0;
}

/* Read a number; NULL, or what follows it. */
static const char *read_number(const char *text, double *number)
{
    char *rest;
    if (text == NULL)
        return NULL;
    *number = strtod(text, &rest);
    return rest == text ? NULL : rest;
}

static void read_memory(struct api_vitals *vitals)
{
    char text[128];
    double pages, resident, page = (double)sysconf(_SC_PAGESIZE);
    if (!read_text("/proc/self/statm", text, sizeof text) ||
        read_number(read_number(text, &pages), &resident) == NULL)
        return;
    vitals->virtual_bytes = pages * page;
    vitals->resident_bytes = resident * page;
}

/* Seconds since 1970 at which the machine started, or -1. */
static double boot_time(void)
{
    char text[8192];
    double seconds;
    if (!read_text("/proc/stat", text, sizeof text))
        return -1;
    static const char name[] = "\nbtime ";
    const char *line = strstr(text, name);
    return line != NULL && read_number(line + sizeof name - 1, &seconds) != NULL
               ? seconds
               : -1;
}

/* Field 22 counts ticks since then; the name before may hold anything. */
static void read_start(struct api_vitals *vitals)
{
    char text[1024];
    double ticks, boot = boot_time();
    if (boot < 0 || !read_text("/proc/self/stat", text, sizeof text))
        return;
    const char *field = strrchr(text, ')');
    for (int i = 2; field != NULL && i < 22; i++)
        field = strchr(field + 1, ' ');
    if (read_number(field, &ticks) != NULL)
        vitals->start = boot + ticks / (double)sysconf(_SC_CLK_TCK);
}

/* The one that reads the list doesn't count. */
static void count_descriptors(struct api_vitals *vitals)
{
    DIR *list = opendir("/proc/self/fd");
    if (list == NULL)
        return;
    vitals->descriptors = -1;
    for (struct dirent *entry; (entry = readdir(list)) != NULL;)
        vitals->descriptors += entry->d_name[0] != '.';
    closedir(list);
}

static double seconds_of(const struct timeval *time)
{
    return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

void process_vitals(struct api_vitals *vitals)
{
    struct rusage usage;
    struct rlimit files;
    *vitals = (struct api_vitals){.cpu = -1,
                                  .start = -1,
                                  .resident_bytes = -1,
                                  .virtual_bytes = -1,
                                  .descriptors = -1,
                                  .most_descriptors = -1};
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        vitals->cpu = seconds_of(&usage.ru_utime) + seconds_of(&usage.ru_stime);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0)
        vitals->most_descriptors = (double)files.rlim_cur;
    read_memory(vitals);
    read_start(vitals);
    count_descriptors(vitals);
}
