/* SPDX-License-Identifier: MIT */
/*
 * sow: neural-network weights as pure functions of (generator, seed, tensor
 * name, scheme, position).
 *
 * Model.  A 'sow_spec' says what a tensor should be.  sow_tensor_init() checks
 * it and resolves it into a 'sow_tensor': sizes, fans, the law of its values
 * and the key of its random stream.  sow_tensor_read() then writes any byte
 * range of it, in the manner of pread(2): there is no generator object, no
 * state, no lock and nothing to release.
 *
 *     struct sow_spec spec = {
 *         .seed = 42, .scheme = …, .shape = …, .multiplier = 1};
 *     struct sow_tensor t;
 *     struct sow_error error;
 *     if (sow_tensor_init(&t, &spec, &error) != SOW_OK) …error.text…
 *     sow_tensor_read(engine, &t, 0, buf, t.size);
 *
 * Conventions.  Every function that can fail returns an 'enum sow_status'; 0
 * is success; results go through out-parameters, which are untouched on
 * failure.  A pointer in a struct is borrowed.  Nothing here allocates, logs
 * or keeps mutable globals; every function may be called from any thread.
 * Sizes and positions are in bytes, counts in elements, unless said otherwise.
 *
 * The catalogue of schemes is in catalogue.h, which this includes.
 *
 * The bits are promised: the same for every engine, every build and every
 * later version of the same generator.  What a generator gives is written
 * down in lib/generators/, one document a generator.
 */
#ifndef SOW_H
#define SOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "law.h"

#define SOW_VERSION "0.1.0"

#define SOW_DIGEST_BYTES 32 /* of a BLAKE2b-256 or a SHA-256 */
#define SOW_MAX_RANK 8      /* dimensions; a scalar has 0 */
#define SOW_MAX_NAME 256    /* bytes of UTF-8 in a tensor's name */

#define SOW_MUST_CHECK __attribute__((warn_unused_result))

/* ------------------------------------------------------------------------
 * Status and errors
 */

enum sow_status {
    SOW_OK = 0,
    SOW_BAD_SHAPE,     /* too many dimensions, or a size past 2^63 - 1 */
    SOW_BAD_AXES,      /* an axis out of range, or used twice */
    SOW_BAD_PARAMETER, /* a scheme's parameter is out of its range */
    SOW_BAD_SCHEME,    /* the scheme can't give a tensor of this shape */
    SOW_BAD_RANGE,     /* bytes outside the tensor or the body */
    SOW_BAD_SLICE,     /* a slice outside the tensor, or one that ends early */
    SOW_NEEDS_WHOLE,   /* the tensor's whole has not been made */
    SOW_NO_ENGINE,     /* no such engine, or this CPU can't run it */
    SOW_STOPPED,       /* the caller asked to stop */
    SOW_NO_LIBRARY,    /* the hash library failed to start */
};

/*
 * Why something was refused, for a person.  'at' names the field of
 * 'sow_spec' or the scheme's parameter; 'text' is one sentence that says what
 * is wrong and what would be right.  Owned by the caller; filled on failure
 * only.
 */
struct sow_error {
    enum sow_status status;
    char at[32];
    char text[224];
};

/* A constant English name for 'status', such as "bad shape". */
const char *sow_status_name(enum sow_status status);

/*
 * Start the hash library.  Call once, before anything else, from one thread.
 * Calling again does no harm.  Returns SOW_NO_LIBRARY when it can't.
 */
SOW_MUST_CHECK enum sow_status sow_init(void);

/* ------------------------------------------------------------------------
 * Element types
 */

enum sow_dtype {
    SOW_FLOAT32,
    SOW_FLOAT64,
    SOW_FLOAT16,
    SOW_BFLOAT16,
    SOW_FLOAT8_E4M3FN,
    SOW_FLOAT8_E5M2,
};

#define SOW_DTYPES 6

/* Bytes of one element: 4, 8, 2, 2, 1, 1. */
size_t sow_dtype_size(enum sow_dtype dtype);

/* The name as NumPy and PyTorch write it, such as "float32". */
const char *sow_dtype_name(enum sow_dtype dtype);

/*
 * Find a type by its name or its short form ("f32", "f64", "f16", "bf16",
 * "f8_e4m3fn", "f8_e5m2").  Returns false, 'dtype' untouched, when there is
 * none.
 */
SOW_MUST_CHECK bool sow_dtype_find(const char *name, enum sow_dtype *dtype);

/*
 * Round 'n' float32 to 'dtype', to nearest even, overflowing as PyTorch's
 * cast does: to infinity in float16, bfloat16 and float8_e5m2, to the largest
 * number, 448, in float8_e4m3fn.  float64 is exact.  'out' need not be
 * aligned.
 */
void sow_narrow(enum sow_dtype dtype, const float *in, void *out, size_t n);

/* The other way, exactly; 'in' need not be aligned. */
void sow_widen(enum sow_dtype dtype, const void *in, double *out, size_t n);

/* ------------------------------------------------------------------------
 * Shapes and fans
 */

/* Row-major dimensions; any may be 0.  Entries past 'rank' are not read. */
struct sow_shape {
    uint32_t rank;
    uint64_t dims[SOW_MAX_RANK];
};

/*
 * Which axes are fan-in, fan-out and batch axes: bit i stands for axis i.
 * The other axes are the receptive field.  fan_in is the product of the axes
 * that are neither out nor batch axes, fan_out of those that are neither in
 * nor batch axes, as in jax.nn.initializers.variance_scaling; an axis may be
 * an in and an out axis at once (Flax's Embed).
 */
struct sow_axes {
    uint8_t in, out, batch;
};

/*
 * Whose rule says which axes those are when the caller does not:
 *   torch  in = axis 1, out = axis 0   (out, in, kernel…)
 *   jax    in = axis -2, out = axis -1 (kernel…, in, out)
 *   keras  as jax; also rank 1 (both fans the length) and rank 0 (both 1),
 *          and no fan is below 1
 */
enum sow_layout { SOW_TORCH, SOW_JAX, SOW_KERAS, SOW_EXPLICIT };

/* "torch", "jax", "keras", "explicit". */
const char *sow_layout_name(enum sow_layout layout);

/* Find one of the first three by name. */
SOW_MUST_CHECK bool sow_layout_find(const char *name, enum sow_layout *layout);

/* ------------------------------------------------------------------------
 * Tensors, of the schemes in catalogue.h, by the generators in generator.h
 */

#include "catalogue.h"
#include "generator.h"

/*
 * What a tensor should be.  'name' is borrowed: it must outlive the tensor.
 * It has at most SOW_MAX_NAME bytes; the caller has checked that it is UTF-8.
 * 'axes' is read when 'layout' is SOW_EXPLICIT only.  A scheme of a library
 * brings that library's layout, whatever 'layout' says, but JAX's and Keras's
 * can be given axes.  Every element is times 'multiplier', which is finite and
 * not negative; 1 leaves them as they are.  'origin' is where a library's
 * generator begins (generator.h); all 0, it is sow1, and the seed counts.
 */
struct sow_spec {
    const char *name;
    uint64_t seed;
    struct sow_origin origin;
    struct sow_shape shape;
    enum sow_dtype dtype;
    enum sow_layout layout;
    struct sow_axes axes;
    struct sow_scheme scheme;
    double multiplier;
};

/*
 * What a tensor takes from data, if its scheme does: 'numbers', as many as its
 * scheme says (lib/schemes/data.c), or NULL as long as they aren't known.
 * 'digest' names all that they follow from; only recipes look at it.
 */
struct sow_data {
    uint8_t digest[SOW_DIGEST_BYTES];
    const double *numbers;
};

/*
 * A checked and resolved tensor: plain data, to be copied freely.
 * 'spec' is as given, but 'layout' and 'axes' are the ones in force.
 * 'elements' is how many the whole tensor has.  What is read of it is the
 * slice of 'shape' that begins at 'start' in each dimension, of 'size' bytes;
 * all of it, unless sow_tensor_cut() was called.
 * 'elements' and 'size' are at most 2^63 - 1.  'has_fans' is false for a
 * tensor that no fan rule fits (rank below 2, but in keras); the fans are 0
 * then.  'std' is the exact standard deviation of the values, NaN where they
 * are not drawn from one law.  'whole' is NULL, or borrowed: what
 * sow_tensor_make_whole() has made.  So is 'data'; without its numbers the
 * tensor is one that no data have changed.
 */
struct sow_tensor {
    struct sow_spec spec;
    uint64_t elements;
    struct sow_shape shape;
    uint64_t start[SOW_MAX_RANK];
    uint64_t size;
    bool has_fans;
    uint64_t fan_in, fan_out;
    double std;
    struct sow_law law;
    struct sow_stream stream;
    const double *whole;
    const struct sow_data *data;
};

/*
 * Check 'spec' and resolve it into 'tensor'.  Returns SOW_BAD_SHAPE,
 * SOW_BAD_AXES, SOW_BAD_PARAMETER or SOW_BAD_SCHEME with 'error' filled and
 * 'tensor' untouched.
 */
SOW_MUST_CHECK enum sow_status sow_tensor_init(struct sow_tensor *tensor,
                                               const struct sow_spec *spec,
                                               struct sow_error *error);

/*
 * A tensor after which nobody knows, before it is drawn, how far its generator
 * has got; the origins of those that come later point at it.  'chain' names
 * the sequence up to its end.
 */
struct sow_turn {
    struct sow_tensor tensor;
    uint8_t chain[SOW_DIGEST_BYTES];
};

/* Set 'turn' from a tensor that sow_tensor_is_turn(). */
void sow_turn_init(struct sow_turn *turn, const struct sow_tensor *tensor);

/* The indices [start[i], stop[i]) of each dimension i; it may be empty. */
struct sow_slice {
    uint64_t start[SOW_MAX_RANK];
    uint64_t stop[SOW_MAX_RANK];
};

/*
 * Let what is read of 'tensor' be this slice of the whole tensor, row-major,
 * whatever slice it was before.  Nothing else changes: fans, law and values
 * are those of the whole, and but for what needs a whole the slice alone is
 * computed.  Returns SOW_BAD_SLICE, with 'error' filled and 'tensor'
 * untouched, when it does not lie inside the tensor.
 */
SOW_MUST_CHECK enum sow_status sow_tensor_cut(struct sow_tensor *tensor,
                                              const struct sow_slice *slice,
                                              struct sow_error *error);

/* Is less read of 'tensor' than the whole? */
bool sow_tensor_is_cut(const struct sow_tensor *tensor);

/* ------------------------------------------------------------------------
 * Engines
 */

/* One implementation of the kernels.  All give the same bits. */
struct sow_engine;

/*
 * The engine called 'name', or with NULL the fastest that this CPU runs.
 * Returns SOW_NO_ENGINE when there is none of that name or the CPU lacks what
 * it needs.  Engines are constants: nothing to free.
 */
SOW_MUST_CHECK enum sow_status
sow_engine_choose(const char *name, const struct sow_engine **engine);

/* The name of an engine, such as "avx2". */
const char *sow_engine_name(const struct sow_engine *engine);

/* The name of built-in engine 'i', fastest first, or NULL past the last. */
const char *sow_engine_at(size_t i);

/*
 * Write bytes [pos, pos + n) of 'tensor', or of its slice, to 'buf'.  Works
 * like pread(2): the result depends on the position asked for and on nothing
 * else.  'buf' need not be aligned.  Returns SOW_BAD_RANGE, with 'buf'
 * untouched, when the range does not lie inside the tensor, and SOW_NEEDS_WHOLE
 * when the tensor needs a whole and has none.
 */
SOW_MUST_CHECK enum sow_status sow_tensor_read(const struct sow_engine *engine,
                                               const struct sow_tensor *tensor,
                                               uint64_t pos, void *buf,
                                               size_t n);

/* ------------------------------------------------------------------------
 * Wholes: what must be made before the first element
 */

/*
 * What the tensor needs: all 0 for most.  An orthogonal matrix has to be made
 * as a whole, of 'doubles' numbers, at the cost of 'flops' additions and
 * multiplications.  The work is in 'units' parts, which may be done in any
 * order and side by side, each with 'scratch' bytes of its own.  Of a sequence
 * 'before' is what the turns before the tensor cost together, which have to be
 * drawn, too, unless it is remembered where they end.
 */
struct sow_need {
    uint64_t doubles;
    size_t scratch;
    uint32_t units;
    double flops;
    double before;
};

struct sow_need sow_tensor_need(const struct sow_tensor *tensor);

/*
 * Make unit 'unit' of the whole in 'whole', 'need.doubles' numbers that are 0
 * before the first unit is made, aligned to 64 bytes as 'scratch' is.  Now
 * and then, some milliseconds apart, it asks 'stop(argument)', if given, and
 * returns SOW_STOPPED when that is true; the unit may then be made again from
 * its start.  When all units are made 'tensor->whole' may be set to 'whole'.
 * The bits are the same whatever the number of threads.
 */
SOW_MUST_CHECK enum sow_status
sow_tensor_make_whole(const struct sow_engine *engine,
                      const struct sow_tensor *tensor, uint32_t unit,
                      double *whole, void *scratch,
                      bool (*stop)(void *argument), void *argument);

/* ------------------------------------------------------------------------
 * Bodies: literal bytes and tensors, read as one
 */

/*
 * A piece of a body: a tensor, or when 'tensor' is NULL 'size' literal bytes.
 * 'start' is where it begins; sow_body_init() sets it.
 */
struct sow_segment {
    uint64_t start;
    uint64_t size;
    const struct sow_tensor *tensor;
    const void *bytes;
};

/* Segments in order; the array is the caller's. */
struct sow_body {
    struct sow_segment *segments;
    size_t count;
    uint64_t size;
};

/*
 * Lay out 'count' segments one after another, and set 'body' to them.  Only
 * 'tensor', or 'bytes' and 'size', need be filled in.  Returns SOW_BAD_SHAPE
 * when the sum passes 2^63 - 1.
 */
SOW_MUST_CHECK enum sow_status sow_body_init(struct sow_body *body,
                                             struct sow_segment *segments,
                                             size_t count);

/* sow_tensor_read() for a body, with the same contract. */
SOW_MUST_CHECK enum sow_status sow_body_read(const struct sow_engine *engine,
                                             const struct sow_body *body,
                                             uint64_t pos, void *buf, size_t n);

/* ------------------------------------------------------------------------
 * Digests
 */

/* The BLAKE2b-256 of 'n' bytes. */
void sow_digest(const void *bytes, size_t n, uint8_t digest[SOW_DIGEST_BYTES]);

/*
 * The digests of a whole body: BLAKE2b-256 into 'blake2b' and SHA-256 into
 * 'sha256'; either may be NULL.  It takes a second or two per GiB for each, and
 * reads 64 KiB at a time; between two reads it calls 'stop(argument)', if
 * given, and returns SOW_STOPPED, the digests untouched, when that is true.
 */
SOW_MUST_CHECK enum sow_status
sow_body_digests(const struct sow_engine *engine, const struct sow_body *body,
                 bool (*stop)(void *argument), void *argument,
                 uint8_t blake2b[SOW_DIGEST_BYTES],
                 uint8_t sha256[SOW_DIGEST_BYTES]);

/* Lower-case hex of a digest, with a final NUL. */
void sow_digest_hex(const uint8_t digest[SOW_DIGEST_BYTES],
                    char hex[2 * SOW_DIGEST_BYTES + 1]);

#endif
