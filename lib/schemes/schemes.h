/* SPDX-License-Identifier: MIT */
/*
 * What a family of schemes provides; for lib/ only.
 *
 * The catalogue is data: a row names its parameters and a rule, and a rule is
 * a function with a few constants.  The function asks for a parameter by its
 * role, so one function serves every library's names and defaults.  Adding a
 * scheme is a row in the file of the library it belongs to, and a function
 * here only if its maths is new.  A family whose maths no library shares keeps
 * its rows and its functions in one file, and asks by a parameter's index.
 */
#ifndef SCHEMES_H
#define SCHEMES_H

#include "sow.h"
#include "count.h"

enum sow_role {
    SOW_VALUE,
    SOW_LOW,
    SOW_HIGH,
    SOW_MEAN,
    SOW_STD,
    SOW_SCALE,
    SOW_GAIN,
    SOW_MODE,
    SOW_DISTRIBUTION,
    SOW_SLOPE,
    SOW_NONLINEARITY,
    SOW_GROUPS,
};

/* Which fan divides the scale; the order of every 'mode' parameter. */
enum sow_mode { SOW_FAN_IN, SOW_FAN_OUT, SOW_FAN_AVG, SOW_FAN_GEO_AVG };

/* The order of every 'distribution' parameter. */
enum sow_distribution {
    SOW_SCALED_TRUNCATED, /* at 2 std, corrected to keep the variance */
    SOW_SCALED_NORMAL,    /* untruncated */
    SOW_SCALED_UNIFORM,
    SOW_SCALED_KERAS_NORMAL, /* Keras calls the truncated one so, too */
};

/* The order of every 'nonlinearity' parameter. */
enum sow_nonlinearity {
    SOW_LEAKY_RELU,
    SOW_RELU,
    SOW_LINEAR,
    SOW_SIGMOID,
    SOW_TANH,
    SOW_SELU,
};

/*
 * How a row sets its law.  The constants stand in for parameters that the
 * row's function doesn't take.
 */
struct sow_rule {
    /*
     * Set the law of 'tensor', which is otherwise complete, from its scheme.
     * Returns SOW_BAD_PARAMETER or SOW_BAD_SCHEME with 'error' filled when
     * the parameters make no sense together or don't fit the shape.
     */
    enum sow_status (*resolve)(const struct sow_rule *rule,
                               struct sow_tensor *tensor,
                               struct sow_error *error);
    double value;
    enum sow_mode mode;
    enum sow_distribution distribution;
    bool absolute_bounds;
};

/*
 * The value of the parameter in 'role', or 'otherwise' when the scheme has
 * none.
 */
double sow_role_value(const struct sow_tensor *tensor, enum sow_role role,
                      double otherwise);

/*
 * The name that the tensor's scheme has for the parameter in 'role', for an
 * error; "scheme" when it has none.
 */
const char *sow_role_name(const struct sow_tensor *tensor, enum sow_role role);

/* One library's rows. */
struct sow_catalogue {
    const struct sow_scheme_info *rows;
    size_t count;
};

extern const struct sow_catalogue sow_plain_schemes;
extern const struct sow_catalogue sow_gain_schemes;
extern const struct sow_catalogue sow_critical_schemes;
extern const struct sow_catalogue sow_sign_schemes;
extern const struct sow_catalogue sow_convention_schemes;
extern const struct sow_catalogue sow_transformer_schemes;
extern const struct sow_catalogue sow_vision_schemes;
extern const struct sow_catalogue sow_basis_schemes;
extern const struct sow_catalogue sow_mirrored_schemes;
extern const struct sow_catalogue sow_recurrent_schemes;
extern const struct sow_catalogue sow_state_schemes;
extern const struct sow_catalogue sow_position_schemes;
extern const struct sow_catalogue sow_lru_schemes;
extern const struct sow_catalogue sow_mamba_schemes;
extern const struct sow_catalogue sow_classical_schemes;
extern const struct sow_catalogue sow_image_schemes;
extern const struct sow_catalogue sow_sparse_schemes;
extern const struct sow_catalogue sow_orthogonal_schemes;
extern const struct sow_catalogue sow_delta_schemes;
extern const struct sow_catalogue sow_convolution_schemes;
extern const struct sow_catalogue sow_norm_schemes;
extern const struct sow_catalogue sow_data_schemes;
extern const struct sow_catalogue sow_kalman_schemes;
extern const struct sow_catalogue sow_torch_schemes;
extern const struct sow_catalogue sow_jax_schemes;
extern const struct sow_catalogue sow_keras_schemes;
extern const struct sow_catalogue sow_timm_schemes;
extern const struct sow_catalogue sow_haiku_schemes;
extern const struct sow_catalogue sow_numpy_schemes;

/* For a row's initializer: other names. */
#define SOW_NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

/* For a row's initializer: an array and how many it has. */
#define SOW_PARAMETERS(array) \
    .parameters = (array), .parameter_count = COUNT(array)

/* Choices that more than one library has, in the order of the enums above. */
extern const char *const sow_modes_in_out[];
extern const char *const sow_modes_in_out_avg[];
extern const char *const sow_modes_all[];
extern const char *const sow_distributions[];
extern const char *const sow_nonlinearities[];

/* ------------------------------------------------------------------------
 * elementwise.c: laws that are their parameters
 */

extern const struct sow_rule sow_rule_constant; /* VALUE, or 0 */
extern const struct sow_rule sow_rule_ones;
extern const struct sow_rule sow_rule_uniform; /* from LOW, or 0, to HIGH */
extern const struct sow_rule sow_rule_normal;  /* MEAN, or 0, and STD */

/*
 * MEAN, or 0, and STD, between LOW, or -2, and HIGH, or 2: in units of STD
 * around the mean; or absolute, as they stand.
 */
extern const struct sow_rule sow_rule_truncated;
extern const struct sow_rule sow_rule_truncated_absolute;

/*
 * For rules of other files: set the law to one value, to U[-bound, bound) and
 * to N(0, std^2).
 */
void sow_law_constant(struct sow_tensor *tensor, double value);
void sow_law_uniform(struct sow_tensor *tensor, double bound);
void sow_law_normal(struct sow_tensor *tensor, double std);

/*
 * Set a normal law around 0, truncated at 'bound' times 'std', 2 or 3.  It
 * does not fail but where lib/generators/sow1.md has it refused, and these
 * bounds are not.
 */
enum sow_status sow_law_truncate(struct sow_tensor *tensor, double std,
                                 double bound, struct sow_error *error);

/* ------------------------------------------------------------------------
 * scaling.c: the variance is a scale over a fan
 */

/* value / fan; 0 for a fan of 0, which only an empty tensor has. */
double sow_over_fan(double value, double fan);

/*
 * For rules of other files: set a law of mean 0 and the variance scale / fan,
 * by MODE and DISTRIBUTION, or the rule's.  Returns SOW_BAD_PARAMETER when
 * the variance is no number.
 */
enum sow_status sow_law_scale(const struct sow_rule *rule,
                              struct sow_tensor *tensor, double scale,
                              struct sow_error *error);

/* SCALE, or GAIN squared, or 1; MODE and DISTRIBUTION. */
extern const struct sow_rule sow_rule_scaling;

/* The same with the mode and distribution, or all, fixed; GAIN if given. */
extern const struct sow_rule sow_rule_xavier_uniform;
extern const struct sow_rule sow_rule_xavier_normal;
extern const struct sow_rule sow_rule_glorot_truncated;
extern const struct sow_rule sow_rule_lecun_uniform;
extern const struct sow_rule sow_rule_lecun_normal;
extern const struct sow_rule sow_rule_lecun_truncated;
extern const struct sow_rule sow_rule_he_uniform;
extern const struct sow_rule sow_rule_he_truncated;
extern const struct sow_rule sow_rule_he_normal_out;
extern const struct sow_rule sow_rule_embed_normal; /* 1, fan_out, normal */
extern const struct sow_rule sow_rule_torch_linear;

/* The scale is the squared gain of NONLINEARITY with negative SLOPE; MODE. */
extern const struct sow_rule sow_rule_kaiming_uniform;
extern const struct sow_rule sow_rule_kaiming_normal;

/* ------------------------------------------------------------------------
 * pattern.c: one value in fixed places, zero elsewhere
 */

/* Two dimensions: GAIN, or 1, on the diagonal. */
extern const struct sow_rule sow_rule_eye;

/* Three to five dimensions: the identity convolution of each of GROUPS. */
extern const struct sow_rule sow_rule_dirac;

/* ------------------------------------------------------------------------
 * Families with rows of a library's: they ask by a parameter's index
 */

extern const struct sow_rule sow_rule_identity; /* basis.c: gain */
extern const struct sow_rule sow_rule_sparse;   /* sparse.c: sparsity, std */

/* orthogonal.c: GAIN, or 1; delta.c: the same, for kernels. */
extern const struct sow_rule sow_rule_orthogonal;
extern const struct sow_rule sow_rule_delta_orthogonal;

/* stft.c: side, window, scaling and periodic; its choices. */
extern const struct sow_rule sow_rule_stft;
extern const char *const sow_stft_sides[];
extern const char *const sow_stft_windows[];
extern const char *const sow_stft_scalings[];

/* ------------------------------------------------------------------------
 * embedding.c
 */

/* Two dimensions: normal, but a row of zeros; by its parameters' indices. */
extern const struct sow_rule sow_rule_embedding;

#endif
