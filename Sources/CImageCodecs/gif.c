#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gif_lib.h>

#include "CImageCodecs.h"
#include "gif_codes.h"

struct codec_gif {
  GifFileType *reader;
  const uint8_t *next;
  size_t remaining;
  int ended;          // the data ended while more was asked for
  int transparent;    // palette index, -1 for none
  codec_info info;
  gif_codes codes;
};

static int on_read(GifFileType *reader, GifByteType *into, int count) {
  codec_gif *gif = reader->UserData;
  if (count < 0) return 0;
  if ((size_t)count > gif->remaining) {
    gif->ended = 1;
    return 0;
  }
  memcpy(into, gif->next, (size_t)count);
  gif->next += count;
  gif->remaining -= (size_t)count;
  return count;
}

static codec_status fail(codec_gif *gif, codec_info *info) {
  const char *text = GifErrorString(gif->reader->Error);
  info->status = gif->ended                                             ? CODEC_TRUNCATED
                 : gif->reader->Error == D_GIF_ERR_NOT_ENOUGH_MEM ? CODEC_NO_MEMORY
                                                                       : CODEC_BROKEN;
  snprintf(
      info->message, sizeof info->message, "%s",
      gif->ended ? "the data ends before the last row of the image" : text ? text : "");
  return info->status;
}

// Of the blocks before the first image only the graphic control matters: the last one counts.
static int read_extension(codec_gif *gif) {
  int kind = 0;
  GifByteType *block = NULL;
  if (DGifGetExtension(gif->reader, &kind, &block) == GIF_ERROR) return 0;
  if (kind == GRAPHICS_EXT_FUNC_CODE && block && block[0] >= 4 && (block[1] & 1))
    gif->transparent = block[4];
  while (block)
    if (DGifGetExtensionNext(gif->reader, &block) == GIF_ERROR) return 0;
  return 1;
}

// 1 when the reader stands at the first image's pixels.
static int find_image(codec_gif *gif) {
  for (;;) {
    GifRecordType record;
    if (DGifGetRecordType(gif->reader, &record) == GIF_ERROR) {
      // Pillow steps over bytes that begin no block.
      if (gif->reader->Error == D_GIF_ERR_WRONG_RECORD) continue;
      return 0;
    }
    switch (record) {
      case IMAGE_DESC_RECORD_TYPE:
        return DGifGetImageDesc(gif->reader) != GIF_ERROR;
      case EXTENSION_RECORD_TYPE:
        if (!read_extension(gif)) return 0;
        break;
      default:
        gif->reader->Error = D_GIF_ERR_NO_IMAG_DSCR;
        return 0;
    }
  }
}

// Entries that are the greys in order make a greyscale image of the indices, in Pillow.
static int is_greyscale(const ColorMapObject *map) {
  for (int i = 0; i < map->ColorCount; i++) {
    const GifColorType c = map->Colors[i];
    if (c.Red != i || c.Green != i || c.Blue != i) return 0;
  }
  return 1;
}

static uint32_t larger(uint32_t a, uint32_t b) { return a > b ? a : b; }

codec_gif *codec_gif_open(const uint8_t *bytes, size_t count, codec_info *info) {
  memset(info, 0, sizeof *info);
  codec_gif *gif = calloc(1, sizeof *gif);
  if (!gif) {
    info->status = CODEC_NO_MEMORY;
    return NULL;
  }
  gif->next = bytes;
  gif->remaining = count;
  gif->transparent = -1;
  int error = 0;
  gif->reader = DGifOpen(gif, on_read, &error);
  if (!gif->reader) {
    info->status = gif->ended ? CODEC_TRUNCATED : CODEC_BROKEN;
    const char *text = GifErrorString(error);
    snprintf(info->message, sizeof info->message, "%s", text ? text : "");
    codec_gif_close(gif);
    return NULL;
  }
  if (!find_image(gif)) {
    fail(gif, info);
    codec_gif_close(gif);
    return NULL;
  }
  const GifImageDesc *image = &gif->reader->Image;
  if (image->Width < 1 || image->Height < 1 || image->Left < 0 || image->Top < 0) {
    info->status = CODEC_BROKEN;
    snprintf(
        info->message, sizeof info->message, "its first frame is %d×%d pixels", image->Width,
        image->Height);
    codec_gif_close(gif);
    return NULL;
  }
  // A frame that reaches beyond the screen enlarges it.
  info->width = larger((uint32_t)gif->reader->SWidth, (uint32_t)(image->Left + image->Width));
  info->height = larger((uint32_t)gif->reader->SHeight, (uint32_t)(image->Top + image->Height));
  const ColorMapObject *map = image->ColorMap ? image->ColorMap : gif->reader->SColorMap;
  if (map && !is_greyscale(map)) {
    info->mode = CODEC_MODE_P;
    const int colours = map->ColorCount < 256 ? map->ColorCount : 256;
    for (int i = 0; i < colours; i++) {
      info->palette[3 * i] = map->Colors[i].Red;
      info->palette[3 * i + 1] = map->Colors[i].Green;
      info->palette[3 * i + 2] = map->Colors[i].Blue;
    }
    info->palette_bytes = 3 * (uint32_t)colours;
  } else {
    info->mode = CODEC_MODE_L;
  }
  gif->info = *info;
  return gif;
}

static const uint8_t *next_block(void *source, size_t *count) {
  codec_gif *gif = source;
  GifByteType *block = NULL;
  if (DGifGetCodeNext(gif->reader, &block) == GIF_ERROR || !block) return NULL;
  *count = block[0];
  return block + 1;
}

static codec_status stop(codec_gif *gif, gif_codes_status status, codec_info *info) {
  info->status = gif->ended ? CODEC_TRUNCATED : CODEC_BROKEN;
  snprintf(
      info->message, sizeof info->message, "%s",
      gif->ended                     ? "the data ends before the last row of the image"
      : status == GIF_CODES_BROKEN ? "a code that its table has not yet"
                                     : "its codes end before the last row of the image");
  return info->status;
}

codec_status codec_gif_read(codec_gif *gif, uint8_t *pixels, size_t stride, codec_info *info) {
  memset(info, 0, sizeof *info);
  const GifImageDesc image = gif->reader->Image;
  const int blank = gif->transparent < 0 ? 0 : gif->transparent;
  if ((uint32_t)image.Width != gif->info.width || (uint32_t)image.Height != gif->info.height)
    for (uint32_t y = 0; y < gif->info.height; y++)
      memset(pixels + (size_t)y * stride, blank, gif->info.width);

  static const int first[] = {0, 4, 2, 1}, step[] = {8, 8, 4, 2};
  int code_size = 0;
  GifByteType *block = NULL;
  // The first block comes with the size of the codes.
  if (DGifGetCode(gif->reader, &code_size, &block) == GIF_ERROR || code_size < 0 || code_size > 8)
    return fail(gif, info);
  gif_codes_start(&gif->codes, code_size, next_block, gif);
  if (block) {
    gif->codes.block = block + 1;
    gif->codes.block_count = block[0];
  }
  for (int pass = 0; pass < (image.Interlace ? 4 : 1); pass++) {
    const int start = image.Interlace ? first[pass] : 0, by = image.Interlace ? step[pass] : 1;
    for (int y = start; y < image.Height; y += by) {
      uint8_t *row = pixels + (size_t)(image.Top + y) * stride + (size_t)image.Left;
      const gif_codes_status status = gif_codes_read(&gif->codes, row, (size_t)image.Width);
      if (status != GIF_CODES_PIXELS) return stop(gif, status, info);
    }
  }
  return CODEC_OK;
}

void codec_gif_close(codec_gif *gif) {
  if (!gif) return;
  int error = 0;
  if (gif->reader) DGifCloseFile(gif->reader, &error);
  free(gif);
}
