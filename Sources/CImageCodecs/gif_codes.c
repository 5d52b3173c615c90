#include <string.h>

#include "gif_codes.h"

static void clear_table(gif_codes *codes, int bits) {
  codes->next = codes->clear + 2;
  codes->code_size = bits + 1;
  codes->is_first = 1;
}

static int initial_bits(const gif_codes *codes) {
  int bits = 0;
  while (1 << bits < codes->clear) bits++;
  return bits;
}

void gif_codes_start(
    gif_codes *codes, int code_size, const uint8_t *(*next_block)(void *, size_t *), void *source) {
  memset(codes, 0, sizeof *codes);
  codes->next_block = next_block;
  codes->source = source;
  codes->clear = 1 << code_size;
  codes->run_start = GIF_CODE_COUNT;
  clear_table(codes, code_size);
}

// -1 where the blocks end.
static int read_code(gif_codes *codes) {
  while (codes->bit_count < codes->code_size) {
    if (codes->block_count == 0) {
      codes->block = codes->next_block(codes->source, &codes->block_count);
      if (!codes->block || codes->block_count == 0) return -1;
    }
    codes->bits |= (uint32_t)*codes->block++ << codes->bit_count;
    codes->block_count--;
    codes->bit_count += 8;
  }
  const int code = (int)(codes->bits & ((1u << codes->code_size) - 1));
  codes->bits >>= codes->code_size;
  codes->bit_count -= codes->code_size;
  return code;
}

// Puts the pixels of the next code into `run`.
static gif_codes_status expand(gif_codes *codes) {
  int code;
  while ((code = read_code(codes)) == codes->clear) clear_table(codes, initial_bits(codes));
  if (code < 0 || code == codes->clear + 1) return GIF_CODES_ENDED;
  codes->run_start = GIF_CODE_COUNT;
  if (codes->is_first) {
    if (code > codes->clear) return GIF_CODES_BROKEN;
    codes->is_first = 0;
    codes->last_code = codes->last_data = code;
    codes->run[--codes->run_start] = (uint8_t)code;
    return GIF_CODES_PIXELS;
  }
  const int this_code = code;
  if (code > codes->next || code >= GIF_CODE_COUNT) return GIF_CODES_BROKEN;
  if (code == codes->next) {
    codes->run[--codes->run_start] = (uint8_t)codes->last_data;
    code = codes->last_code;
  }
  while (code >= codes->clear) {
    // One place is for the first pixel.
    if (codes->run_start <= 1) return GIF_CODES_BROKEN;
    codes->run[--codes->run_start] = codes->data[code];
    code = codes->link[code];
  }
  codes->run[--codes->run_start] = (uint8_t)code;
  codes->last_data = code;
  if (codes->next < GIF_CODE_COUNT) {
    codes->data[codes->next] = (uint8_t)code;
    codes->link[codes->next] = (uint16_t)codes->last_code;
    if (codes->next == (1 << codes->code_size) - 1 && codes->code_size < GIF_CODE_BITS)
      codes->code_size++;
    codes->next++;
  }
  codes->last_code = this_code;
  return GIF_CODES_PIXELS;
}

gif_codes_status gif_codes_read(gif_codes *codes, uint8_t *pixels, size_t count) {
  while (count > 0) {
    if (codes->run_start == GIF_CODE_COUNT) {
      const gif_codes_status status = expand(codes);
      if (status != GIF_CODES_PIXELS) return status;
    }
    const size_t available = (size_t)(GIF_CODE_COUNT - codes->run_start);
    const size_t taken = available < count ? available : count;
    memcpy(pixels, codes->run + codes->run_start, taken);
    codes->run_start += (int)taken;
    pixels += taken;
    count -= taken;
  }
  return GIF_CODES_PIXELS;
}
