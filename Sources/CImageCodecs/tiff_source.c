#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tiff_source.h"

static int on_error(
    TIFF *reader, void *user, const char *module, const char *format, va_list arguments) {
  (void)reader, (void)module;
  codec_info *info = ((tiff_source *)user)->info;
  if (!info->message[0]) vsnprintf(info->message, sizeof info->message, format, arguments);
  return 1;
}

// Without its palette libtiff would take the image for greyscale; other warnings Pillow does not hear of either.
static int on_warning(
    TIFF *reader, void *user, const char *module, const char *format, va_list arguments) {
  (void)reader, (void)module;
  char text[256];
  vsnprintf(text, sizeof text, format, arguments);
  if (strstr(text, "\"ColorMap\"")) ((tiff_source *)user)->lacks_palette = 1;
  return 1;
}

static tmsize_t on_read(thandle_t handle, void *into, tmsize_t count) {
  tiff_source *source = handle;
  if (count < 0 || source->position >= source->count) return 0;
  const uint64_t left = source->count - source->position;
  const size_t taken = (uint64_t)count < left ? (size_t)count : (size_t)left;
  memcpy(into, source->bytes + source->position, taken);
  source->position += taken;
  return (tmsize_t)taken;
}

static tmsize_t on_write(thandle_t handle, void *from, tmsize_t count) {
  (void)handle, (void)from, (void)count;
  return 0;
}

static toff_t on_seek(thandle_t handle, toff_t offset, int whence) {
  tiff_source *source = handle;
  source->position = offset + (whence == SEEK_CUR   ? source->position
                             : whence == SEEK_END ? source->count
                                                  : 0);
  return source->position;
}

static int on_close(thandle_t handle) { return (void)handle, 0; }
static toff_t on_size(thandle_t handle) { return ((tiff_source *)handle)->count; }

TIFF *tiff_source_open(tiff_source *source, tmsize_t largest_allocation) {
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (!options) return NULL;
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, largest_allocation);
  TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, source);
  TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, source);
  // `m`: no memory mapping, every read goes through on_read. `C`: strips are not chopped.
  TIFF *reader = TIFFClientOpenExt(
      "image", "rmC", source, on_read, on_write, on_seek, on_close, on_size, NULL, NULL, options);
  TIFFOpenOptionsFree(options);
  return reader;
}
