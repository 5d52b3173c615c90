#include <immintrin.h>

#include "attention_blocks.h"

// bfloat16: pairs of neighbours along the summed dimension share a 32-bit lane, in both kernels below.

#define BF16_TARGET __attribute__((target("arch=x86-64-v4,avx512bf16")))
#define BF16_INLINE static inline __attribute__((always_inline, target("arch=x86-64-v4,avx512bf16")))

/// exp(x), x <= 0, to 4e-5: what bfloat16 can show.
BF16_INLINE __m512 exp_coarse(__m512 x) {
  x = _mm512_mul_ps(_mm512_max_ps(x, _mm512_set1_ps(-87.0f)), _mm512_set1_ps(1.44269504f));
  __m512 n = _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m512 f = _mm512_sub_ps(x, n);
  // 2^f on [-1/2, 1/2]: the Taylor series in f ln 2, of degree 4.
  __m512 p = _mm512_set1_ps(9.6181291e-3f);
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(5.5504109e-2f));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(2.4022651e-1f));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(6.9314718e-1f));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(1.0f));
  return _mm512_scalef_ps(p, n);
}

/// p = exp(scale · (x − max x)) rounded, zero from `keys` on; returns 1 / Σ. `padded` is a multiple of 32.
BF16_INLINE float exponentials_bf16(const float *x, uint16_t *p, size_t keys, size_t padded, float scale) {
  __m512 largest = _mm512_set1_ps(-INFINITY), sum = _mm512_setzero_ps(), factor = _mm512_set1_ps(scale);
  for (size_t i = 0; i < keys; i += LANES) {
    __mmask16 mask = keys - i >= LANES ? 0xffff : (__mmask16)((1u << (keys - i)) - 1);
    largest = _mm512_mask_max_ps(largest, mask, largest, _mm512_loadu_ps(x + i));
  }
  const float most = _mm512_reduce_max_ps(largest);
  if (!(most > -INFINITY && most < INFINITY)) {
    memset(p, 0, padded * sizeof *p);
    return NAN;
  }
  largest = _mm512_set1_ps(most);
  for (size_t i = 0; i < padded; i += LANES) {
    __mmask16 mask = i >= keys ? 0 : keys - i >= LANES ? 0xffff : (__mmask16)((1u << (keys - i)) - 1);
    __m512 e = exp_coarse(_mm512_mul_ps(_mm512_sub_ps(_mm512_loadu_ps(x + i), largest), factor));
    e = _mm512_maskz_mov_ps(mask, e);
    sum = _mm512_add_ps(sum, e);
    _mm256_storeu_si256((__m256i *)(p + i), (__m256i)_mm512_cvtneps_pbh(e));
  }
  return 1.0f / _mm512_reduce_add_ps(sum);
}

/// Keys as [depth/2, key_columns] pairs, values as [keys/2, depth_columns] pairs; what is beyond them is zero.
BF16_INLINE void pack_pairs(const ck_attention *shape, const uint16_t *k, const uint16_t *v, uint32_t *turned,
                            uint32_t *values, size_t key_columns, size_t depth_columns) {
  size_t keys = shape->keys, depth = shape->depth;
  for (size_t t = 0; t < key_columns; t += 16)
    for (size_t i = 0; i < depth_columns; i += 32) {
      __mmask32 mask = i >= depth ? 0 : depth - i >= 32 ? 0xffffffff : (__mmask32)((1u << (depth - i)) - 1);
      __m512i r[16], s[16];
      for (size_t j = 0; j < 16; j++)
        r[j] = t + j < keys ? _mm512_maskz_loadu_epi16(mask, k + key_offset(shape, t + j) + i) : _mm512_setzero_si512();
      // A 16×16 transposition of 32-bit lanes: within quarters, then of quarters.
      for (size_t j = 0; j < 16; j += 2) {
        s[j] = _mm512_unpacklo_epi32(r[j], r[j + 1]);
        s[j + 1] = _mm512_unpackhi_epi32(r[j], r[j + 1]);
      }
      for (size_t j = 0; j < 16; j += 4) {
        r[j] = _mm512_unpacklo_epi64(s[j], s[j + 2]);
        r[j + 1] = _mm512_unpackhi_epi64(s[j], s[j + 2]);
        r[j + 2] = _mm512_unpacklo_epi64(s[j + 1], s[j + 3]);
        r[j + 3] = _mm512_unpackhi_epi64(s[j + 1], s[j + 3]);
      }
      for (size_t j = 0; j < 4; j++) {
        __m512i low0 = _mm512_shuffle_i32x4(r[j], r[4 + j], 0x88), low1 = _mm512_shuffle_i32x4(r[8 + j], r[12 + j], 0x88);
        __m512i high0 = _mm512_shuffle_i32x4(r[j], r[4 + j], 0xdd), high1 = _mm512_shuffle_i32x4(r[8 + j], r[12 + j], 0xdd);
        uint32_t *to = turned + (i / 2 + j) * key_columns + t;
        _mm512_storeu_si512(to, _mm512_shuffle_i32x4(low0, low1, 0x88));
        _mm512_storeu_si512(to + 4 * key_columns, _mm512_shuffle_i32x4(high0, high1, 0x88));
        _mm512_storeu_si512(to + 8 * key_columns, _mm512_shuffle_i32x4(low0, low1, 0xdd));
        _mm512_storeu_si512(to + 12 * key_columns, _mm512_shuffle_i32x4(high0, high1, 0xdd));
      }
    }
  for (size_t t = 0; t < key_columns; t += 2)
    for (size_t i = 0; i < depth_columns; i += 16) {
      __mmask16 mask = i >= depth ? 0 : depth - i >= 16 ? 0xffff : (__mmask16)((1u << (depth - i)) - 1);
      __m256i even = t < keys ? _mm256_maskz_loadu_epi16(mask, v + key_offset(shape, t) + i) : _mm256_setzero_si256();
      __m256i odd = t + 1 < keys ? _mm256_maskz_loadu_epi16(mask, v + key_offset(shape, t + 1) + i) : _mm256_setzero_si256();
      __m512i pairs = _mm512_or_si512(_mm512_cvtepu16_epi32(even), _mm512_slli_epi32(_mm512_cvtepu16_epi32(odd), 16));
      _mm512_storeu_si512(values + t / 2 * depth_columns + i, pairs);
    }
}

/// Rows of q as they come, `depth_columns` wide, zero beyond.
BF16_INLINE void pack_queries(const uint16_t *q, size_t rows, size_t stride, size_t depth, uint16_t *to,
                              size_t depth_columns, size_t to_rows) {
  for (size_t r = 0; r < to_rows; r++)
    for (size_t i = 0; i < depth_columns; i += 32) {
      __mmask32 mask =
          r >= rows || i >= depth ? 0 : depth - i >= 32 ? 0xffffffff : (__mmask32)((1u << (depth - i)) - 1);
      _mm512_storeu_si512(to + r * depth_columns + i, _mm512_maskz_loadu_epi16(mask, q + r * stride + i));
    }
}

BF16_INLINE void store_scaled(const float *from, float scale, uint16_t *to, size_t count) {
  for (size_t i = 0; i < count; i += 16) {
    __mmask16 mask = count - i >= 16 ? 0xffff : (__mmask16)((1u << (count - i)) - 1);
    __m512 x = _mm512_mul_ps(_mm512_loadu_ps(from + i), _mm512_set1_ps(scale));
    _mm256_mask_storeu_epi16(to + i, mask, (__m256i)_mm512_cvtneps_pbh(x));
  }
}

/// c[r][0…32) = Σ a[r][pair] · b[pair][…]
BF16_INLINE void product_bf16(const uint32_t *a, size_t a_stride, size_t pairs, const uint32_t *b, size_t b_stride,
                              float *c, size_t c_stride) {
  __m512 sums[BLOCK][2];
  for (int r = 0; r < BLOCK; r++) sums[r][0] = sums[r][1] = _mm512_setzero_ps();
  for (size_t i = 0; i < pairs; i++) {
    __m512bh b0 = (__m512bh)_mm512_loadu_si512(b + i * b_stride), b1 = (__m512bh)_mm512_loadu_si512(b + i * b_stride + 16);
#pragma clang loop unroll(full)
    for (int r = 0; r < BLOCK; r++) {
      __m512bh x = (__m512bh)_mm512_set1_epi32((int)a[(size_t)r * a_stride + i]);
      sums[r][0] = _mm512_dpbf16_ps(sums[r][0], x, b0);
      sums[r][1] = _mm512_dpbf16_ps(sums[r][1], x, b1);
    }
  }
  for (int r = 0; r < BLOCK; r++) {
    _mm512_storeu_ps(c + (size_t)r * c_stride, sums[r][0]);
    _mm512_storeu_ps(c + (size_t)r * c_stride + 16, sums[r][1]);
  }
}

typedef struct {
  uint32_t *keys, *values;
  uint16_t *queries, *probabilities;
  float *scores, *results;
  size_t key_columns, depth_columns;
} bf16_scratch;

BF16_INLINE bf16_scratch divide(void *scratch, const ck_attention *shape) {
  bf16_scratch s;
  s.key_columns = round_up(shape->keys, 32);
  s.depth_columns = round_up(shape->depth, 32);
  size_t block = TILE_BLOCK;
  s.keys = scratch;
  s.values = s.keys + s.depth_columns / 2 * s.key_columns;
  s.scores = (float *)(s.values + s.key_columns / 2 * s.depth_columns);
  s.results = s.scores + block * s.key_columns;
  s.probabilities = (uint16_t *)(s.results + block * s.depth_columns);
  s.queries = s.probabilities + block * s.key_columns;
  return s;
}

BF16_TARGET static void attention_dot(const ck_attention *shape, const uint16_t *q, const uint16_t *k,
                                      const uint16_t *v, uint16_t *out, void *scratch) {
  bf16_scratch s = divide(scratch, shape);
  size_t kc = s.key_columns, dc = s.depth_columns;
  pack_pairs(shape, k, v, s.keys, s.values, kc, dc);
  for (size_t first = 0; first < shape->queries; first += BLOCK) {
    size_t rows = shape->queries - first < BLOCK ? shape->queries - first : BLOCK;
    float inverse[BLOCK];
    pack_queries(q + first * shape->query_stride, rows, shape->query_stride, shape->depth, s.queries, dc, BLOCK);
    for (size_t j = 0; j < kc; j += 32)
      product_bf16((uint32_t *)s.queries, dc / 2, dc / 2, s.keys + j, kc, s.scores + j, kc);
    for (size_t r = 0; r < BLOCK; r++)
      inverse[r] = exponentials_bf16(s.scores + r * kc, s.probabilities + r * kc, visible(shape, first + r), kc, shape->scale);
    for (size_t j = 0; j < dc; j += 32)
      product_bf16((uint32_t *)s.probabilities, kc / 2, kc / 2, s.values + j, dc, s.results + j, dc);
    for (size_t r = 0; r < rows; r++)
      store_scaled(s.results + r * dc, inverse[r], out + (first + r) * shape->out_stride, shape->depth);
  }
}

#define AMX_TARGET __attribute__((target("arch=x86-64-v4,avx512bf16,amx-tile,amx-bf16")))

/// c [32, columns] = a [32, 2·pairs] · b, in 32×32 blocks of four tiles. `columns` is a multiple of 32, `pairs` of 16.
AMX_TARGET static inline __attribute__((always_inline)) void product_tiles(const uint16_t *a, size_t pairs,
                                                                           const uint32_t *b, size_t columns,
                                                                           float *c) {
  for (size_t j = 0; j < columns; j += 32) {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (size_t i = 0; i < pairs; i += 16) {
      _tile_loadd(4, a + 2 * i, 4 * pairs);
      _tile_loadd(6, b + i * columns + j, 4 * columns);
      _tile_loadd(7, b + i * columns + j + 16, 4 * columns);
      _tile_loadd(5, a + 2 * i + 16 * 2 * pairs, 4 * pairs);
      _tile_dpbf16ps(0, 4, 6);
      _tile_dpbf16ps(1, 4, 7);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, c + j, 4 * columns);
    _tile_stored(1, c + j + 16, 4 * columns);
    _tile_stored(2, c + 16 * columns + j, 4 * columns);
    _tile_stored(3, c + 16 * columns + j + 16, 4 * columns);
  }
}

AMX_TARGET static void attention_tiles(const ck_attention *shape, const uint16_t *q, const uint16_t *k,
                                       const uint16_t *v, uint16_t *out, void *scratch) {
  // The library that shares the tiles with us may rely on its own configuration staying in place.
  _Alignas(64) uint8_t before[64], config[64] = {1};
  for (int t = 0; t < 8; t++) {
    config[16 + 2 * t] = 64; // bytes a row
    config[48 + t] = 16;     // rows
  }
  _tile_storeconfig(before);
  _tile_loadconfig(config);
  bf16_scratch s = divide(scratch, shape);
  size_t kc = s.key_columns, dc = s.depth_columns;
  pack_pairs(shape, k, v, s.keys, s.values, kc, dc);
  for (size_t first = 0; first < shape->queries; first += TILE_BLOCK) {
    size_t rows = shape->queries - first < TILE_BLOCK ? shape->queries - first : TILE_BLOCK;
    float inverse[TILE_BLOCK];
    pack_queries(q + first * shape->query_stride, rows, shape->query_stride, shape->depth, s.queries, dc, TILE_BLOCK);
    product_tiles(s.queries, dc / 2, s.keys, kc, s.scores);
    for (size_t r = 0; r < rows; r++)
      inverse[r] = exponentials_bf16(s.scores + r * kc, s.probabilities + r * kc, visible(shape, first + r), kc, shape->scale);
    product_tiles(s.probabilities, kc / 2, s.values, dc, s.results);
    for (size_t r = 0; r < rows; r++)
      store_scaled(s.results + r * dc, inverse[r], out + (first + r) * shape->out_stride, shape->depth);
  }
  if (before[0]) _tile_loadconfig(before);
  else _tile_release();
}

void ck_attention_bf16(const ck_attention *shape, const uint16_t *q, const uint16_t *k, const uint16_t *v,
                       uint16_t *out, void *scratch) {
  // Half a tile block of queries is not worth tiles.
  if (ck_has_amx() && shape->queries > TILE_BLOCK / 4) attention_tiles(shape, q, k, v, out, scratch);
  else attention_dot(shape, q, k, v, out, scratch);
}
