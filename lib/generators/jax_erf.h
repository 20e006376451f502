/* SPDX-License-Identifier: MIT */
/*
 * The numbers of XLA's float32 logarithm of 1 + x and inverse error function,
 * highest power first; for the kernels that compute them.
 */
#ifndef JAX_ERF_H
#define JAX_ERF_H

/*
 * For |x| < JAX_NEAR log(1 + x) is x - x^2 / 2 + x^3 n / d, two polynomials in
 * x (S. Moshier's Cephes).
 */
#define JAX_NEAR 0.41421356237309504880f
#define JAX_NEAR_TERMS 7

static const float jax_near_n[JAX_NEAR_TERMS] = {
    4.5270000862445199635215e-5f, 4.9854102823193375972212e-1f,
    6.5787325942061044846969f,    29.911919328553073277375f,
    60.949667980987787057556f,    57.112963590585538103336f,
    20.039553499201281259648f};

static const float jax_near_d[JAX_NEAR_TERMS] = {1.0f,
                                                 15.062909083469192043167f,
                                                 83.047565967967209469434f,
                                                 221.76239823732856465394f,
                                                 309.09872225312059774938f,
                                                 216.42788614495947685003f,
                                                 60.118660497603843919306f};

/*
 * Otherwise 1 + x is 2^e (1 + y), 1 + y from about 0.707 to 1.414, and the
 * logarithm y - y^2 / 2 + y^3 p + e log 2, the last in two parts (Cephes, too).
 */
#define JAX_ROOT 0.707106781186547524f
#define JAX_LOG_TERMS 9
#define JAX_LOG2_LOW -2.12194440e-4f
#define JAX_LOG2_HIGH 0.693359375f

static const float jax_log[JAX_LOG_TERMS] = {
    7.0376836292e-2f,  -1.1514610310e-1f, 1.1676998740e-1f,
    -1.2420140846e-1f, 1.4249322787e-1f,  -1.6668057665e-1f,
    2.0000714765e-1f,  -2.4999993993e-1f, 3.3333331174e-1f};

/*
 * M. Giles, "Approximating the erfinv function" (GPU Computing Gems 2, 2011):
 * with w = -log(1 - x^2) x times a polynomial in w - 2.5 where w < JAX_CENTRE,
 * in sqrt(w) - 3 beyond.
 */
#define JAX_CENTRE 5.0f
#define JAX_ERF_TERMS 9
#define JAX_SQRT2 1.41421356237309504880f

static const float jax_erf_centre[JAX_ERF_TERMS] = {
    2.81022636e-08f,  3.43273939e-07f, -3.5233877e-06f,
    -4.39150654e-06f, 0.00021858087f,  -0.00125372503f,
    -0.00417768164f,  0.246640727f,    1.50140941f};

static const float jax_erf_tail[JAX_ERF_TERMS] = {
    -0.000200214257f, 0.000100950558f, 0.00134934322f,
    -0.00367342844f,  0.00573950773f,  -0.0076224613f,
    0.00943887047f,   1.00167406f,     2.83297682f};

#endif
