/* SPDX-License-Identifier: MIT */
/*
 * Recurrent networks: identities, chains of neurons, and biases of an LSTM's
 * gates.
 */
#include <math.h>
#include <string.h>

#include "elementary.h"
#include "schemes/arrange.h"
#include "schemes/marks.h"
#include "schemes/schemes.h"
#include "status.h"

/* ------------------------------------------------------------------------
 * irnn: the hidden part is an identity (basis.c)
 */

enum { INPUT_STD };

static enum sow_status irnn_input(const struct sow_rule *rule,
                                  struct sow_tensor *tensor,
                                  struct sow_error *error)
{
    (void)rule;
    (void)error;
    tensor->law.kind = SOW_LAW_NORMAL;
    tensor->law.normal.std = tensor->spec.scheme.values[INPUT_STD];
    tensor->std = tensor->law.normal.std;
    return SOW_OK;
}

/* ------------------------------------------------------------------------
 * Chains: what is above and below the diagonal
 */

enum { ABOVE, DIAGONAL, BELOW };

static double chain_cell(const struct sow_tensor *tensor, uint64_t row,
                         uint64_t column)
{
    const double *numbers = tensor->law.numbers;

    if (row == column)
        return numbers[DIAGONAL];
    if (row + 1 == column)
        return numbers[ABOVE];
    return row == column + 1 ? numbers[BELOW] : 0;
}

static void make_chain(const struct sow_engine *engine,
                       const struct sow_tensor *tensor, uint64_t first,
                       size_t count, double *out)
{
    (void)engine;
    sow_arrange_cells(tensor, first, count, out, chain_cell);
}

static enum sow_status chain(const struct sow_rule *rule,
                             struct sow_tensor *tensor, struct sow_error *error)
{
    const struct sow_scheme *scheme = &tensor->spec.scheme;
    const uint64_t side = tensor->spec.shape.dims[0];
    const struct sow_marks marks = {.origin = -1,
                                    .size = 3,
                                    .axes = 1,
                                    .counts = {side},
                                    .strides = {side + 1}};
    enum sow_status status = sow_arrange_square(tensor, error);

    (void)rule;
    if (status != SOW_OK)
        return status;
    tensor->law.make = make_chain;
    tensor->law.most = 0;
    for (uint32_t i = 0; i < scheme->info->parameter_count; i++) {
        tensor->law.numbers[i] = scheme->values[i];
        if (fabs(scheme->values[i]) > tensor->law.most)
            tensor->law.most = fabs(scheme->values[i]);
    }
    sow_marks_set(tensor, &marks);
    return SOW_OK;
}

/* ------------------------------------------------------------------------
 * Biases of an LSTM's gates, in the order of their letters
 */

enum { AMOUNT, GATES };

static const char *const gates[] = {"ifgo", "igfo", "iofg", "f", "i", NULL};

/* The length of one gate. */
enum { UNITS };

/* How long a list of all gates in 'tensor' is, in gates. */
static const char *letters_of(const struct sow_tensor *tensor)
{
    return gates[(int)tensor->spec.scheme.values[GATES]];
}

static enum sow_status measure_gates(struct sow_tensor *tensor,
                                     struct sow_error *error)
{
    enum sow_status status = sow_arrange_rank(tensor, 1, error);
    uint64_t count = strlen(letters_of(tensor));

    if (status != SOW_OK)
        return status;
    if (tensor->elements % count != 0)
        return sow_fail(error, SOW_BAD_SCHEME, "shape",
                        "the bias of an LSTM's four gates has a multiple of 4 "
                        "elements");
    tensor->law.counts[UNITS] = tensor->elements / count;
    return SOW_OK;
}

/* Elements of one gate; the values of the forget gate, or less them. */
typedef void gate_values(const struct sow_engine *engine,
                         const struct sow_tensor *tensor, char letter,
                         uint64_t unit, size_t count, double *out);

static void make_gates(const struct sow_engine *engine,
                       const struct sow_tensor *tensor, uint64_t first,
                       size_t count, double *out, gate_values *values)
{
    uint64_t units = tensor->law.counts[UNITS];

    while (count > 0) {
        uint64_t unit = first % units;
        size_t take = count < units - unit ? count : (size_t)(units - unit);

        values(engine, tensor, letters_of(tensor)[first / units], unit, take,
               out);
        first += take;
        out += take;
        count -= take;
    }
}

static void chrono_values(const struct sow_engine *engine,
                          const struct sow_tensor *tensor, char letter,
                          uint64_t unit, size_t count, double *out)
{
    double span = tensor->spec.scheme.values[AMOUNT] - 2;

    memset(out, 0, count * sizeof *out);
    if (letter != 'f' && letter != 'i')
        return;
    sow_arrange_units(engine, tensor, &tensor->stream, unit, count, out);
    for (size_t i = 0; i < count; i++) {
        double value = sow_log(1 + out[i] * span);

        out[i] = letter == 'f' ? value : 0 - value;
    }
}

static void forget_values(const struct sow_engine *engine,
                          const struct sow_tensor *tensor, char letter,
                          uint64_t unit, size_t count, double *out)
{
    (void)engine;
    (void)unit;
    for (size_t i = 0; i < count; i++)
        out[i] = letter == 'f' ? tensor->spec.scheme.values[AMOUNT] : 0;
}

static void make_chrono(const struct sow_engine *engine,
                        const struct sow_tensor *tensor, uint64_t first,
                        size_t count, double *out)
{
    make_gates(engine, tensor, first, count, out, chrono_values);
}

static void make_forget(const struct sow_engine *engine,
                        const struct sow_tensor *tensor, uint64_t first,
                        size_t count, double *out)
{
    make_gates(engine, tensor, first, count, out, forget_values);
}

static enum sow_status chrono(const struct sow_rule *rule,
                              struct sow_tensor *tensor,
                              struct sow_error *error)
{
    (void)rule;
    if (tensor->spec.scheme.values[AMOUNT] < 2)
        return sow_fail(error, SOW_BAD_PARAMETER, "t_max",
                        "the longest dependency, t_max, must be at least 2 "
                        "steps");
    tensor->law.make = make_chrono;
    return measure_gates(tensor, error);
}

static enum sow_status forget(const struct sow_rule *rule,
                              struct sow_tensor *tensor,
                              struct sow_error *error)
{
    (void)rule;
    tensor->law.make = make_forget;
    tensor->law.most = fabs(tensor->spec.scheme.values[AMOUNT]);
    return measure_gates(tensor, error);
}

static const struct sow_rule rule_irnn_input = {.resolve = irnn_input};
static const struct sow_rule rule_chain = {.resolve = chain};
static const struct sow_rule rule_chrono = {.resolve = chrono};
static const struct sow_rule rule_forget = {.resolve = forget};

/* ------------------------------------------------------------------------
 * Rows
 */

static const char *const whole_gates[] = {"ifgo", "igfo", "iofg", NULL};

static const struct sow_parameter irnn[] = {
    {.name = "gain",
     .role = 0,
     .kind = SOW_NUMBER,
     .value = 1,
     .help = "the diagonal"},
};

static const struct sow_parameter input[] = {
    {.name = "std",
     .role = INPUT_STD,
     .kind = SOW_NON_NEGATIVE,
     .value = 0.001,
     .help = "standard deviation"},
};

static const struct sow_parameter chains[] = {
    {.name = "gain",
     .role = ABOVE,
     .kind = SOW_NUMBER,
     .value = 1.02,
     .help = "what is above the diagonal"},
    {.name = "diagonal",
     .role = DIAGONAL,
     .kind = SOW_NUMBER,
     .value = 0,
     .help = "the diagonal"},
};

static const struct sow_parameter feedback[] = {
    {.name = "forward",
     .role = ABOVE,
     .kind = SOW_NUMBER,
     .value = 0.99,
     .help = "what is above the diagonal"},
    {.name = "diagonal",
     .role = DIAGONAL,
     .kind = SOW_NUMBER,
     .value = 0,
     .help = "the diagonal"},
    {.name = "backward",
     .role = BELOW,
     .kind = SOW_NUMBER,
     .value = 0.04,
     .help = "what is below the diagonal"},
};

static const struct sow_parameter chronos[] = {
    {.name = "t_max",
     .role = AMOUNT,
     .kind = SOW_NUMBER,
     .required = true,
     .help = "the longest dependency to expect, in steps, at least 2"},
    {.name = "gates",
     .role = GATES,
     .kind = SOW_CHOICE,
     .value = 0,
     .choices = gates,
     .help = "the order of the gates: ifgo of PyTorch and Keras, igfo of "
             "Haiku and TensorFlow 1, iofg of ONNX; or the bias of f or i "
             "alone"},
};

static const struct sow_parameter forgets[] = {
    {.name = "value",
     .role = AMOUNT,
     .kind = SOW_NUMBER,
     .value = 1,
     .help = "the bias of the forget gate; PyTorch adds two biases, so give "
             "it to one of them"},
    {.name = "gates",
     .role = GATES,
     .kind = SOW_CHOICE,
     .value = 0,
     .choices = whole_gates,
     .help = "the order of the gates: ifgo of PyTorch and Keras, igfo of "
             "Haiku and TensorFlow 1, iofg of ONNX"},
};

static const struct sow_scheme_info rows[] = {
    {
        .name = "irnn",
        .provisional = true,
        SOW_PARAMETERS(irnn),
        .summary = "the hidden-to-hidden matrix of a ReLU network that "
                   "remembers: an identity",
        .formula = "w[i, i] = gain, else 0",
        .source = "Le, Jaitly and Hinton 2015, A simple way to initialize "
                  "recurrent networks of rectified linear units, second-hand",
        .rule = &sow_rule_identity,
    },
    {
        .name = "irnn_input",
        .provisional = true,
        SOW_PARAMETERS(input),
        .summary = "the input-to-hidden matrix beside irnn",
        .formula = "w ~ N(0, std^2)",
        .source = "Le, Jaitly and Hinton 2015, A simple way to initialize "
                  "recurrent networks of rectified linear units, second-hand",
        .rule = &rule_irnn_input,
    },
    {
        .name = "chain",
        .aliases = SOW_NAMES("nonnormal_chain"),
        SOW_PARAMETERS(chains),
        .summary = "a hidden-to-hidden matrix that hands on: one diagonal "
                   "above the main",
        .formula = "w[i, i + 1] = gain, w[i, i] = diagonal, else 0",
        .source = "Orhan and Pitkow 2020, Improved memory in recurrent neural "
                  "networks with sequential non-normal dynamics",
        .rule = &rule_chain,
    },
    {
        .name = "feedback_chain",
        .aliases = SOW_NAMES("fbchain"),
        SOW_PARAMETERS(feedback),
        .summary = "a chain with weak feedback: diagonals above and below the "
                   "main",
        .formula = "w[i, i + 1] = forward, w[i, i] = diagonal, w[i + 1, i] = "
                   "backward, else 0",
        .source = "Orhan and Pitkow 2020, Improved memory in recurrent neural "
                  "networks with sequential non-normal dynamics",
        .rule = &rule_chain,
    },
    {
        .name = "chrono_bias",
        .aliases = SOW_NAMES("chrono"),
        SOW_PARAMETERS(chronos),
        .summary = "LSTM biases for memories of 1 to t_max steps",
        .formula = "b_f = log(t), t ~ U(1, t_max - 1), b_i = -b_f, else 0",
        .source = "Tallec and Ollivier 2018, Can recurrent neural networks "
                  "warp time?",
        .rule = &rule_chrono,
    },
    {
        .name = "forget_gate_bias",
        .aliases = SOW_NAMES("unit_forget_bias"),
        SOW_PARAMETERS(forgets),
        .summary = "LSTM biases that remember at first: 1 in the forget gate",
        .formula = "b_f = value, else 0",
        .source = "Gers, Schmidhuber and Cummins 2000, Learning to forget; "
                  "keras.layers.LSTM(unit_forget_bias=True)",
        .rule = &rule_forget,
    },
};

const struct sow_catalogue sow_recurrent_schemes = {
    rows,
    sizeof rows / sizeof rows[0],
};
