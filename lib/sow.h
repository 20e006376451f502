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
 *     struct sow_spec spec = { .seed = 42, .scheme = …, .shape = … };
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
 * The bits are promised: the same for every engine, every build and every
 * later version of the same generator.  What a generator gives is written
 * down in lib/generators/, one document a generator.
 */
#ifndef SOW_H
#define SOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOW_VERSION "0.1.0"

#define SOW_DIGEST_BYTES 32  /* of a BLAKE2b-256 or a SHA-256 */
#define SOW_MAX_RANK 8       /* dimensions; a scalar has 0 */
#define SOW_MAX_NAME 256     /* bytes of UTF-8 in a tensor's name */
#define SOW_MAX_PARAMETERS 4 /* of a scheme */

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
 * Schemes
 */

enum sow_parameter_kind {
    SOW_NUMBER, /* a finite double */
    SOW_COUNT,  /* a whole number from 1 to 2^53 */
    SOW_CHOICE, /* one of 'choices'; the value is its index */
};

/*
 * One parameter of a scheme.  'value' is the default; a parameter that is
 * 'required' has none.  'choices' ends with NULL.  'role' is what the scheme's
 * rule knows it by (lib/schemes/schemes.h), since each library has its own
 * names.
 */
struct sow_parameter {
    const char *name;
    int role;
    enum sow_parameter_kind kind;
    double value;
    bool required;
    const char *const *choices;
    const char *help;
};

/*
 * A row of the catalogue.  'alias' is a second name or NULL.  'library' is
 * "torch", "jax" or "keras" for a function of that library, which then also
 * fixes the layout, and NULL for the general schemes.  'fans' says that the
 * values depend on the fans.  'formula' and 'source' are for people.
 */
struct sow_scheme_info {
    const char *name;
    const char *alias;
    const char *library;
    enum sow_layout layout;
    bool fans;
    const struct sow_parameter *parameters;
    uint32_t parameter_count;
    const char *summary;
    const char *formula;
    const char *source;
    const struct sow_rule *rule;
};

/* A scheme with the values of its parameters, in the order of its row. */
struct sow_scheme {
    const struct sow_scheme_info *info;
    double values[SOW_MAX_PARAMETERS];
};

/* The catalogue's row 'i', or NULL past the last. */
const struct sow_scheme_info *sow_scheme_at(size_t i);

/* Find a row by name or alias; NULL when there is none. */
const struct sow_scheme_info *sow_scheme_find(const char *name);

/* Set 'scheme' to the row with every parameter at its default. */
void sow_scheme_init(struct sow_scheme *scheme,
                     const struct sow_scheme_info *info);

/* The index of the parameter called 'name', or -1 when there is none. */
int sow_scheme_parameter(const struct sow_scheme_info *info, const char *name);

/* ------------------------------------------------------------------------
 * Tensors
 */

/*
 * What a tensor should be.  'name' is borrowed: it must outlive the tensor.
 * It has at most SOW_MAX_NAME bytes; the caller has checked that it is UTF-8.
 * 'axes' is read when 'layout' is SOW_EXPLICIT only.  A scheme of a library
 * brings that library's layout, whatever 'layout' says, but JAX's and Keras's
 * can be given axes.
 */
struct sow_spec {
    const char *name;
    uint64_t seed;
    struct sow_shape shape;
    enum sow_dtype dtype;
    enum sow_layout layout;
    struct sow_axes axes;
    struct sow_scheme scheme;
};

/* The law of a tensor's values; for lib/, callers read 'sow_tensor.std'. */
enum sow_law_kind {
    SOW_LAW_CONSTANT,
    SOW_LAW_UNIFORM,
    SOW_LAW_NORMAL,
    SOW_LAW_TRUNCATED_NORMAL,
    SOW_LAW_PATTERN,
};

struct sow_law {
    enum sow_law_kind kind;
    union {
        double value;
        struct {
            double low, high;
        } uniform;
        /* A truncated one's bounds, and the ranks of the words within. */
        struct {
            double mean, std, low, high;
            uint64_t first, count;
        } normal;
        /*
         * 'value' stands once in each row whose number modulo 'period' is
         * below 'limit', at that remainder * 'step' + 'centre'; all else is
         * zero.  A row is 'row' elements.
         */
        struct {
            double value;
            uint64_t row, period, limit, step, centre;
        } pattern;
    };
};

/* The words of a tensor: Philox4x32-10 with this key and high counter. */
struct sow_stream {
    uint32_t key[2];
    uint32_t high[2];
};

/*
 * A checked and resolved tensor: plain data, to be copied freely.
 * 'spec' is as given, but 'layout' and 'axes' are the ones in force.
 * 'elements' and 'size' are at most 2^63 - 1.  'has_fans' is false for a
 * tensor that no fan rule fits (rank below 2, but in keras); the fans are 0
 * then.  'std' is the exact standard deviation of the law, NaN for a pattern.
 */
struct sow_tensor {
    struct sow_spec spec;
    uint64_t elements;
    uint64_t size;
    bool has_fans;
    uint64_t fan_in, fan_out;
    double std;
    struct sow_law law;
    struct sow_stream stream;
};

/*
 * Check 'spec' and resolve it into 'tensor'.  Returns SOW_BAD_SHAPE,
 * SOW_BAD_AXES, SOW_BAD_PARAMETER or SOW_BAD_SCHEME with 'error' filled and
 * 'tensor' untouched.
 */
SOW_MUST_CHECK enum sow_status sow_tensor_init(struct sow_tensor *tensor,
                                               const struct sow_spec *spec,
                                               struct sow_error *error);

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
 * Write bytes [pos, pos + n) of 'tensor' to 'buf'.  Works like pread(2): the
 * result depends on the position asked for and on nothing else.  'buf' need
 * not be aligned.  Returns SOW_BAD_RANGE, with 'buf' untouched, when the
 * range does not lie inside the tensor.
 */
SOW_MUST_CHECK enum sow_status sow_tensor_read(const struct sow_engine *engine,
                                               const struct sow_tensor *tensor,
                                               uint64_t pos, void *buf,
                                               size_t n);

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
 * 'sha256'; either may be NULL.  It takes about a second per GiB for BLAKE2b,
 * several for SHA-256, and reads 64 KiB at a time; between two reads it calls
 * 'stop(argument)', if given, and returns SOW_STOPPED, the digests untouched,
 * when that is true.
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
