// Scaled dot-product attention of one head, blocked so that scores never leave the cache.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// softmax(scale · q kᵀ) v for one sequence and one head. Rows are `…_stride` elements apart.
typedef struct {
  size_t queries, keys, depth;
  size_t query_stride, key_stride, out_stride;
  float scale;
  /// The queries are those of the last `queries` keys, and none sees a key after its own (`queries` <= `keys`).
  int causal;
  /// The row of each key and value; NULL when they are rows 0, 1, ….
  const int32_t *key_rows;
} ck_attention;

/// Bytes of scratch, at a multiple of 64, for at most `keys` keys of `depth`.
size_t ck_attention_scratch(size_t keys, size_t depth);

/// q: [queries, depth], k and v: [keys, depth], out: [queries, depth]; keys >= 1.
void ck_attention_f32(const ck_attention *shape, const float *q, const float *k, const float *v, float *out,
                      void *scratch);

/// The same on bfloat16, with float32 sums and softmax. Needs AVX512_BF16; uses AMX where there is one.
void ck_attention_bf16(const ck_attention *shape, const uint16_t *q, const uint16_t *k, const uint16_t *v,
                       uint16_t *out, void *scratch);

/// Whether ck_attention_bf16 runs on AMX tiles here.
int ck_has_amx(void);
