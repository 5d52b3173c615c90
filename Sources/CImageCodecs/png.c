#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "CImageCodecs.h"

struct codec_png {
  png_structp reader;
  png_infop header;
  png_bytep *rows;
  const uint8_t *next;
  size_t remaining;
  codec_info *info;
};

static void on_error(png_structp reader, png_const_charp text) {
  codec_png *png = png_get_error_ptr(reader);
  if (png->info->status == CODEC_OK) png->info->status = CODEC_BROKEN;
  if (!png->info->message[0])
    snprintf(png->info->message, sizeof png->info->message, "%s", text);
  png_longjmp(reader, 1);
}

static void on_warning(png_structp reader, png_const_charp text) { (void)reader, (void)text; }

static void on_read(png_structp reader, png_bytep into, size_t count) {
  codec_png *png = png_get_io_ptr(reader);
  if (count > png->remaining) {
    png->info->status = CODEC_TRUNCATED;
    png_error(reader, "the data ends inside a chunk, before the last row of the image");
  }
  memcpy(into, png->next, count);
  png->next += count;
  png->remaining -= count;
}

static void read_palette(codec_png *png) {
  png_colorp entries = NULL;
  int count = 0;
  if (!png_get_PLTE(png->reader, png->header, &entries, &count)) return;
  for (int i = 0; i < count && i < 256; i++) {
    png->info->palette[3 * i] = entries[i].red;
    png->info->palette[3 * i + 1] = entries[i].green;
    png->info->palette[3 * i + 2] = entries[i].blue;
  }
  png->info->palette_bytes = 3 * (uint32_t)(count < 256 ? count : 256);
}

codec_png *codec_png_open(const uint8_t *bytes, size_t count, codec_info *info) {
  memset(info, 0, sizeof *info);
  codec_png *png = calloc(1, sizeof *png);
  if (!png) {
    info->status = CODEC_NO_MEMORY;
    return NULL;
  }
  png->info = info;
  png->next = bytes;
  png->remaining = count;
  png->reader = png_create_read_struct(PNG_LIBPNG_VER_STRING, png, on_error, on_warning);
  if (png->reader) png->header = png_create_info_struct(png->reader);
  if (!png->header) {
    info->status = CODEC_NO_MEMORY;
    codec_png_close(png);
    return NULL;
  }
  if (setjmp(png_jmpbuf(png->reader))) {
    codec_png_close(png);
    return NULL;
  }
  png_structp reader = png->reader;
  png_set_read_fn(reader, png, on_read);
  png_set_user_limits(reader, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  // Text, colour profiles and gamma do not change Pillow's pixels; not reading them also bounds memory.
  png_set_keep_unknown_chunks(reader, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_read_info(reader, png->header);
  // Pillow does not check the CRC of pixel data; zlib's own checksum still holds.
  png_set_crc_action(reader, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);

  info->width = png_get_image_width(reader, png->header);
  info->height = png_get_image_height(reader, png->header);
  const int depth = png_get_bit_depth(reader, png->header);
  switch (png_get_color_type(reader, png->header)) {
    case PNG_COLOR_TYPE_GRAY:
      info->mode = depth == 1 ? CODEC_MODE_1 : depth == 16 ? CODEC_MODE_I : CODEC_MODE_L;
      if (depth < 8) png_set_expand_gray_1_2_4_to_8(reader);
      if (depth == 16 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) png_set_swap(reader);
      break;
    case PNG_COLOR_TYPE_PALETTE:
      info->mode = CODEC_MODE_P;
      if (depth < 8) png_set_packing(reader);
      read_palette(png);
      break;
    case PNG_COLOR_TYPE_GRAY_ALPHA:
      // Pillow reads the 16-bit form as RGBA.
      info->mode = depth == 16 ? CODEC_MODE_RGBA : CODEC_MODE_LA;
      if (depth == 16) png_set_strip_16(reader), png_set_gray_to_rgb(reader);
      break;
    case PNG_COLOR_TYPE_RGB:
      info->mode = CODEC_MODE_RGB;
      if (depth == 16) png_set_strip_16(reader);
      break;
    default:
      info->mode = CODEC_MODE_RGBA;
      if (depth == 16) png_set_strip_16(reader);
  }
  return png;
}

codec_status codec_png_read(codec_png *png, uint8_t *pixels, size_t stride, codec_info *info) {
  png_structp reader = png->reader;
  png->info = info;
  info->status = CODEC_OK;
  if (setjmp(png_jmpbuf(reader))) return info->status;
  png_set_interlace_handling(reader);
  png_read_update_info(reader, png->header);
  const uint32_t height = png_get_image_height(reader, png->header);
  if (png_get_rowbytes(reader, png->header) > stride) png_error(reader, "row size mismatch");
  png->rows = malloc(height * sizeof *png->rows);
  if (!png->rows) {
    info->status = CODEC_NO_MEMORY;
    return CODEC_NO_MEMORY;
  }
  for (uint32_t y = 0; y < height; y++) png->rows[y] = pixels + (size_t)y * stride;
  png_read_image(reader, png->rows);
  return CODEC_OK;
}

void codec_png_close(codec_png *png) {
  if (!png) return;
  png_destroy_read_struct(&png->reader, &png->header, NULL);
  free(png->rows);
  free(png);
}
