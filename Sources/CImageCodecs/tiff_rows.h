#pragma once
#include <stddef.h>
#include <stdint.h>

#include "CImageCodecs.h"

// How the samples of a TIFF become pixels of one of Pillow's modes.

typedef struct {
  uint16_t photometric, bits, count, format, extra_count, first_extra;
} tiff_samples;

typedef struct {
  codec_mode mode;
  unsigned bits;           // of a sample
  unsigned samples;        // of a pixel, as stored
  unsigned planes;         // of them, those used where each has its own plane
  unsigned out_bytes;      // of a pixel, as given out
  int inverted;            // 0 is white
  int premultiplied;
} tiff_layout;

// 0 where Pillow knows no mode for them either, or one that this program has not.
int tiff_find_layout(const tiff_samples *samples, int separate, tiff_layout *layout);

// Bytes that `columns` pixels take, or one sample of each where it has its own plane.
uint64_t tiff_row_bytes(const tiff_layout *layout, uint32_t columns, int separate);

// One row of pixels; of sample number `plane` alone unless it is -1.
void tiff_unpack(
    const tiff_layout *layout, int plane, const uint8_t *from, uint32_t columns, uint8_t *to);

// Pillow's RGBa to RGBA.
void tiff_divide_by_alpha(uint8_t *rgba, uint32_t columns);

// `from` (`width` × `height` pixels without padding) turned or mirrored as TIFF's `orientation` (2 to 8) says.
void tiff_orient(
    int orientation, const uint8_t *from, uint32_t width, uint32_t height, unsigned pixel_bytes,
    uint8_t *to, size_t stride);
