/* SPDX-License-Identifier: MIT */
/*
 * The recursion against real networks: two inputs go forward and a gradient
 * backward through many draws of the weights.
 */
#include <math.h>
#include <string.h>

#include "stack.h"

Suite *analysis_simulation_suite(void);

enum { WIDTH = 64, DEPTH = 5, NETS = 150 };

static struct stack s;

/* ---- draws --------------------------------------------------------------- */

static uint64_t drawn;

static double unit(void)
{
    return ((double)(mix(drawn++) >> 11) + 0.5) * 0x1p-53;
}

static double normal(void)
{
    double radius = sqrt(-2 * log(unit()));

    return radius * cos(2 * acos(-1) * unit());
}

static double dot(const double *x, const double *y)
{
    double sum = 0;

    for (int i = 0; i < WIDTH; i++)
        sum += x[i] * y[i];
    return sum;
}

/* Make x orthogonal to y, then of mean square 1. */
static void straighten(double *x, const double *y)
{
    double along = dot(x, y) / dot(y, y);
    double size;

    for (int i = 0; i < WIDTH; i++)
        x[i] -= along * y[i];
    size = sqrt(dot(x, x) / WIDTH);
    for (int i = 0; i < WIDTH; i++)
        x[i] /= size;
}

/* Two inputs of mean 0 and mean square 1 with correlation c, exactly. */
static void draw_inputs(double x[2][WIDTH], double c)
{
    double ones[WIDTH];

    for (int i = 0; i < WIDTH; i++) {
        ones[i] = 1;
        x[0][i] = normal();
        x[1][i] = normal();
    }
    straighten(x[0], ones);
    straighten(x[1], ones);
    straighten(x[1], x[0]);
    for (int i = 0; i < WIDTH; i++)
        x[1][i] = c * x[0][i] + sqrt(1 - c * c) * x[1][i];
}

/* ---- a network ----------------------------------------------------------- */

static double weights[DEPTH][WIDTH][WIDTH], biases[DEPTH][WIDTH];
static double fields[DEPTH][2][WIDTH], scales[DEPTH][2], masks[DEPTH][2][WIDTH];

static void draw_network(void)
{
    for (int l = 0; l < DEPTH; l++) {
        const struct sow_analysis_layer *layer = &s.layers[l];

        for (int i = 0; i < WIDTH; i++) {
            biases[l][i] =
                layer->bias_mean + sqrt(layer->bias_variance) * normal();
            for (int k = 0; k < WIDTH; k++)
                weights[l][i][k] = layer->weight.mean +
                                   sqrt(layer->weight.variance) * normal();
            for (int k = 0; k < 2; k++)
                masks[l][k][i] = unit() < layer->keep ? 1 / layer->keep : 0;
        }
    }
}

/* Normalize h; returns what it was divided by. */
static double normalize(enum sow_analysis_norm norm, double *h)
{
    double mean = 0, size;

    for (int i = 0; i < WIDTH && norm == SOW_NORM_LAYER; i++)
        mean += h[i] / WIDTH;
    for (int i = 0; i < WIDTH; i++)
        h[i] -= mean;
    size = norm == SOW_NORM_NONE ? 1 : sqrt(dot(h, h) / WIDTH);
    for (int i = 0; i < WIDTH; i++)
        h[i] /= size;
    return size;
}

static void forward(int l, int k, double *x)
{
    const struct sow_analysis_layer *layer = &s.layers[l];
    double *h = fields[l][k];

    for (int i = 0; i < WIDTH; i++)
        h[i] = dot(weights[l][i], x) + biases[l][i];
    scales[l][k] = normalize(layer->norm, h);
    for (int i = 0; i < WIDTH; i++)
        x[i] = masks[l][k][i] *
               sow_analysis_value(layer->activation, layer->parameter, h[i]);
}

/* The gradient of what leaves layer 'l' to that of what enters it. */
static void backward(int l, double *g)
{
    const struct sow_analysis_layer *layer = &s.layers[l];
    double in[WIDTH] = {0};

    for (int i = 0; i < WIDTH; i++) {
        double delta = g[i] * masks[l][0][i] / scales[l][0] *
                       sow_analysis_slope(layer->activation, layer->parameter,
                                          fields[l][0][i]);

        for (int k = 0; k < WIDTH; k++)
            in[k] += weights[l][i][k] * delta;
    }
    memcpy(g, in, sizeof in);
}

/* ---- means over networks --------------------------------------------------
 */

static double m1[DEPTH], m2[DEPTH], square[DEPTH], product[DEPTH], q[DEPTH];
static double gradient[DEPTH];

static void add_forward(double x[2][WIDTH])
{
    double skip[2][WIDTH];

    for (int l = 0; l < DEPTH; l++) {
        double size;

        if (s.layers[l].opens)
            memcpy(skip, x, sizeof skip);
        for (int k = 0; k < 2; k++)
            forward(l, k, x[k]);
        for (int i = 0; i < 2 * WIDTH && s.layers[l].closes; i++)
            x[i / WIDTH][i % WIDTH] =
                skip[i / WIDTH][i % WIDTH] +
                s.layers[l].alpha * x[i / WIDTH][i % WIDTH];
        size = dot(x[0], x[0]) / WIDTH;
        for (int i = 0; i < WIDTH; i++)
            m1[l] += x[0][i] / WIDTH / NETS;
        m2[l] += size / NETS;
        square[l] += size * size / NETS;
        product[l] += dot(x[0], x[1]) / WIDTH / NETS;
        q[l] += dot(fields[l][0], fields[l][0]) / WIDTH / NETS;
    }
}

static void add_backward(void)
{
    double g[WIDTH], skip[WIDTH];

    for (int i = 0; i < WIDTH; i++)
        g[i] = normal();
    for (int l = DEPTH - 1; l >= 0; l--) {
        if (s.layers[l].closes) {
            memcpy(skip, g, sizeof skip);
            for (int i = 0; i < WIDTH; i++)
                g[i] *= s.layers[l].alpha;
        }
        backward(l, g);
        for (int i = 0; i < WIDTH && s.layers[l].opens; i++)
            g[i] += skip[i];
        gradient[l] += dot(g, g) / WIDTH / NETS;
    }
}

static void simulate(void)
{
    double x[2][WIDTH];

    memset(m1, 0, sizeof m1);
    memset(m2, 0, sizeof m2);
    memset(square, 0, sizeof square);
    memset(product, 0, sizeof product);
    memset(q, 0, sizeof q);
    memset(gradient, 0, sizeof gradient);
    for (int i = 0; i < NETS; i++) {
        draw_network();
        draw_inputs(x, s.input.correlation);
        add_forward(x);
        add_backward();
    }
}

/*
 * A mean over NETS networks is within five of its standard errors, spread /
 * sqrt(NETS), of its own mean, and that is within about one kurtosis, 6 / n, a
 * layer of the limit of infinite width (nothing, for ReLU without biases).
 */
static double allowed(int l, double spread)
{
    return 5 * spread / sqrt(NETS) + 6.0 * (l + 1) / WIDTH;
}

static void compare(const char *what, double tail)
{
    for (int l = 0; l < DEPTH; l++) {
        const struct sow_analysis_result *r = &s.results[l];
        double spread = sqrt(fmax(square[l] / m2[l] / m2[l] - 1, 0));
        double bound = allowed(l, fmax(spread, r->finite_width));

        ck_assert_msg(fabs(m2[l] - r->m2) <= bound * r->m2,
                      "%s, layer %d: m2 is %g, simulated %g", what, l, r->m2,
                      m2[l]);
        ck_assert_msg(fabs(q[l] - r->q) <= bound * r->q,
                      "%s, layer %d: q is %g, simulated %g", what, l, r->q,
                      q[l]);
        ck_assert_msg(fabs(m1[l] - r->m1) <= bound * sqrt(r->m2),
                      "%s, layer %d: m1 is %g, simulated %g", what, l, r->m1,
                      m1[l]);
        ck_assert_msg(fabs(product[l] - r->c2 * r->m2) <= bound * r->m2,
                      "%s, layer %d: c is %g, simulated %g", what, l, r->c2,
                      product[l] / m2[l]);
        ck_assert_msg(fabs(log(gradient[l]) - log(10) * r->log10_backward) <=
                          tail * (allowed(DEPTH - l, 1)),
                      "%s, layer %d: gradients are 10^%g, simulated 10^%g",
                      what, l, r->log10_backward, log10(gradient[l]));
    }
}

/* The spread itself has a relative error of some 1 / sqrt(NETS / 2) tails. */
static void compare_spread(const char *what)
{
    for (int l = 0; l < DEPTH; l++) {
        double spread = sqrt(square[l] / m2[l] / m2[l] - 1);

        ck_assert_msg(fabs(spread - s.results[l].finite_width) <=
                          0.3 * s.results[l].finite_width,
                      "%s, layer %d: the spread is %g, simulated %g", what, l,
                      s.results[l].finite_width, spread);
    }
}

static const struct {
    const char *activation;
    double sigma_w2, sigma_b2;
} plain[] = {
    {"relu", 2, 0},     {"relu", 1.5, 0.2},   {"tanh", 1.7, 0.1},
    {"tanh", 6, 0.3},   {"gelu", 2.3, 0},     {"sigmoid", 3, 0.5},
    {"linear", 1, 0},   {"leaky_relu", 2, 0}, {"selu", 1, 0},
    {"softsign", 3, 0},
};

START_TEST(plain_networks_behave_as_predicted)
{
    stack_init(&s, DEPTH, WIDTH, plain[_i].activation, plain[_i].sigma_w2,
               plain[_i].sigma_b2);
    stack_run(&s);
    simulate();
    compare(plain[_i].activation, 1);
    if (plain[_i].sigma_b2 == 0)
        compare_spread(plain[_i].activation);
}
END_TEST

START_TEST(residual_networks_behave_as_predicted)
{
    stack_init(&s, DEPTH, WIDTH, "relu", 2, 0);
    for (int l = 0; l + 1 < DEPTH; l += 2) {
        s.layers[l].opens = true;
        s.layers[l + 1].closes = true;
        s.layers[l + 1].alpha = 0.7;
    }
    stack_run(&s);
    simulate();
    compare("residual", 1);
}
END_TEST

/* A norm's gradient also loses what is along the mean and h: 2 / n. */
START_TEST(normalized_networks_behave_as_predicted)
{
    const enum sow_analysis_norm norms[] = {SOW_NORM_LAYER, SOW_NORM_RMS};

    stack_init(&s, DEPTH, WIDTH, "relu", 3, 0.1);
    for (int l = 0; l < DEPTH; l++)
        s.layers[l].norm = norms[_i];
    stack_run(&s);
    simulate();
    compare(sow_analysis_norm_name(norms[_i]), 1);
}
END_TEST

START_TEST(dropout_behaves_as_predicted)
{
    stack_init(&s, DEPTH, WIDTH, "relu", 2, 0);
    for (int l = 0; l < DEPTH; l++)
        s.layers[l].keep = 0.7;
    stack_run(&s);
    simulate();
    compare("dropout", 1);
}
END_TEST

/* In the gradient the mean of the outputs' gradients is one normal draw. */
START_TEST(weights_with_a_mean_behave_as_predicted)
{
    stack_init(&s, DEPTH, WIDTH, "relu", 1.5, 0.05);
    for (int l = 0; l < DEPTH; l++) {
        s.layers[l].weight.mean = 0.5 / WIDTH;
        s.layers[l].bias_mean = -0.1;
    }
    stack_run(&s);
    simulate();
    compare("weights with a mean", 1.5);
}
END_TEST

/* (n c)^2 for the copies; the input's own sum is 0, so its first is a draw. */
START_TEST(constant_weights_sum_and_sum_again)
{
    stack_init(&s, 3, WIDTH, "linear", 0, 0);
    for (int l = 0; l < 3; l++)
        s.layers[l].weight.mean = 0.25;
    stack_run(&s);
    expect_close("q", s.results[0].q, WIDTH / 16.0, 1e-12);
    expect_close("q", s.results[1].q, WIDTH / 16.0 * pow(WIDTH / 4.0, 2),
                 1e-12);
    expect_close("backward", s.results[1].backward, pow(WIDTH / 4.0, 2), 1e-9);
    expect_close("c", s.results[2].c, 0.5, 1e-12);
}
END_TEST

Suite *analysis_simulation_suite(void)
{
    Suite *suite = suite_create("analysis/simulation");
    TCase *test = tcase_create("simulation");

    tcase_set_timeout(test, 120);
    tcase_add_loop_test(test, plain_networks_behave_as_predicted, 0,
                        COUNT(plain));
    tcase_add_test(test, residual_networks_behave_as_predicted);
    tcase_add_loop_test(test, normalized_networks_behave_as_predicted, 0, 2);
    tcase_add_test(test, dropout_behaves_as_predicted);
    tcase_add_test(test, constant_weights_sum_and_sum_again);
    tcase_add_test(test, weights_with_a_mean_behave_as_predicted);
    suite_add_tcase(suite, test);
    return suite;
}
