#include "overlap.h"

#include "inline_math.h"

// Distances of a block first, which vectorises, and a look at each only where one of the block is near.
#define HAMMING_BLOCK 256

CLONES static uint32_t distances_1(uint64_t query, const uint64_t *hashes, size_t count, uint16_t *out) {
  uint32_t least = 64;
  for (size_t i = 0; i < count; i++) {
    uint32_t d = (uint32_t)__builtin_popcountll(query ^ hashes[i]);
    out[i] = (uint16_t)d;
    least = d < least ? d : least;
  }
  return least;
}

CLONES static uint32_t distances_4(const uint64_t *query, const uint64_t *hashes, size_t count, uint16_t *out) {
  uint32_t least = 256;
  uint64_t a = query[0], b = query[1], c = query[2], e = query[3];
  for (size_t i = 0; i < count; i++) {
    const uint64_t *h = hashes + 4 * i;
    uint32_t d = (uint32_t)(__builtin_popcountll(a ^ h[0]) + __builtin_popcountll(b ^ h[1]) +
                            __builtin_popcountll(c ^ h[2]) + __builtin_popcountll(e ^ h[3]));
    out[i] = (uint16_t)d;
    least = d < least ? d : least;
  }
  return least;
}

static uint32_t distances_any(const uint64_t *query, const uint64_t *hashes, size_t count, size_t words,
                              uint16_t *out) {
  uint32_t least = UINT32_MAX;
  for (size_t i = 0; i < count; i++) {
    uint32_t d = 0;
    for (size_t w = 0; w < words; w++) d += (uint32_t)__builtin_popcountll(query[w] ^ hashes[i * words + w]);
    out[i] = (uint16_t)d;
    least = d < least ? d : least;
  }
  return least;
}

size_t ck_hamming_within(const uint64_t *query, const uint64_t *hashes, size_t count, size_t words, uint32_t limit,
                         uint32_t *rows, uint16_t *distances) {
  uint16_t block[HAMMING_BLOCK];
  size_t found = 0;
  for (size_t start = 0; start < count; start += HAMMING_BLOCK) {
    size_t n = count - start < HAMMING_BLOCK ? count - start : HAMMING_BLOCK;
    const uint64_t *from = hashes + start * words;
    uint32_t least = words == 1   ? distances_1(query[0], from, n, block)
                     : words == 4 ? distances_4(query, from, n, block)
                                  : distances_any(query, from, n, words, block);
    if (least > limit) continue;
    for (size_t i = 0; i < n; i++) {
      if (block[i] > limit) continue;
      rows[found] = (uint32_t)(start + i);
      distances[found++] = block[i];
    }
  }
  return found;
}

CLONES size_t ck_scaled_above(const float *products, const float *scales, size_t count, float bound, uint32_t *rows) {
  size_t found = 0, start = 0;
  for (; start + 64 <= count; start += 64) {
    int any = 0;
    for (size_t i = start; i < start + 64; i++) any |= products[i] * scales[i] >= bound;
    if (!any) continue;
    for (size_t i = start; i < start + 64; i++)
      if (products[i] * scales[i] >= bound) rows[found++] = (uint32_t)i;
  }
  for (size_t i = start; i < count; i++)
    if (products[i] * scales[i] >= bound) rows[found++] = (uint32_t)i;
  return found;
}

// Eight sums side by side, then these in order: the same roundings with any width of vector.
CLONES double ck_dot_ordered(const float *a, const float *b, size_t count) {
#pragma clang fp contract(off)
  double sums[8] = {0};
  size_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (size_t j = 0; j < 8; j++) sums[j] += (double)a[i + j] * (double)b[i + j];
  for (; i < count; i++) sums[i % 8] += (double)a[i] * (double)b[i];
  double total = 0;
  for (size_t j = 0; j < 8; j++) total += sums[j];
  return total;
}

#define SIDE_LIMIT 128

// Positions of a row of pixels in the source: the upper left of four, how far beyond it, and whether it is inside.
typedef struct {
  int32_t corner[SIDE_LIMIT];
  float right[SIDE_LIMIT], below[SIDE_LIMIT], inside[SIDE_LIMIT];
} row_positions;

INLINE void place_row(row_positions *row, size_t y, size_t side, size_t source_side, const double warp[6]) {
  float n = (float)source_side, last = n - 1;
  float ty = ((float)y + 0.5f) / (float)side - 0.5f;
  for (size_t x = 0; x < side; x++) {
    float tx = ((float)x + 0.5f) / (float)side - 0.5f;
    float u = (float)warp[0] * tx + (float)warp[1] * ty + (float)warp[2];
    float v = (float)warp[3] * tx + (float)warp[4] * ty + (float)warp[5];
    float px = (u + 0.5f) * n - 0.5f, py = (v + 0.5f) * n - 0.5f;
    row->inside[x] = ((px >= -0.5f) & (px <= last + 0.5f) & (py >= -0.5f) & (py <= last + 0.5f)) ? 1.0f : 0.0f;
    px = px > 0 ? px : 0;
    py = py > 0 ? py : 0;
    px = px < last ? px : last;
    py = py < last ? py : last;
    int32_t ix = (int32_t)px, iy = (int32_t)py;
    int32_t most = (int32_t)source_side - 2;
    ix = ix < most ? ix : most;
    iy = iy < most ? iy : most;
    row->right[x] = px - (float)ix;
    row->below[x] = py - (float)iy;
    row->corner[x] = iy * (int32_t)source_side + ix;
  }
}

CLONES void ck_align_sums(const float *source, const float *target, size_t side, const double warp[6],
                          ck_alignment *sums) {
#pragma clang fp reassociate(on) contract(fast)
  row_positions row;
  memset(sums, 0, sizeof *sums);
  if (side < 2 || side > SIDE_LIMIT) return;
  size_t plane = side * side;
  float scale = (float)side;
  // Per plane: products of derivatives (xx, xy, yy) weighted by x², x, 1 and powers of y; see below.
  double gg[3][3][6] = {{{0}}}, gv[3][2][3][3] = {{{{0}}}}, values[3][5] = {{0}};
  double count = 0;
  for (size_t y = 0; y < side; y++) {
    place_row(&row, y, side, side, warp);
    double ty = ((double)y + 0.5) / (double)side - 0.5;
    float inside = 0;
    for (size_t x = 0; x < side; x++) inside += row.inside[x];
    if (inside == 0) continue;
    count += inside;
    for (size_t c = 0; c < 3; c++) {
      const float *from = source + c * plane, *to = target + c * plane + y * side;
      float s[SIDE_LIMIT], gx[SIDE_LIMIT], gy[SIDE_LIMIT], t[SIDE_LIMIT];
      for (size_t x = 0; x < side; x++) {
        const float *p = from + row.corner[x];
        float a = p[0], b = p[1], d = p[side], e = p[side + 1], r = row.right[x], w = row.below[x];
        float upper = a + (b - a) * r, lower = d + (e - d) * r, m = row.inside[x];
        s[x] = (upper + (lower - upper) * w) * m;
        gx[x] = ((b - a) + ((e - d) - (b - a)) * w) * scale * m;
        gy[x] = (lower - upper) * scale * m;
        t[x] = to[x] * m;
      }
      float xx0 = 0, xx1 = 0, xx2 = 0, xy0 = 0, xy1 = 0, xy2 = 0, yy0 = 0, yy1 = 0, yy2 = 0;
      float xs0 = 0, xs1 = 0, ys0 = 0, ys1 = 0, xt0 = 0, xt1 = 0, yt0 = 0, yt1 = 0, x10 = 0, x11 = 0, y10 = 0, y11 = 0;
      float ss = 0, tt = 0, st = 0, s1 = 0, t1 = 0;
      for (size_t x = 0; x < side; x++) {
        float tx = ((float)x + 0.5f) / scale - 0.5f;
        float a = gx[x], b = gy[x], p = s[x], q = t[x], aa = a * a, ab = a * b, bb = b * b;
        xx0 += aa, xx1 += aa * tx, xx2 += aa * tx * tx;
        xy0 += ab, xy1 += ab * tx, xy2 += ab * tx * tx;
        yy0 += bb, yy1 += bb * tx, yy2 += bb * tx * tx;
        xs0 += a * p, xs1 += a * p * tx, ys0 += b * p, ys1 += b * p * tx;
        xt0 += a * q, xt1 += a * q * tx, yt0 += b * q, yt1 += b * q * tx;
        x10 += a, x11 += a * tx, y10 += b, y11 += b * tx;
        ss += p * p, tt += q * q, st += p * q, s1 += p, t1 += q;
      }
      double squares[3][3] = {{xx0, xx1, xx2}, {xy0, xy1, xy2}, {yy0, yy1, yy2}};
      for (size_t k = 0; k < 3; k++) {
        gg[c][k][0] += squares[k][2];           // x²
        gg[c][k][1] += squares[k][1] * ty;      // x y
        gg[c][k][2] += squares[k][1];           // x
        gg[c][k][3] += squares[k][0] * ty * ty; // y²
        gg[c][k][4] += squares[k][0] * ty;      // y
        gg[c][k][5] += squares[k][0];           // 1
      }
      // Derivatives by x and y, with source, target and 1, times x, y and 1.
      double linear[2][3][2] = {{{xs1, xs0}, {xt1, xt0}, {x11, x10}}, {{ys1, ys0}, {yt1, yt0}, {y11, y10}}};
      for (size_t k = 0; k < 2; k++)
        for (size_t v = 0; v < 3; v++) {
          gv[c][k][v][0] += linear[k][v][0];
          gv[c][k][v][1] += linear[k][v][1] * ty;
          gv[c][k][v][2] += linear[k][v][1];
        }
      values[c][0] += ss, values[c][1] += tt, values[c][2] += st, values[c][3] += s1, values[c][4] += t1;
    }
  }
  sums->count = count;
  if (count == 0) return;
  // w0, w1, w2 move along x by x, y and 1; w3, w4, w5 along y.
  static const int power[3][3] = {{0, 1, 2}, {1, 3, 4}, {2, 4, 5}};
  for (size_t c = 0; c < 3; c++) {
    const double *one = values[c];
    double mean_s = one[3] / count, mean_t = one[4] / count;
    for (size_t i = 0; i < 6; i++) {
      double gi = gv[c][i / 3][2][i % 3];
      for (size_t j = 0; j < 6; j++) {
        double gj = gv[c][j / 3][2][j % 3];
        sums->gg[6 * i + j] += gg[c][i / 3 + j / 3][power[i % 3][j % 3]] - gi * gj / count;
      }
      sums->gs[i] += gv[c][i / 3][0][i % 3] - gi * mean_s;
      sums->gt[i] += gv[c][i / 3][1][i % 3] - gi * mean_t;
    }
    sums->ss += one[0] - one[3] * mean_s;
    sums->tt += one[1] - one[4] * mean_t;
    sums->st += one[2] - one[3] * mean_t;
  }
}

// The unknowns of a step: sizes along both axes, or size and turn, and two shifts.
#define UNKNOWNS 4

// Rounded after every operation, so that each processor takes the same steps from the same sums.
static double dot_6(const double a[6], const double b[6]) {
#pragma clang fp contract(off)
  double sum = 0;
  for (size_t k = 0; k < 6; k++) sum += a[k] * b[k];
  return sum;
}

static double dot_unknowns(const double a[UNKNOWNS], const double b[UNKNOWNS]) {
#pragma clang fp contract(off)
  double sum = 0;
  for (size_t k = 0; k < UNKNOWNS; k++) sum += a[k] * b[k];
  return sum;
}

// L of a = L Lᵀ in the lower triangle of l; 0 where a is not positive definite.
static int factor(const double a[UNKNOWNS][UNKNOWNS], double l[UNKNOWNS][UNKNOWNS]) {
#pragma clang fp contract(off)
  for (size_t j = 0; j < UNKNOWNS; j++)
    for (size_t i = j; i < UNKNOWNS; i++) {
      double sum = a[i][j];
      for (size_t k = 0; k < j; k++) sum -= l[i][k] * l[j][k];
      if (i != j) {
        l[i][j] = sum / l[j][j];
        continue;
      }
      if (!(sum > 1e-9 * fmax(1, a[j][j]))) return 0;
      l[j][j] = sqrt(sum);
    }
  return 1;
}

static void solve(const double l[UNKNOWNS][UNKNOWNS], const double b[UNKNOWNS], double x[UNKNOWNS]) {
#pragma clang fp contract(off)
  for (size_t i = 0; i < UNKNOWNS; i++) {
    x[i] = b[i];
    for (size_t k = 0; k < i; k++) x[i] -= l[i][k] * x[k];
    x[i] /= l[i][i];
  }
  for (size_t i = UNKNOWNS; i-- > 0;) {
    for (size_t k = i + 1; k < UNKNOWNS; k++) x[i] -= l[k][i] * x[k];
    x[i] /= l[i][i];
  }
}

int ck_align_step(const ck_alignment *sums, const double warp[6], double aspect, double next[6]) {
#pragma clang fp contract(off)
  const double *w = warp;
  double windows[2][6] = {{1, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 1, 0}};
  double similarities[2][6] = {{w[0], w[1], 0, w[3], w[4], 0}, {-w[1] * aspect, w[0] / aspect, 0, -w[4] * aspect, w[3] / aspect, 0}};
  double basis[UNKNOWNS][6] = {{0}, {0}, {0, 0, 1, 0, 0, 0}, {0, 0, 0, 0, 0, 1}};
  memcpy(basis, aspect > 0 ? similarities : windows, sizeof windows);
  double matrix[UNKNOWNS][UNKNOWNS], l[UNKNOWNS][UNKNOWNS], gs[UNKNOWNS], gt[UNKNOWNS];
  for (size_t i = 0; i < UNKNOWNS; i++) {
    double product[6];
    for (size_t k = 0; k < 6; k++) product[k] = dot_6(basis[i], sums->gg + 6 * k);
    for (size_t j = 0; j < UNKNOWNS; j++) matrix[i][j] = dot_6(basis[j], product);
    // Nothing along which the picture does not change may move it far.
    matrix[i][i] *= 1.0001;
    gs[i] = dot_6(basis[i], sums->gs);
    gt[i] = dot_6(basis[i], sums->gt);
  }
  if (!factor(matrix, l)) return 0;
  double projected[UNKNOWNS], residual[UNKNOWNS], amounts[UNKNOWNS];
  solve(l, gs, projected);
  double above = sums->ss - dot_unknowns(gs, projected), below = sums->st - dot_unknowns(gt, projected);
  if (!(above > 0 && below > 0)) return 0;
  double scale = above / below;
  for (size_t i = 0; i < UNKNOWNS; i++) residual[i] = scale * gt[i] - gs[i];
  solve(l, residual, amounts);
  for (size_t i = 0; i < UNKNOWNS; i++)
    if (!isfinite(amounts[i])) return 0;
  for (size_t k = 0; k < 6; k++) {
    next[k] = w[k];
    for (size_t i = 0; i < UNKNOWNS; i++) next[k] += amounts[i] * basis[i][k];
  }
  return 1;
}

CLONES void ck_warp(const float *source, size_t source_side, const double warp[6], float *out, size_t side) {
  row_positions row;
  if (side < 1 || side > SIDE_LIMIT || source_side < 2) return;
  size_t plane = source_side * source_side;
  for (size_t y = 0; y < side; y++) {
    place_row(&row, y, side, source_side, warp);
    for (size_t c = 0; c < 3; c++) {
      const float *from = source + c * plane;
      float *to = out + (c * side + y) * side;
      for (size_t x = 0; x < side; x++) {
        const float *p = from + row.corner[x];
        float upper = p[0] + (p[1] - p[0]) * row.right[x];
        float lower = p[source_side] + (p[source_side + 1] - p[source_side]) * row.right[x];
        to[x] = upper + (lower - upper) * row.below[x];
      }
    }
  }
}

CLONES double ck_edge_correlation(const float *source, const float *target, size_t side, const double warp[6],
                                  double *share, double *shift) {
#pragma clang fp reassociate(on) contract(fast)
  *share = 0;
  *shift = 0;
  if (side < 8 || side > SIDE_LIMIT || side % 2 != 0) return 0;
  size_t half = side / 2, plane = side * side, small = half * half;
  float drawn[3 * SIDE_LIMIT * SIDE_LIMIT / 4], whole[SIDE_LIMIT * SIDE_LIMIT / 4];
  memset(drawn, 0, 3 * small * sizeof *drawn);
  for (size_t i = 0; i < small; i++) whole[i] = 1;
  row_positions row;
  for (size_t y = 0; y < side; y++) {
    place_row(&row, y, side, side, warp);
    for (size_t x = 0; x < side; x++)
      if (row.inside[x] == 0) whole[(y / 2) * half + x / 2] = 0;
    for (size_t c = 0; c < 3; c++) {
      const float *from = source + c * plane;
      float *to = drawn + c * small + (y / 2) * half;
      for (size_t x = 0; x < side; x++) {
        const float *p = from + row.corner[x];
        float upper = p[0] + (p[1] - p[0]) * row.right[x];
        float lower = p[side] + (p[side + 1] - p[side]) * row.right[x];
        to[x / 2] += 0.25f * (upper + (lower - upper) * row.below[x]);
      }
    }
  }
  double st = 0, ss = 0, tt = 0, count = 0, apart[3] = {0};
  for (size_t y = 1; y + 1 < half; y++) {
    float mask[SIDE_LIMIT / 2];
    const float *w = whole + y * half;
    for (size_t x = 1; x + 1 < half; x++) {
      mask[x] = w[x] * w[x - 1] * w[x + 1] * w[x - half] * w[x + half];
      count += mask[x];
    }
    for (size_t c = 0; c < 3; c++) {
      const float *s = drawn + c * small + y * half, *t = target + c * small + y * half;
      float a = 0, b = 0, d = 0, e = 0;
      for (size_t x = 1; x + 1 < half; x++) {
        float sx = s[x + 1] - s[x - 1], sy = s[x + half] - s[x - half];
        float tx = t[x + 1] - t[x - 1], ty = t[x + half] - t[x - half];
        a += mask[x] * (sx * tx + sy * ty);
        b += mask[x] * (sx * sx + sy * sy);
        d += mask[x] * (tx * tx + ty * ty);
        e += mask[x] * (t[x] - s[x]);
      }
      st += a, ss += b, tt += d, apart[c] += e;
    }
  }
  for (size_t c = 0; c < 3 && count > 0; c++) *shift = fmax(*shift, fabs(apart[c]) / count);
  *share = count / (double)((half - 2) * (half - 2));
  return ss > 0 && tt > 0 ? st / sqrt(ss * tt) : 0;
}
