#pragma once
#include <stddef.h>
#include <stdint.h>

// The LZW codes of one GIF image, decoded with Pillow's checks: giflib lets codes pass that no encoder writes, and gives
// arbitrary pixels for them.

enum { GIF_CODE_BITS = 12, GIF_CODE_COUNT = 1 << GIF_CODE_BITS };

typedef enum { GIF_CODES_PIXELS, GIF_CODES_BROKEN, GIF_CODES_ENDED } gif_codes_status;

typedef struct {
  // Of the next block of bytes; NULL where there is none.
  const uint8_t *(*next_block)(void *source, size_t *count);
  void *source;
  const uint8_t *block;
  size_t block_count;
  uint32_t bits;
  int bit_count;
  int clear, next, code_size;
  int last_code, last_data;
  int is_first;               // after a clear code
  uint8_t data[GIF_CODE_COUNT];
  uint16_t link[GIF_CODE_COUNT];
  uint8_t run[GIF_CODE_COUNT];  // pixels of the code read last, from `run_start`
  int run_start;
} gif_codes;

void gif_codes_start(
    gif_codes *codes, int code_size, const uint8_t *(*next_block)(void *, size_t *), void *source);

// Fills `pixels`.
gif_codes_status gif_codes_read(gif_codes *codes, uint8_t *pixels, size_t count);
