#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tiffio.h>

#include "CImageCodecs.h"
#include "tiff_rows.h"
#include "tiff_source.h"

// Of memory for one strip or tile, or one of libtiff's tables.
static const tmsize_t MAXIMUM_BLOCK = (tmsize_t)1 << 30;

struct codec_tiff {
  TIFF *reader;
  tiff_source source;
  tiff_layout layout;
  uint32_t width, height;  // as stored, before the orientation is applied
  uint16_t orientation;
  int separate;            // each sample in a plane of its own
  int as_rgba;             // libtiff converts
  uint8_t *block;
};

static void explain(codec_info *info, codec_status status, const char *text) {
  info->status = status;
  snprintf(info->message, sizeof info->message, "%s", text);
}

static uint16_t field16(TIFF *reader, uint32_t tag, uint16_t otherwise) {
  uint16_t value;
  return TIFFGetField(reader, tag, &value) ? value : otherwise;
}

static int is_known(uint16_t compression) {
  switch (compression) {
    case COMPRESSION_NONE:
    case COMPRESSION_CCITTRLE:
    case COMPRESSION_CCITTFAX3:
    case COMPRESSION_CCITTFAX4:
    case COMPRESSION_LZW:
    case COMPRESSION_JPEG:
    case COMPRESSION_ADOBE_DEFLATE:
    case COMPRESSION_DEFLATE:
    case COMPRESSION_PACKBITS:
    case COMPRESSION_LZMA:
    case COMPRESSION_ZSTD:
    case COMPRESSION_WEBP:
      return TIFFIsCODECConfigured(compression);
    default:
      return 0;
  }
}

static int read_palette(codec_tiff *tiff, codec_info *info) {
  uint16_t *red, *green, *blue;
  if (!TIFFGetField(tiff->reader, TIFFTAG_COLORMAP, &red, &green, &blue)) {
    explain(info, CODEC_BROKEN, "it has no colour map");
    return 0;
  }
  const uint32_t entries = 1u << tiff->layout.bits;
  for (uint32_t i = 0; i < entries; i++) {
    info->palette[3 * i] = (uint8_t)(red[i] >> 8);
    info->palette[3 * i + 1] = (uint8_t)(green[i] >> 8);
    info->palette[3 * i + 2] = (uint8_t)(blue[i] >> 8);
  }
  info->palette_bytes = 3 * entries;
  return 1;
}

static int read_header(codec_tiff *tiff, codec_info *info) {
  TIFF *reader = tiff->reader;
  if (!TIFFGetField(reader, TIFFTAG_IMAGEWIDTH, &tiff->width)
      || !TIFFGetField(reader, TIFFTAG_IMAGELENGTH, &tiff->height)) {
    explain(info, CODEC_BROKEN, "it has no width or height");
    return 0;
  }
  if (tiff->source.lacks_palette) {
    explain(info, CODEC_TRUNCATED, "the data ends inside the colour map");
    return 0;
  }
  const uint16_t compression = field16(reader, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  if (!is_known(compression)) {
    info->status = CODEC_UNSUPPORTED;
    snprintf(info->message, sizeof info->message, "compression %u", compression);
    return 0;
  }
  uint16_t extra_count = 0, *extra = NULL;
  if (!TIFFGetField(reader, TIFFTAG_EXTRASAMPLES, &extra_count, &extra)) extra_count = 0;
  const tiff_samples samples = {
      .photometric = field16(reader, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISWHITE),
      .bits = field16(reader, TIFFTAG_BITSPERSAMPLE, 1),
      .count = field16(reader, TIFFTAG_SAMPLESPERPIXEL, 1),
      .format = field16(reader, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT),
      .extra_count = extra_count,
      .first_extra = extra_count ? extra[0] : 0,
  };
  tiff->separate = field16(reader, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG)
                       == PLANARCONFIG_SEPARATE
                   && samples.count > 1;
  if (!tiff_find_layout(&samples, tiff->separate, &tiff->layout)) {
    info->status = CODEC_UNSUPPORTED;
    snprintf(
        info->message, sizeof info->message,
        "%u samples of %u bits, photometric interpretation %u, sample format %u, %u extra samples%s",
        samples.count, samples.bits, samples.photometric, samples.format, samples.extra_count,
        tiff->separate ? ", in separate planes" : "");
    return 0;
  }
  if (samples.photometric == PHOTOMETRIC_YCBCR) {
    // libjpeg converts where it holds the pixels, libtiff does elsewhere, as in Pillow.
    if (compression == COMPRESSION_JPEG && !tiff->separate)
      TIFFSetField(reader, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    else
      tiff->as_rgba = 1;
  }
  info->mode = tiff->layout.mode;
  if (info->mode == CODEC_MODE_P && !read_palette(tiff, info)) return 0;
  tiff->orientation = field16(reader, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  const int turned = tiff->orientation >= ORIENTATION_LEFTTOP
                     && tiff->orientation <= ORIENTATION_LEFTBOT;
  info->width = turned ? tiff->height : tiff->width;
  info->height = turned ? tiff->width : tiff->height;
  return 1;
}

codec_tiff *codec_tiff_open(const uint8_t *bytes, size_t count, codec_info *info) {
  memset(info, 0, sizeof *info);
  codec_tiff *tiff = calloc(1, sizeof *tiff);
  if (!tiff) {
    info->status = CODEC_NO_MEMORY;
    return NULL;
  }
  tiff->source = (tiff_source){.bytes = bytes, .count = count, .info = info};
  tiff->reader = tiff_source_open(&tiff->source, MAXIMUM_BLOCK);
  if (!tiff->reader || !read_header(tiff, info)) {
    if (info->status == CODEC_OK) info->status = CODEC_BROKEN;
    codec_tiff_close(tiff);
    return NULL;
  }
  return tiff;
}

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

// A strip or tile could not be decoded: because the file ends inside it, or for libtiff's reason.
static int fail(codec_tiff *tiff, uint32_t block) {
  const uint64_t offset = TIFFGetStrileOffset(tiff->reader, block);
  const uint64_t size = TIFFGetStrileByteCount(tiff->reader, block);
  const int beyond = offset > tiff->source.count || size > tiff->source.count - offset;
  if (beyond)
    explain(tiff->source.info, CODEC_TRUNCATED, "the data ends inside a strip or tile");
  else
    tiff->source.info->status = CODEC_BROKEN;
  return 0;
}

// A tile may be larger than its image, but the memory has to be in proportion to what the file shows.
static int reserve(codec_tiff *tiff, tmsize_t size) {
  const uint64_t pixels = (uint64_t)tiff->width * tiff->height;
  const uint64_t proportionate = ((uint64_t)1 << 26) + 16 * pixels;
  if (size < 1 || size > MAXIMUM_BLOCK || (uint64_t)size > proportionate) {
    explain(tiff->source.info, CODEC_UNSUPPORTED, "a strip or tile of this size");
    return 0;
  }
  tiff->block = calloc(1, (size_t)size);
  if (!tiff->block) tiff->source.info->status = CODEC_NO_MEMORY;
  return tiff->block != NULL;
}

// Rows of one strip or tile to their places. `size` and `row_size` are libtiff's, `columns` the pixels in a row.
static int place(
    codec_tiff *tiff, tmsize_t size, tmsize_t row_size, uint32_t x, uint32_t y, uint32_t columns,
    uint32_t rows, unsigned plane, uint8_t *pixels, size_t stride) {
  const tiff_layout *layout = &tiff->layout;
  const uint64_t needed = tiff_row_bytes(layout, columns, tiff->separate);
  if (row_size < 1 || needed > (uint64_t)row_size || (uint64_t)row_size * rows > (uint64_t)size) {
    explain(tiff->source.info, CODEC_BROKEN, "its strips or tiles are of another size than its samples need");
    return 0;
  }
  for (uint32_t row = 0; row < rows; row++)
    tiff_unpack(
        layout, tiff->separate ? (int)plane : -1, tiff->block + (size_t)row * (size_t)row_size,
        columns, pixels + (size_t)(y + row) * stride + (size_t)x * layout->out_bytes);
  return 1;
}

static int read_strips(codec_tiff *tiff, uint8_t *pixels, size_t stride) {
  uint32_t rows_per_strip = 0;
  if (!TIFFGetField(tiff->reader, TIFFTAG_ROWSPERSTRIP, &rows_per_strip) || rows_per_strip == 0)
    rows_per_strip = tiff->height;
  const tmsize_t size = TIFFStripSize(tiff->reader), row_size = TIFFScanlineSize(tiff->reader);
  if (!reserve(tiff, size)) return 0;
  const unsigned planes = tiff->separate ? tiff->layout.planes : 1;
  for (uint32_t y = 0; y < tiff->height;) {
    const uint32_t rows = smaller(rows_per_strip, tiff->height - y);
    for (unsigned plane = 0; plane < planes; plane++) {
      const uint32_t strip = TIFFComputeStrip(tiff->reader, y, (uint16_t)plane);
      if (TIFFReadEncodedStrip(tiff->reader, strip, tiff->block, size) == -1)
        return fail(tiff, strip);
      if (!place(tiff, size, row_size, 0, y, tiff->width, rows, plane, pixels, stride)) return 0;
    }
    y += rows;
  }
  return 1;
}

static int read_tiles(codec_tiff *tiff, uint8_t *pixels, size_t stride) {
  uint32_t width = 0, height = 0;
  TIFFGetField(tiff->reader, TIFFTAG_TILEWIDTH, &width);
  TIFFGetField(tiff->reader, TIFFTAG_TILELENGTH, &height);
  if (width == 0 || height == 0) {
    explain(tiff->source.info, CODEC_BROKEN, "its tiles have no width or height");
    return 0;
  }
  const tmsize_t size = TIFFTileSize(tiff->reader), row_size = TIFFTileRowSize(tiff->reader);
  if (!reserve(tiff, size)) return 0;
  const unsigned planes = tiff->separate ? tiff->layout.planes : 1;
  for (uint32_t y = 0; y < tiff->height;) {
    const uint32_t rows = smaller(height, tiff->height - y);
    for (uint32_t x = 0; x < tiff->width;) {
      const uint32_t columns = smaller(width, tiff->width - x);
      for (unsigned plane = 0; plane < planes; plane++) {
        const uint32_t tile = TIFFComputeTile(tiff->reader, x, y, 0, (uint16_t)plane);
        if (TIFFReadEncodedTile(tiff->reader, tile, tiff->block, size) == -1)
          return fail(tiff, tile);
        if (!place(tiff, size, row_size, x, y, columns, rows, plane, pixels, stride)) return 0;
      }
      x += columns;
    }
    y += rows;
  }
  return 1;
}

// Subsampled colours outside JPEG: libtiff's own conversion, as in Pillow, in its blocks of rows.
static int read_rgba(codec_tiff *tiff, uint8_t *pixels, size_t stride) {
  TIFF *reader = tiff->reader;
  uint32_t rows_per_block = 0;
  if (!TIFFGetField(
          reader, TIFFIsTiled(reader) ? TIFFTAG_TILELENGTH : TIFFTAG_ROWSPERSTRIP, &rows_per_block)
      || rows_per_block == 0)
    rows_per_block = tiff->height;
  rows_per_block = smaller(rows_per_block, tiff->height);
  if (!reserve(tiff, (tmsize_t)((uint64_t)rows_per_block * tiff->width * 4))) return 0;
  TIFFRGBAImage image;
  char message[1024] = "";
  if (!TIFFRGBAImageOK(reader, message) || !TIFFRGBAImageBegin(&image, reader, 0, message)) {
    explain(tiff->source.info, CODEC_BROKEN, message);
    return 0;
  }
  image.req_orientation = ORIENTATION_TOPLEFT;
  int good = 1;
  for (uint32_t y = 0; good && y < tiff->height;) {
    const uint32_t rows = smaller(rows_per_block, tiff->height - y);
    image.row_offset = (int)y;
    good = TIFFRGBAImageGet(&image, (uint32_t *)tiff->block, tiff->width, rows);
    for (uint32_t row = 0; good && row < rows; row++) {
      const uint32_t *from = (const uint32_t *)tiff->block + (size_t)row * tiff->width;
      uint8_t *to = pixels + (size_t)(y + row) * stride;
      for (uint32_t x = 0; x < tiff->width; x++) {
        to[3 * x] = (uint8_t)TIFFGetR(from[x]);
        to[3 * x + 1] = (uint8_t)TIFFGetG(from[x]);
        to[3 * x + 2] = (uint8_t)TIFFGetB(from[x]);
      }
    }
    y += rows;
  }
  TIFFRGBAImageEnd(&image);
  if (!good) tiff->source.info->status = CODEC_BROKEN;
  return good;
}

static int read_stored(codec_tiff *tiff, uint8_t *pixels, size_t stride) {
  if (tiff->as_rgba) return read_rgba(tiff, pixels, stride);
  const int good = TIFFIsTiled(tiff->reader) ? read_tiles(tiff, pixels, stride)
                                             : read_strips(tiff, pixels, stride);
  if (good && tiff->separate && tiff->layout.premultiplied)
    for (uint32_t y = 0; y < tiff->height; y++)
      tiff_divide_by_alpha(pixels + (size_t)y * stride, tiff->width);
  return good;
}

codec_status codec_tiff_read(codec_tiff *tiff, uint8_t *pixels, size_t stride, codec_info *info) {
  memset(info, 0, sizeof *info);
  tiff->source.info = info;
  if (tiff->orientation <= ORIENTATION_TOPLEFT || tiff->orientation > ORIENTATION_LEFTBOT) {
    read_stored(tiff, pixels, stride);
  } else {
    // Unlike the orientation in a JPEG's EXIF data, Pillow applies a TIFF's.
    const size_t stored_stride = (size_t)tiff->width * tiff->layout.out_bytes;
    uint8_t *stored = calloc(tiff->height, stored_stride);
    if (!stored) {
      info->status = CODEC_NO_MEMORY;
    } else if (read_stored(tiff, stored, stored_stride)) {
      tiff_orient(
          tiff->orientation, stored, tiff->width, tiff->height, tiff->layout.out_bytes, pixels,
          stride);
    }
    free(stored);
  }
  free(tiff->block);
  tiff->block = NULL;
  return info->status;
}

void codec_tiff_close(codec_tiff *tiff) {
  if (!tiff) return;
  codec_info unheard = {0};
  tiff->source.info = &unheard;
  if (tiff->reader) TIFFClose(tiff->reader);
  free(tiff->block);
  free(tiff);
}
