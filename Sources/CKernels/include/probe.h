// Losses of linear classifiers with their gradients, fused: one pass over the logits of a block of samples.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Softmax and cross-entropy. On entry logits[r, k] = w_k · x_r; on return p_rk − [k is r's label], the gradient by the logits.
/// Rows are `stride` apart. bias: [classes], added first. labels: [rows], each in 0..<classes. Samples with a label's probability near 1 keep their small loss: it
/// is log1p of the others' share, not the logarithm of a number rounded to 1.
///
/// - bias_gradient: [classes], to which the sums over the rows are added.
/// - curvature: [classes] or NULL, to which the sums of p (1 − p) are added.
/// - returns: the sum of −log p of the labels.
double ck_softmax_loss_f32(float *logits, size_t rows, size_t classes, size_t stride, const float *bias,
                           const int32_t *labels, double *bias_gradient, double *curvature);
double ck_softmax_loss_f64(double *logits, size_t rows, size_t classes, size_t stride, const double *bias,
                           const int32_t *labels, double *bias_gradient, double *curvature);

/// A logistic loss for each column: on return logits[r, k] = p_rk − target. targets: [rows, classes] of 0 and 1.
double ck_logistic_loss_f32(float *logits, size_t rows, size_t classes, size_t stride, const float *bias,
                            const uint8_t *targets, double *bias_gradient, double *curvature);
double ck_logistic_loss_f64(double *logits, size_t rows, size_t classes, size_t stride, const double *bias,
                            const uint8_t *targets, double *bias_gradient, double *curvature);

/// Σ a[i] b[i].
double ck_dot_f64(const double *a, const double *b, size_t count);
/// to[i] += factor a[i].
void ck_add_scaled_f64(double factor, const double *a, double *to, size_t count);
/// out[i] = a[i] - b[i].
void ck_subtract_f64(const double *a, const double *b, double *out, size_t count);
/// out[i] = factor a[i] b[i].
void ck_multiply_f64(double factor, const double *a, const double *b, double *out, size_t count);
