// Searches for near-duplicate images: distances of hashes, scores above a bound, sums for the alignment of two pictures.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Hashes of `words` 64-bit words, `hashes` [count, words], that differ from `query` in at most `limit` bits: their numbers, rising, and
/// distances. rows and distances have room for `count`. Returns how many.
size_t ck_hamming_within(const uint64_t *query, const uint64_t *hashes, size_t count, size_t words, uint32_t limit,
                         uint32_t *rows, uint16_t *distances);

/// The i, rising, with products[i] · scales[i] >= bound; rows has room for `count`. Returns how many.
size_t ck_scaled_above(const float *products, const float *scales, size_t count, float bound, uint32_t *rows);

/// Σ a[i] b[i] in float64, in one order whatever the processor.
double ck_dot_ordered(const float *a, const float *b, size_t count);

/// Sums over the pixels of `target` that a warp takes into `source`, for a step of their alignment. Both are three planes of side × side.
/// A pixel's coordinates (x, y) run from −½ to ½; the warp takes them to (w0 x + w1 y + w2, w3 x + w4 y + w5) of the source, which is
/// interpolated between its four nearest pixels. All sums are of deviations from the plane's means over these pixels.
typedef struct {
  /// Of the derivatives of the warped source by w0…w5, with each other.
  double gg[36];
  /// With the warped source, and with the target.
  double gs[6], gt[6];
  double ss, tt, st;
  /// Pixels inside, of one plane.
  double count;
} ck_alignment;
void ck_align_sums(const float *source, const float *target, size_t side, const double warp[6], ck_alignment *sums);

/// The warp after the next step of the enhanced correlation coefficient's maximisation (equations 19 and 20 of Evangelidis and Psarakis 2008), from
/// the sums at `warp`: shifted and scaled, each axis by itself, or with an `aspect` above 0 (width over height of the target before it was made square) shifted, scaled alike
/// and turned. Returns 0 where there is none.
int ck_align_step(const ck_alignment *sums, const double warp[6], double aspect, double next[6]);

/// Three planes of side × side as an affine view of three of source_side × source_side shows them, coordinates as above; what lies outside is
/// the nearest pixel of the edge.
void ck_warp(const float *source, size_t source_side, const double warp[6], float *out, size_t side);

/// How alike the edges of two pictures are: the correlation of the horizontal and vertical differences of the colours of `target`, three planes of
/// side/2 × side/2, and of `source`, three of side × side, as the warp shows it, at half its size. Only pixels whose neighbours are inside the source count; *share is
/// their share of all, and *shift the largest difference between the two pictures' means of a colour over them. Returns -1…1, 0 where one of the two has no edges.
double ck_edge_correlation(const float *source, const float *target, size_t side, const double warp[6], double *share,
                           double *shift);
