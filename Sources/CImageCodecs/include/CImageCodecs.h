#pragma once
#include <stddef.h>
#include <stdint.h>

// JPEG (libjpeg), PNG (libpng), WebP (libwebp), GIF (giflib) and TIFF (libtiff): decoding to Pillow's pixels, byte for
// byte, and plain encoding of JPEG. Of animations and of files with several pages it is the first picture. The first two
// libraries report errors by longjmp, which Swift cannot cross: it stays in this target, and every function here returns
// a status.

typedef enum {
  CODEC_OK = 0,
  CODEC_TRUNCATED = 1,    // the data ends before the image does
  CODEC_BROKEN = 2,       // the data contradicts its format
  CODEC_UNSUPPORTED = 3,  // well-formed, but a variant that Pillow cannot read either
  CODEC_NO_MEMORY = 4,
} codec_status;

// Pillow's image modes.
typedef enum {
  CODEC_MODE_1 = 0,     // 0 or 255
  CODEC_MODE_L = 1,
  CODEC_MODE_LA = 2,
  CODEC_MODE_RGB = 3,
  CODEC_MODE_RGBA = 4,
  CODEC_MODE_P = 5,
  CODEC_MODE_CMYK = 6,
  CODEC_MODE_I = 7,     // 16-bit greyscale, two bytes a pixel in the machine's order
  CODEC_MODE_I16 = 8,   // the same pixels, which Pillow calls I;16 in other formats
} codec_mode;

typedef struct {
  codec_status status;
  codec_mode mode;
  uint32_t width, height;
  // Bytes of `palette` in use: 3 an entry, for CODEC_MODE_P.
  uint32_t palette_bytes;
  uint8_t palette[768];
  // The library's own words when status is not CODEC_OK.
  char message[256];
} codec_info;

typedef struct codec_jpeg codec_jpeg;
typedef struct codec_png codec_png;
typedef struct codec_webp codec_webp;
typedef struct codec_gif codec_gif;
typedef struct codec_tiff codec_tiff;

// Opening reads the header; `bytes` must outlive the handle. NULL, with info->status set, on failure.
codec_jpeg *codec_jpeg_open(const uint8_t *bytes, size_t count, codec_info *info);
// Decodes the pixels in rows first_row..<end_row and columns first_column..<end_column into `pixels`, which
// has room for the whole image at `stride` bytes a row; what lies outside the window is undefined.
// The rest of the data is still read, so that a truncated file is found wherever it ends.
codec_status codec_jpeg_read(
    codec_jpeg *jpeg, uint32_t first_row, uint32_t end_row, uint32_t first_column,
    uint32_t end_column, uint8_t *pixels, size_t stride, codec_info *info);
void codec_jpeg_close(codec_jpeg *jpeg);

codec_png *codec_png_open(const uint8_t *bytes, size_t count, codec_info *info);
codec_status codec_png_read(codec_png *png, uint8_t *pixels, size_t stride, codec_info *info);
void codec_png_close(codec_png *png);

codec_webp *codec_webp_open(const uint8_t *bytes, size_t count, codec_info *info);
codec_status codec_webp_read(codec_webp *webp, uint8_t *pixels, size_t stride, codec_info *info);
void codec_webp_close(codec_webp *webp);

codec_gif *codec_gif_open(const uint8_t *bytes, size_t count, codec_info *info);
codec_status codec_gif_read(codec_gif *gif, uint8_t *pixels, size_t stride, codec_info *info);
void codec_gif_close(codec_gif *gif);

codec_tiff *codec_tiff_open(const uint8_t *bytes, size_t count, codec_info *info);
codec_status codec_tiff_read(codec_tiff *tiff, uint8_t *pixels, size_t stride, codec_info *info);
void codec_tiff_close(codec_tiff *tiff);

// Baseline JPEG of 8-bit RGB rows without padding, colours not subsampled. *out is malloc'ed; the caller frees it.
codec_status codec_jpeg_encode(
    const uint8_t *rgb, uint32_t width, uint32_t height, int quality, uint8_t **out, size_t *count,
    codec_info *info);
