/* SPDX-License-Identifier: MIT */
/*
 * Two tokens and their lines in a list.  They stand for bytes 0 to 31 and for
 * 32 bytes 255; the hashes are what Python's hashlib says.
 */
#ifndef PASSES_H
#define PASSES_H

#define READER "sow_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define READER_HASH \
    "d9e5d93122186624d120ebbefc2c03e6117c9c90ec290ba4bc0a579cf1a647f4"
#define READER_LINE "trainer:read:" READER_HASH "\n"

#define WRITER "sow___________________________________________8"
#define WRITER_HASH \
    "93d640dcaa72ce0bb64551d47db7a8d8bdf6d2c131b2507fa3aa58ccd630abeb"
#define WRITER_LINE "release-job:write:" WRITER_HASH "\n"

/* A header line with a token. */
#define WITH(token) "Authorization: Bearer " token "\n"

#endif
