// Scaled dot-product attention of one head, blocked so that scores never leave the cache.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// softmax(scale · q kᵀ) v for one sequence and one head. Rows are `…_stride` elements apart.
typedef struct {
  size_t queries, keys, depth;
  size_t query_stride, key_stride, out_stride;
  float scale;
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

/// Attention of one query to the tokens of its path: softmax(scale · q · k[path]ᵀ) v[path] for each of `heads` heads
/// of `depth`. `q`, `out`: [heads · depth]; row i of k and v begins at i · stride; `scores`: room for `length` floats.
void ck_path_attention(const float *q, const float *k, const float *v, size_t stride, const int32_t *path,
                       size_t length, size_t heads, size_t depth, float scale, float *scores, float *out);
