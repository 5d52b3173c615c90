#include "nn.h"

#include "inline_math.h"

const char *ck_isa(void) {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return "x86-64-v4";
  if (__builtin_cpu_supports("x86-64-v3")) return "x86-64-v3";
  return "x86-64";
}

/// Mean and 1/√(variance + ε) of a row.
INLINE void moments(const float *row, size_t columns, float epsilon, float *mean, float *scale) {
#pragma clang fp reassociate(on) contract(fast)
  float sum = 0, squares = 0;
  for (size_t i = 0; i < columns; i++) sum += row[i];
  *mean = sum / (float)columns;
  for (size_t i = 0; i < columns; i++) {
    float d = row[i] - *mean;
    squares += d * d;
  }
  *scale = 1.0f / sqrtf(squares / (float)columns + epsilon);
}

CLONES void ck_layer_norm(const float *x, const float *gamma, const float *beta, float epsilon,
                          float *out, size_t rows, size_t columns) {
#pragma clang fp contract(fast)
  for (size_t r = 0; r < rows; r++) {
    const float *row = x + r * columns;
    float *to = out + r * columns;
    float mean, scale;
    moments(row, columns, epsilon, &mean, &scale);
    for (size_t i = 0; i < columns; i++) to[i] = (row[i] - mean) * scale * gamma[i] + beta[i];
  }
}

CLONES void ck_layer_norm_bf16(const float *x, const float *gamma, const float *beta, float epsilon,
                               uint16_t *restrict out, size_t rows, size_t columns) {
#pragma clang fp contract(fast)
  for (size_t r = 0; r < rows; r++) {
    const float *row = x + r * columns;
    uint16_t *restrict to = out + r * columns;
    float mean, scale;
    moments(row, columns, epsilon, &mean, &scale);
    for (size_t i = 0; i < columns; i++)
      to[i] = float_to_bfloat16((row[i] - mean) * scale * gamma[i] + beta[i]);
  }
}

CLONES void ck_add_bias(float *x, const float *bias, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    float *restrict row = x + r * columns;
    for (size_t i = 0; i < columns; i++) row[i] += bias[i];
  }
}

CLONES void ck_normalize_rows(float *x, size_t rows, size_t columns) {
#pragma clang fp reassociate(on) contract(fast)
  for (size_t r = 0; r < rows; r++) {
    float *restrict row = x + r * columns;
    double squares = 0;
    for (size_t i = 0; i < columns; i++) squares += (double)row[i] * row[i];
    if (squares == 0) continue;
    float inverse = (float)(1.0 / sqrt(squares));
    for (size_t i = 0; i < columns; i++) row[i] *= inverse;
  }
}

CLONES void ck_pool_tokens(const float *features, const float *positions, size_t count, size_t width,
                           float *restrict tokens) {
  memset(tokens, 0, width * sizeof *tokens);
  for (size_t r = 0; r < count; r++) {
    const float *row = features + r * width;
    const float *place = positions + (r + 1) * width;
    float *restrict to = tokens + (r + 1) * width;
    for (size_t i = 0; i < width; i++) {
      tokens[i] += row[i];
      to[i] = row[i] + place[i];
    }
  }
  const float share = 1.0f / (float)count;
  for (size_t i = 0; i < width; i++) tokens[i] = tokens[i] * share + positions[i];
}

void ck_image_to_patches(const float *image, float *patches, size_t channels, size_t size,
                         size_t patch) {
  size_t grid = size / patch;
  for (size_t y = 0; y < grid; y++)
    for (size_t x = 0; x < grid; x++)
      for (size_t c = 0; c < channels; c++)
        for (size_t v = 0; v < patch; v++) {
          const float *from = image + (c * size + y * patch + v) * size + x * patch;
          memcpy(patches, from, patch * sizeof(float));
          patches += patch;
        }
}

INLINE float half_bits_to_float(uint16_t half) {
  // Shifting the 15 value bits into a float's place leaves the exponent 112 too small; one multiplication
  // puts that right, and is exact for halves that are denormal too. Infinities and NaNs are patched after.
  uint32_t magnitude = (uint32_t)(half & 0x7fff) << 13;
  float value;
  memcpy(&value, &magnitude, sizeof value);
  value *= 0x1p112f;
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  bits |= (half & 0x7c00) == 0x7c00 ? 0x7f800000u | magnitude : 0;
  bits |= (uint32_t)(half & 0x8000) << 16;
  memcpy(&value, &bits, sizeof value);
  return value;
}

CLONES void ck_half_to_float(const uint16_t *in, float *out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = half_bits_to_float(in[i]);
}

CLONES void ck_bfloat16_to_float(const uint16_t *in, float *out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = bfloat16_to_float(in[i]);
}

CLONES void ck_float_to_bfloat16(const float *in, uint16_t *restrict out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = float_to_bfloat16(in[i]);
}

typedef float lane16 __attribute__((vector_size(64)));

CLONES double ck_fma_peak(uint64_t iterations, float *sink) {
#pragma clang fp contract(fast)
  // Twelve chains cover the latency (4 cycles) times throughput (2 a cycle) of fused multiply-add.
  lane16 a[12];
  for (int j = 0; j < 12; j++) a[j] = (lane16){} + (float)j;
  lane16 m = (lane16){} + 0.999999f, c = (lane16){} + 1e-7f;
  for (uint64_t i = 0; i < iterations; i++) {
#pragma clang loop unroll(full)
    for (int j = 0; j < 12; j++) a[j] = a[j] * m + c;
  }
  lane16 total = a[0];
  for (int j = 1; j < 12; j++) total += a[j];
  *sink = total[0] + total[7];
  return (double)iterations * 12 * 16 * 2;
}
