#pragma once
#include <stddef.h>
#include <stdint.h>

// Pillow's 8-bit resampling (libImaging/Resample.c): one-dimensional passes with weights in fixed point,
// 22 fractional bits, each pass rounded half up and clipped to 0…255. Every instruction set below computes the same
// 32-bit sum, so the choice never changes a pixel.

enum {
  RESIZE_FRACTION_BITS = 32 - 8 - 2,
  // Readable (and, in outputs, writable) bytes that every row buffer needs past its last pixel.
  RESIZE_SLACK = 64,
  // Bytes of packed weights for a group of four taps.
  RESIZE_PACKED_GROUP = 32,
};

typedef enum {
  RESIZE_PORTABLE = 0,
  RESIZE_AVX2 = 1,
  RESIZE_AVX512_VNNI = 2,
} resize_isa;

// The fastest one this CPU runs.
resize_isa resize_best_isa(void);

// Splits `groups` × 4 weights into the digits the vector kernels multiply by.
void resize_pack(const int32_t *weights, size_t groups, uint32_t *packed);

// Weighs pixels along rows. Output pixel x of a row is the weighted sum of the source pixels
// first[x] ..< first[x] + 4·groups; positions past the end of the row must have weight 0 and lie inside the slack.
//   source: `rows` rows of interleaved pixels, `channels` 1…4 bytes each, source_stride apart
//   output: outputs pixels a row, output_stride ≥ outputs·channels + 4 apart
void resize_horizontal(
    resize_isa isa, const uint8_t *source, size_t source_stride, int channels, int rows,
    uint8_t *output, size_t output_stride, int outputs, const int32_t *first, int groups,
    const int32_t *weights, const uint32_t *packed);

// Weighs one output row from the source rows first ..< first + 4·groups, of which those past the last have weight 0
// but must be readable. Reads and writes `bytes` rounded up to a multiple of 64.
void resize_vertical(
    resize_isa isa, const uint8_t *source, size_t source_stride, int first, int groups,
    const int32_t *weights, const uint32_t *packed, uint8_t *output, size_t bytes);

// Interleaved 8-bit RGB to three planes of float32, each value looked up in table[channel·256 + byte]; or, where
// that is faster, computed as (byte/255 - mean) / deviation. The caller has to have checked that the two agree in every
// bit, and passes NULL for mean and deviation otherwise.
void resize_planar(
    resize_isa isa, const uint8_t *rgb, size_t count, const float *table, const float *mean,
    const float *deviation, float *red, float *green, float *blue);
