#include "winograd.h"

#include <stdint.h>
#include <string.h>

// Tiles of 4×4 outputs are worked on a group at a time, so that what is between the transforms stays in the cache:
// inputs [36, tiles, inputs] times filters [36, inputs, outputs] give products [36, tiles, outputs].

enum {
  out_side = 4,                // outputs of a tile
  in_side = 6,                 // inputs of a tile: two more for the filter
  points = in_side * in_side,  // products of a tile
  lanes = 16,
  panel = 2 * lanes,           // columns of a block of products, in registers
  most_rows = 14,              // rows of it
};

// The polynomials are evaluated at 0, ±NEAR, ±FAR and infinity. With the customary 1 and 2 errors are 2.4 times as
// large as with these, the best of the pairs of sixteenths that were tried; all their products below are exact.
#define NEAR (5. / 8)
#define FAR (11. / 8)
#define NEAR2 (NEAR * NEAR)
#define FAR2 (FAR * FAR)

typedef float vec __attribute__((vector_size(64), aligned(4)));

#define INLINE static inline __attribute__((always_inline))
// Without the second attribute the compiler cuts these vectors in two.
#define TARGET __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))

/// Bytes of inputs and products of a group of tiles, of which many filters make more.
static const size_t group_bytes = 1 << 20, filters_per_tile = 2048;

/// Tiles from which on reading the filters, four times as large as they were, costs less than the products saved.
static const size_t fewest_tiles = 32;

INLINE size_t tiles_of(size_t side) { return (side + out_side - 1) / out_side; }

static size_t all_tiles(const winograd_shape *s) {
  return s->images * tiles_of(s->height) * tiles_of(s->width);
}

/// Groups of the same size, give or take one tile.
static size_t group_size(const winograd_shape *s) {
  const size_t tiles = all_tiles(s), near = group_bytes / (points * sizeof(float) * (s->inputs + s->outputs));
  const size_t worth = s->inputs * s->outputs / filters_per_tile;
  const size_t most = near > worth ? near : worth, groups = most ? (tiles + most - 1) / most : tiles;
  return (tiles + groups - 1) / groups;
}

/// Floats between two points' matrices: a cache line more than they take, lest all fall on the same lines of the cache.
INLINE size_t point_stride(size_t tiles, size_t channels) { return tiles * channels + lanes; }

int winograd_suits(const winograd_shape *s) {
  if (s->inputs < lanes || s->outputs < lanes || s->inputs % lanes || s->outputs % lanes) return 0;
  if (all_tiles(s) < fewest_tiles) return 0;
  __builtin_cpu_init();
  return __builtin_cpu_supports("x86-64-v4");
}

size_t winograd_filter_size(const winograd_shape *s) { return points * s->inputs * s->outputs; }

size_t winograd_scratch_bytes(const winograd_shape *s) {
  const size_t tiles = group_size(s);
  return sizeof(float) * points * (point_stride(tiles, s->inputs) + point_stride(tiles, s->outputs));
}

/// G g Gᵀ in double, as [point, panel of outputs, input, output of the panel].
TARGET void winograd_transform_filters(const winograd_shape *s, const float *weight, float *filters) {
  const double at_0 = 1 / (NEAR2 * FAR2);
  const double at_near = 1 / (2 * NEAR2 * (NEAR2 - FAR2)), at_far = 1 / (2 * FAR2 * (FAR2 - NEAR2));
  const double g[in_side][3] = {{at_0, 0, 0},
                                {at_near, at_near * NEAR, at_near * NEAR2},
                                {at_near, -at_near * NEAR, at_near * NEAR2},
                                {at_far, at_far * FAR, at_far * FAR2},
                                {at_far, -at_far * FAR, at_far * FAR2},
                                {0, 0, 1}};
  for (size_t first = 0; first < s->outputs; first += panel) {
    const size_t columns = s->outputs - first < panel ? s->outputs - first : panel;
    for (size_t i = 0; i < s->inputs; i++) {
      double w[9][panel] = {0}, half[in_side][3][panel];
      for (size_t o = 0; o < columns; o++)
        for (size_t k = 0; k < 9; k++) w[k][o] = weight[((first + o) * s->inputs + i) * 9 + k];
      for (int a = 0; a < in_side; a++)
        for (int x = 0; x < 3; x++)
          for (int o = 0; o < panel; o++)
            half[a][x][o] = g[a][0] * w[x][o] + g[a][1] * w[3 + x][o] + g[a][2] * w[6 + x][o];
      for (int a = 0; a < in_side; a++)
        for (int b = 0; b < in_side; b++) {
          float *to = filters + (size_t)(a * in_side + b) * s->inputs * s->outputs + first * s->inputs + i * columns;
          for (size_t o = 0; o < columns; o++)
            to[o] = (float)(half[a][0][o] * g[b][0] + half[a][1][o] * g[b][1] + half[a][2][o] * g[b][2]);
        }
    }
  }
}

/// Bᵀ d of one column or row of a tile.
INLINE void transform_input(const vec d[in_side], vec t[in_side]) {
#pragma clang fp contract(fast)
  const float ends = (float)(NEAR2 * FAR2), sum = (float)(NEAR2 + FAR2), near2 = (float)NEAR2, far2 = (float)FAR2;
  const vec even_near = d[4] - far2 * d[2], odd_near = (float)NEAR * (d[3] - far2 * d[1]);
  const vec even_far = d[4] - near2 * d[2], odd_far = (float)FAR * (d[3] - near2 * d[1]);
  t[0] = ends * d[0] - sum * d[2] + d[4];
  t[1] = even_near + odd_near;
  t[2] = even_near - odd_near;
  t[3] = even_far + odd_far;
  t[4] = even_far - odd_far;
  t[5] = ends * d[1] - sum * d[3] + d[5];
}

/// Aᵀ m of one column or row of a tile.
INLINE void transform_output(const vec m[in_side], vec t[out_side]) {
#pragma clang fp contract(fast)
  const vec sum_near = m[1] + m[2], difference_near = m[1] - m[2], sum_far = m[3] + m[4], difference_far = m[3] - m[4];
  t[0] = m[0] + sum_near + sum_far;
  t[1] = (float)NEAR * difference_near + (float)FAR * difference_far;
  t[2] = (float)NEAR2 * sum_near + (float)FAR2 * sum_far;
  t[3] = (float)(NEAR * NEAR2) * difference_near + (float)(FAR * FAR2) * difference_far + m[5];
}

typedef struct {
  size_t image, row, column; // of the first output
} tile;

INLINE tile locate(const winograd_shape *s, size_t index) {
  const size_t across = tiles_of(s->width), down = tiles_of(s->height);
  return (tile){index / (across * down), index / across % down * out_side, index % across * out_side};
}

TARGET static void gather(const winograd_shape *s, const float *x, tile at, float *inputs, size_t stride) {
  const size_t channels = s->inputs;
  const float *image = x + at.image * s->height * s->width * channels;
  for (size_t c = 0; c < channels; c += lanes) {
    vec half[in_side][in_side]; // [column][row transformed]
#pragma clang loop unroll(full)
    for (int j = 0; j < in_side; j++) {
      vec d[in_side];
      const size_t column = at.column + (size_t)j - 1; // wraps to a huge number on the left
#pragma clang loop unroll(full)
      for (int i = 0; i < in_side; i++) {
        const size_t row = at.row + (size_t)i - 1;
        d[i] = row < s->height && column < s->width ? *(const vec *)(image + (row * s->width + column) * channels + c)
                                                    : (vec){0};
      }
      transform_input(d, half[j]);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < in_side; i++) {
      vec line[in_side], t[in_side];
#pragma clang loop unroll(full)
      for (int j = 0; j < in_side; j++) line[j] = half[j][i];
      transform_input(line, t);
#pragma clang loop unroll(full)
      for (int j = 0; j < in_side; j++) *(vec *)(inputs + (size_t)(i * in_side + j) * stride + c) = t[j];
    }
  }
}

TARGET static void scatter(const winograd_shape *s, const float *products, size_t stride, const float *bias,
                           int is_relu, tile at, float *y) {
  const size_t channels = s->outputs;
  float *image = y + at.image * s->height * s->width * channels;
  for (size_t c = 0; c < channels; c += lanes) {
    vec half[in_side][out_side]; // [column][row transformed]
    const vec b = *(const vec *)(bias + c), least = (vec){0} + (is_relu ? 0 : -__builtin_inff());
#pragma clang loop unroll(full)
    for (int j = 0; j < in_side; j++) {
      vec m[in_side];
#pragma clang loop unroll(full)
      for (int i = 0; i < in_side; i++) m[i] = *(const vec *)(products + (size_t)(i * in_side + j) * stride + c);
      transform_output(m, half[j]);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < out_side; i++) {
      vec line[in_side], t[out_side];
#pragma clang loop unroll(full)
      for (int j = 0; j < in_side; j++) line[j] = half[j][i];
      transform_output(line, t);
      const size_t row = at.row + (size_t)i;
      if (row >= s->height) continue;
#pragma clang loop unroll(full)
      for (int j = 0; j < out_side; j++) {
        const size_t column = at.column + (size_t)j;
        if (column >= s->width) continue;
        *(vec *)(image + (row * s->width + column) * channels + c) = __builtin_elementwise_max(t[j] + b, least);
      }
    }
  }
}

/// c [rows, 16·vectors] = a [rows, depth] · b [depth, 16·vectors], sums in registers.
INLINE void block(int rows, int vectors, size_t depth, const float *a, const float *b, float *c, size_t c_stride) {
#pragma clang fp contract(fast)
  vec sums[most_rows][2] = {0};
  for (size_t i = 0; i < depth; i++) {
    const vec *row = (const vec *)(b + i * (size_t)vectors * lanes);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
      for (int j = 0; j < vectors; j++) sums[r][j] += a[(size_t)r * depth + i] * row[j];
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) ((vec *)(c + (size_t)r * c_stride))[j] = sums[r][j];
}

#define BLOCK(n)                                                                                                       \
  TARGET static void block_##n(size_t depth, const float *a, const float *b, float *c, size_t c_stride,              \
                               int vectors) {                                                                          \
    if (vectors == 2) block(n, 2, depth, a, b, c, c_stride);                                                           \
    else block(n, 1, depth, a, b, c, c_stride);                                                                        \
  }
BLOCK(1) BLOCK(2) BLOCK(3) BLOCK(4) BLOCK(5) BLOCK(6) BLOCK(7)
BLOCK(8) BLOCK(9) BLOCK(10) BLOCK(11) BLOCK(12) BLOCK(13) BLOCK(14)

typedef void (*block_function)(size_t, const float *, const float *, float *, size_t, int);
static const block_function blocks[most_rows + 1] = {NULL,    block_1, block_2,  block_3,  block_4,
                                                     block_5, block_6, block_7,  block_8,  block_9,
                                                     block_10, block_11, block_12, block_13, block_14};

/// products = inputs · filters of one point; rows in blocks of nearly the same size.
static void multiply(size_t rows, size_t depth, size_t columns, const float *inputs, const float *filters,
                     float *products) {
  const size_t count = (rows + most_rows - 1) / most_rows;
  for (size_t first = 0; first < columns; first += panel) {
    const int vectors = columns - first < panel ? 1 : 2;
    for (size_t i = 0; i < count; i++) {
      const size_t row = rows * i / count, end = rows * (i + 1) / count;
      blocks[end - row](depth, inputs + row * depth, filters + first * depth, products + row * columns + first, columns,
                        vectors);
    }
  }
}

void winograd_run(const winograd_shape *s, const float *x, const float *filters, const float *bias, int is_relu,
                  float *y, void *scratch) {
  const size_t tiles = all_tiles(s), group = group_size(s);
  const size_t in_stride = point_stride(group, s->inputs), out_stride = point_stride(group, s->outputs);
  float *inputs = scratch, *products = inputs + points * in_stride;
  for (size_t first = 0; first < tiles; first += group) {
    const size_t count = tiles - first < group ? tiles - first : group;
    for (size_t t = 0; t < count; t++)
      gather(s, x, locate(s, first + t), inputs + t * s->inputs, in_stride);
    for (size_t p = 0; p < points; p++)
      multiply(count, s->inputs, s->outputs, inputs + p * in_stride, filters + p * s->inputs * s->outputs,
               products + p * out_stride);
    for (size_t t = 0; t < count; t++)
      scatter(s, products + t * s->outputs, out_stride, bias, is_relu, locate(s, first + t), y);
  }
}
