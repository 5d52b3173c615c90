#include <string.h>

#include "tiff_rows.h"

// TIFF's numbers, so that this file needs no libtiff.
enum { WHITE_IS_ZERO = 0, BLACK_IS_ZERO = 1, RGB = 2, PALETTE = 3, INKS = 5, YCBCR = 6 };
enum { ASSOCIATED_ALPHA = 1, UNASSOCIATED_ALPHA = 2, COREL_DRAW_ALPHA = 999 };

static int grey_layout(const tiff_samples *s, tiff_layout *layout) {
  layout->inverted = s->photometric == WHITE_IS_ZERO;
  if (s->count == 2) {
    layout->mode = CODEC_MODE_LA;
    return s->bits == 8 && s->extra_count == 1 && s->first_extra == UNASSOCIATED_ALPHA
           && !layout->inverted;
  }
  if (s->count != 1 || s->extra_count != 0) return 0;
  switch (s->bits) {
    case 1:
      layout->mode = CODEC_MODE_1;
      return 1;
    case 2:
    case 4:
    case 8:
      layout->mode = CODEC_MODE_L;
      return 1;
    case 16:
      // Pillow leaves these as they are, also where 0 means white.
      layout->mode = CODEC_MODE_I16;
      layout->inverted = 0;
      return 1;
    default:
      return 0;
  }
}

static int colour_layout(const tiff_samples *s, tiff_layout *layout) {
  if (s->bits != 8 && s->bits != 16) return 0;
  const unsigned extra = s->count - 3u;
  layout->mode = CODEC_MODE_RGB;
  if (s->count == 3) return s->extra_count == 0;
  if (s->count < 3 || extra > 3 || (extra > 1 && s->bits == 16)) return 0;
  if (s->extra_count == 0) {
    // A fourth sample that the file does not explain is alpha.
    layout->mode = CODEC_MODE_RGBA;
    return extra == 1;
  }
  if (s->extra_count != extra) return 0;
  switch (s->first_extra) {
    case 0:
      return 1;
    case ASSOCIATED_ALPHA:
      layout->premultiplied = 1;
      layout->mode = CODEC_MODE_RGBA;
      return 1;
    case UNASSOCIATED_ALPHA:
    case COREL_DRAW_ALPHA:
      layout->mode = CODEC_MODE_RGBA;
      return 1;
    default:
      return 0;
  }
}

int tiff_find_layout(const tiff_samples *s, int separate, tiff_layout *layout) {
  memset(layout, 0, sizeof *layout);
  layout->bits = s->bits;
  layout->samples = s->count;
  if (s->format != 1) return 0;
  int known = 0;
  switch (s->photometric) {
    case WHITE_IS_ZERO:
    case BLACK_IS_ZERO:
      known = grey_layout(s, layout) && !(separate && s->count > 1);
      break;
    case RGB:
      known = colour_layout(s, layout);
      break;
    case PALETTE:
      layout->mode = CODEC_MODE_P;
      known = s->count == 1 && s->extra_count == 0
              && (s->bits == 1 || s->bits == 2 || s->bits == 4 || s->bits == 8);
      break;
    case INKS:
      layout->mode = CODEC_MODE_CMYK;
      known = s->count >= 4 && s->count <= 6 && s->extra_count == s->count - 4u
              && (s->bits == 8 || (s->bits == 16 && s->count == 4));
      break;
    case YCBCR:
      layout->mode = CODEC_MODE_RGB;
      known = s->count == 3 && s->bits == 8 && s->extra_count == 0;
      break;
  }
  static const unsigned bytes[] = {
      [CODEC_MODE_1] = 1, [CODEC_MODE_L] = 1,    [CODEC_MODE_LA] = 2,
      [CODEC_MODE_RGB] = 3, [CODEC_MODE_RGBA] = 4, [CODEC_MODE_P] = 1,
      [CODEC_MODE_CMYK] = 4, [CODEC_MODE_I16] = 2};
  layout->out_bytes = bytes[layout->mode];
  layout->planes = layout->mode == CODEC_MODE_I16 ? 1 : layout->out_bytes;
  return known;
}

uint64_t tiff_row_bytes(const tiff_layout *layout, uint32_t columns, int separate) {
  return ((uint64_t)columns * layout->bits * (separate ? 1 : layout->samples) + 7) / 8;
}

// Of 16-bit samples, in the machine's order, the upper half.
static uint8_t upper(const uint8_t *from) {
  uint16_t value;
  memcpy(&value, from, sizeof value);
  return (uint8_t)(value >> 8);
}

static void unpack_bits(
    const tiff_layout *layout, const uint8_t *from, uint32_t columns, uint8_t *to) {
  const unsigned bits = layout->bits, per_byte = 8 / bits, mask = (1u << bits) - 1;
  const unsigned scale = layout->mode == CODEC_MODE_P ? 1 : 255 / mask;
  for (uint32_t x = 0; x < columns; x++) {
    const unsigned shift = bits * (per_byte - 1 - x % per_byte);
    const unsigned value = ((from[x / per_byte] >> shift) & mask) * scale;
    to[x] = (uint8_t)(layout->inverted ? 255 - value : value);
  }
}

void tiff_unpack(
    const tiff_layout *layout, int plane, const uint8_t *from, uint32_t columns, uint8_t *to) {
  const unsigned out = layout->out_bytes, samples = plane < 0 ? layout->samples : 1;
  const unsigned width = layout->bits / 8;
  if (layout->bits < 8) {
    unpack_bits(layout, from, columns, to);
    return;
  }
  if (layout->mode == CODEC_MODE_I16) {
    memcpy(to, from, (size_t)columns * 2);
    return;
  }
  const unsigned first = plane < 0 ? 0 : (unsigned)plane, used = plane < 0 ? out : 1;
  if (width == 1 && used == out && samples == out && !layout->inverted) {
    memcpy(to, from, (size_t)columns * out);
  } else {
    for (uint32_t x = 0; x < columns; x++)
      for (unsigned c = 0; c < used; c++) {
        const uint8_t *sample = from + ((size_t)x * samples + c) * width;
        const uint8_t value = width == 2 ? upper(sample) : *sample;
        to[(size_t)x * out + first + c] = layout->inverted ? (uint8_t)~value : value;
      }
  }
  if (layout->premultiplied && plane < 0) tiff_divide_by_alpha(to, columns);
}

void tiff_divide_by_alpha(uint8_t *rgba, uint32_t columns) {
  for (uint32_t x = 0; x < columns; x++, rgba += 4) {
    const unsigned alpha = rgba[3];
    if (alpha == 255) continue;
    for (int c = 0; c < 3; c++) {
      const unsigned value = alpha ? 255u * rgba[c] / alpha : 0;
      rgba[c] = (uint8_t)(value > 255 ? 255 : value);
    }
  }
}

void tiff_orient(
    int orientation, const uint8_t *from, uint32_t width, uint32_t height, unsigned pixel_bytes,
    uint8_t *to, size_t stride) {
  const int turned = orientation >= 5;
  const uint32_t out_width = turned ? height : width, out_height = turned ? width : height;
  const int flip_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const int flip_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  for (uint32_t y = 0; y < out_height; y++)
    for (uint32_t x = 0; x < out_width; x++) {
      uint32_t column = turned ? y : x, row = turned ? x : y;
      if (flip_x) column = width - 1 - column;
      if (flip_y) row = height - 1 - row;
      memcpy(
          to + (size_t)y * stride + (size_t)x * pixel_bytes,
          from + ((size_t)row * width + column) * pixel_bytes, pixel_bytes);
    }
}
