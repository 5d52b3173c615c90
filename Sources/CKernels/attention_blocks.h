// What the float32 and the bfloat16 kernels share; not part of the module's interface.
#pragma once
#include "attention.h"
#include "inline_math.h"

// Keys are turned to [depth, keys] and values copied to [keys, depth], both padded to whole vectors, once per head;
// then blocks of queries run through two products whose operands stay in the nearest caches.

#define LANES 16
/// Queries of a block of the vector kernels.
#define BLOCK 6
/// Queries of a block of the tile kernel: two tiles.
#define TILE_BLOCK 32

/// Where the row of key `t` begins.
INLINE size_t key_offset(const ck_attention *shape, size_t t) {
  return (shape->key_rows ? (size_t)shape->key_rows[t] : t) * shape->key_stride;
}

/// Keys that a query sees.
INLINE size_t visible(const ck_attention *shape, size_t query) {
  if (!shape->causal || query >= shape->queries) return shape->keys;
  return shape->keys - shape->queries + query + 1;
}

INLINE size_t round_up(size_t n, size_t to) { return (n + to - 1) / to * to; }
