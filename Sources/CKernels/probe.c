#include "probe.h"

#include "inline_math.h"

// exp(x) in float64 to about 1 ulp: x = n ln2 + r with |r| <= ln2/2, the Taylor polynomial of degree 13 in r. Below -708 a value
// under 1e-307 instead of a denormal; above 709 the result saturates.
INLINE double exp_f64(double x) {
  x = fmin(fmax(x, -708.0), 709.0);
  double n = rint(x * 1.4426950408889634);
  double r = x - n * 6.93147180369123816490e-01;
  r = r - n * 1.90821492927058770002e-10;
  double p = 1.0 / 6227020800.0;
  p = p * r + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  p = p * r + 1.0;
  p = p * r + 1.0;
  int64_t bits = ((int64_t)n + 1023) << 52;
  double power;
  memcpy(&power, &bits, sizeof power);
  return p * power;
}

INLINE float exponential_f32(float x) { return exp_approximate(x); }
INLINE double exponential_f64(double x) { return exp_f64(x); }

// In lanes, since the compiler may not reorder a maximum by itself.
#define LARGEST(T, SUFFIX)                                                                                             \
  INLINE T largest_##SUFFIX(const T *values, size_t count) {                                                           \
    enum { LANES = 32 };                                                                                               \
    T lanes[LANES];                                                                                                    \
    for (size_t j = 0; j < LANES; j++) lanes[j] = values[0];                                                           \
    size_t k = 0;                                                                                                      \
    for (; k + LANES <= count; k += LANES) {                                                                           \
      for (size_t j = 0; j < LANES; j++) lanes[j] = values[k + j] > lanes[j] ? values[k + j] : lanes[j];               \
    }                                                                                                                  \
    T largest = lanes[0];                                                                                              \
    for (size_t j = 1; j < LANES; j++) largest = lanes[j] > largest ? lanes[j] : largest;                              \
    for (; k < count; k++) largest = values[k] > largest ? values[k] : largest;                                        \
    return largest;                                                                                                    \
  }

LARGEST(float, f32)
LARGEST(double, f64)

// One body for both precisions: T is the type of the logits.
#define SOFTMAX_LOSS(T, SUFFIX, LOWEST)                                                                                \
  CLONES double ck_softmax_loss_##SUFFIX(T *logits, size_t rows, size_t classes, size_t stride, const T *bias,         \
                                         const int32_t *labels, double *bias_gradient, double *curvature) {            \
    _Pragma("clang fp reassociate(on) contract(fast)") double loss = 0;                                                \
    for (size_t r = 0; r < rows; r++) {                                                                                \
      T *z = logits + r * stride;                                                                                      \
      size_t label = (size_t)labels[r];                                                                                \
      for (size_t k = 0; k < classes; k++) z[k] += bias[k];                                                            \
      T largest = largest_##SUFFIX(z, classes);                                                                        \
      T own = z[label] - largest;                                                                                      \
      T others = 0;                                                                                                    \
      z[label] = LOWEST;                                                                                               \
      for (size_t k = 0; k < classes; k++) {                                                                           \
        z[k] = exponential_##SUFFIX(z[k] - largest);                                                                   \
        others += z[k];                                                                                                \
      }                                                                                                                \
      others -= z[label];                                                                                              \
      T share = exponential_##SUFFIX(own);                                                                             \
      T scale = 1 / (others + share);                                                                                  \
      for (size_t k = 0; k < classes; k++) z[k] *= scale;                                                              \
      /* −log p = log(share + others) − own, and share is 1 where the label leads. */                                  \
      loss += own == 0 ? log1p((double)others) : log((double)others + (double)share) - (double)own;                    \
      z[label] = -others * scale;                                                                                      \
    }                                                                                                                  \
    /* Column sums row after row, so that each is summed in float64 with the row in the cache. */                      \
    for (size_t r = 0; r < rows; r++) {                                                                                \
      const T *z = logits + r * stride;                                                                                \
      for (size_t k = 0; k < classes; k++) bias_gradient[k] += (double)z[k];                                           \
      if (curvature) {                                                                                                 \
        for (size_t k = 0; k < classes; k++) curvature[k] += (double)z[k] * (1 - (double)z[k]);                        \
        /* Of the label z is p − 1, and p (1 − p) is −z (1 + z). */                                                    \
        double own = (double)z[labels[r]];                                                                             \
        curvature[labels[r]] += -own * (1 + own) - own * (1 - own);                                                    \
      }                                                                                                                \
    }                                                                                                                  \
    return loss;                                                                                                       \
  }

SOFTMAX_LOSS(float, f32, -3.0e38f)
SOFTMAX_LOSS(double, f64, -1.0e308)

#define LOGISTIC_LOSS(T, SUFFIX)                                                                                       \
  CLONES double ck_logistic_loss_##SUFFIX(T *logits, size_t rows, size_t classes, size_t stride, const T *bias,        \
                                          const uint8_t *targets, double *bias_gradient, double *curvature) {          \
    double loss = 0;                                                                                                   \
    for (size_t r = 0; r < rows; r++) {                                                                                \
      T *z = logits + r * stride;                                                                                      \
      const uint8_t *target = targets + r * classes;                                                                   \
      for (size_t k = 0; k < classes; k++) {                                                                           \
        double logit = (double)z[k] + (double)bias[k];                                                                 \
        /* Towards the right side: −log p = log(1 + exp(−toward)). */                                                  \
        double toward = target[k] ? logit : -logit;                                                                    \
        double small = exp(-fabs(toward));                                                                             \
        loss += log1p(small) + (toward < 0 ? -toward : 0);                                                             \
        double wrong = (toward < 0 ? 1 : small) / (1 + small);                                                         \
        double gradient = target[k] ? -wrong : wrong;                                                                  \
        z[k] = (T)gradient;                                                                                            \
        bias_gradient[k] += gradient;                                                                                  \
        if (curvature) curvature[k] += wrong * (1 - wrong);                                                            \
      }                                                                                                                \
    }                                                                                                                  \
    return loss;                                                                                                       \
  }

LOGISTIC_LOSS(float, f32)
LOGISTIC_LOSS(double, f64)

CLONES double ck_dot_f64(const double *a, const double *b, size_t count) {
#pragma clang fp reassociate(on) contract(fast)
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += a[i] * b[i];
  return sum;
}

CLONES void ck_add_scaled_f64(double factor, const double *restrict a, double *restrict to, size_t count) {
  for (size_t i = 0; i < count; i++) to[i] += factor * a[i];
}

CLONES void ck_subtract_f64(const double *a, const double *b, double *out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = a[i] - b[i];
}

CLONES void ck_multiply_f64(double factor, const double *a, const double *b, double *out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = factor * a[i] * b[i];
}
