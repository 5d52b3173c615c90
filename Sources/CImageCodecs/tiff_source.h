#pragma once
#include <stdint.h>

#include <tiffio.h>

#include "CImageCodecs.h"

// The bytes of a TIFF file in memory, as libtiff reads them, and what it says about them.
typedef struct {
  const uint8_t *bytes;
  uint64_t count, position;
  codec_info *info;    // libtiff's first error goes to its message
  int lacks_palette;   // there is one, but libtiff could not read it
} tiff_source;

// NULL, with a message in source->info, where it is no TIFF file. The source must outlive the reader.
TIFF *tiff_source_open(tiff_source *source, tmsize_t largest_allocation);
