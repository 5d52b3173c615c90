#include "attention_blocks.h"
#include "nn.h"

typedef float vec __attribute__((vector_size(64), aligned(4)));

size_t ck_attention_scratch(size_t keys, size_t depth) {
  size_t k = round_up(keys, 32), d = round_up(depth, 32);
  // Packed keys and values, packed queries, scores, probabilities and outputs of a block, each at a cache line.
  return 4 * (2 * k * d + TILE_BLOCK * (2 * k + 2 * d)) + 8 * 64;
}

/// c[r][0…16·vectors) = Σᵢ a[r][i] · b[i][…]
INLINE void product_f32(const float *const a[BLOCK], size_t depth, const float *b, size_t b_stride, int vectors,
                        float *const c[BLOCK]) {
#pragma clang fp contract(fast)
  vec sums[BLOCK][2] = {0};
  for (size_t i = 0; i < depth; i++) {
    const vec *row = (const vec *)(b + i * b_stride);
#pragma clang loop unroll(full)
    for (int r = 0; r < BLOCK; r++)
#pragma clang loop unroll(full)
      for (int j = 0; j < vectors; j++) sums[r][j] += a[r][i] * row[j];
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < BLOCK; r++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) ((vec *)c[r])[j] = sums[r][j];
}

/// *at = exp_approximate(*at), on a vector.
INLINE void exp_vector(vec *at) {
#pragma clang fp contract(fast)
  typedef int32_t ints __attribute__((vector_size(64)));
  vec x = __builtin_elementwise_min(__builtin_elementwise_max(*at, (vec){} - 87.33654f), (vec){} + 88.0f);
  vec n = __builtin_elementwise_rint(x * 1.44269504f);
  vec r = x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  vec p = r * 1.3888889e-3f + 8.3333333e-3f;
  p = p * r + 4.1666667e-2f;
  p = p * r + 1.6666667e-1f;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  *at = p * (vec)((__builtin_convertvector(n, ints) + 127) << 23);
}

/// In place: exp(scale · (x − max x)); returns 1 / Σ. `padded`, a whole number of vectors, is overwritten from `keys` on.
INLINE float exponentials(float *x, size_t keys, size_t padded, float scale) {
#pragma clang fp reassociate(on) contract(fast)
  for (size_t i = keys; i < padded; i++) x[i] = -INFINITY;
  vec largest = *(const vec *)x, sums = {0};
  for (size_t i = LANES; i < padded; i += LANES) largest = __builtin_elementwise_max(largest, *(const vec *)(x + i));
  float most = __builtin_reduce_max(largest);
  // A model whose scores overflow has no feature: the clamp in the exponential must not make one up.
  if (!(most > -INFINITY && most < INFINITY)) return NAN;
  for (size_t i = 0; i < padded; i += LANES) {
    vec *at = (vec *)(x + i);
    *at = (*at - most) * scale;
    exp_vector(at);
  }
  for (size_t i = keys; i < padded; i++) x[i] = 0;
  for (size_t i = 0; i < padded; i += LANES) sums += *(const vec *)(x + i);
  for (int half = LANES / 2; half > 0; half /= 2)
#pragma clang loop unroll(full)
    for (int i = 0; i < half; i++) sums[i] += sums[i + half];
  return 1.0f / sums[0];
}

INLINE void attention_f32(const ck_attention *shape, const float *q, const float *k, const float *v, float *out,
                          float *scratch, int vectors) {
  size_t keys = shape->keys, depth = shape->depth, step = (size_t)vectors * LANES;
  size_t key_columns = round_up(keys, step), depth_columns = round_up(depth, step);
  float *turned = scratch, *values = turned + depth * key_columns, *scores = values + keys * depth_columns,
        *results = scores + BLOCK * key_columns;
  for (size_t t = 0; t < keys; t++) {
    const float *key = k + key_offset(shape, t);
    for (size_t i = 0; i < depth; i++) turned[i * key_columns + t] = key[i];
    memcpy(values + t * depth_columns, v + key_offset(shape, t), depth * sizeof(float));
    memset(values + t * depth_columns + depth, 0, (depth_columns - depth) * sizeof(float));
  }
  for (size_t i = 0; i < depth; i++)
    for (size_t t = keys; t < key_columns; t++) turned[i * key_columns + t] = 0;
  for (size_t first = 0; first < shape->queries; first += BLOCK) {
    const float *a[BLOCK], *p[BLOCK];
    float *c[BLOCK], *o[BLOCK], inverse[BLOCK];
    size_t rows = shape->queries - first < BLOCK ? shape->queries - first : BLOCK;
    for (size_t r = 0; r < BLOCK; r++)
      a[r] = q + (first + (r < rows ? r : rows - 1)) * shape->query_stride;
    for (size_t j = 0; j < key_columns; j += step) {
      for (size_t r = 0; r < BLOCK; r++) c[r] = scores + r * key_columns + j;
      product_f32(a, depth, turned + j, key_columns, vectors, c);
    }
    for (size_t r = 0; r < BLOCK; r++) {
      p[r] = scores + r * key_columns;
      inverse[r] = exponentials(scores + r * key_columns, visible(shape, first + r), key_columns, shape->scale);
    }
    for (size_t j = 0; j < depth_columns; j += step) {
      for (size_t r = 0; r < BLOCK; r++) o[r] = results + r * depth_columns + j;
      product_f32(p, keys, values + j, depth_columns, vectors, o);
    }
    for (size_t r = 0; r < rows; r++)
      for (size_t i = 0; i < depth; i++)
        out[(first + r) * shape->out_stride + i] = results[r * depth_columns + i] * inverse[r];
  }
}

// Vectors of a block: more sums than a multiply-add takes cycles. Without the width the compiler would halve every 512-bit vector.
__attribute__((target("arch=x86-64-v4"), min_vector_width(512))) static void attention_f32_v4(const ck_attention *shape, const float *q,
                                                                       const float *k, const float *v, float *out,
                                                                       float *scratch) {
  attention_f32(shape, q, k, v, out, scratch, 2);
}

__attribute__((target("arch=x86-64-v3"))) static void attention_f32_v3(const ck_attention *shape, const float *q,
                                                                       const float *k, const float *v, float *out,
                                                                       float *scratch) {
  attention_f32(shape, q, k, v, out, scratch, 1);
}

void ck_attention_f32(const ck_attention *shape, const float *q, const float *k, const float *v, float *out,
                      void *scratch) {
  const char *isa = ck_isa();
  if (!strcmp(isa, "x86-64-v4")) attention_f32_v4(shape, q, k, v, out, scratch);
  else if (!strcmp(isa, "x86-64-v3")) attention_f32_v3(shape, q, k, v, out, scratch);
  else attention_f32(shape, q, k, v, out, scratch, 1);
}
