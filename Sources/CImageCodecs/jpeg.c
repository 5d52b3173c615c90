#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "CImageCodecs.h"

// More scans than any encoder writes; each one costs a pass over the image, so a small file could otherwise
// keep a decoder busy for hours. Of large images, as many as make MAXIMUM_PASSED_PIXELS in all, but 100 at least.
enum { MAXIMUM_SCANS = 1000, SCANS_OF_ANY_SIZE = 100 };
static const uint64_t MAXIMUM_PASSED_PIXELS = 4000000000u;

struct codec_jpeg {
  struct jpeg_decompress_struct decoder;
  struct jpeg_error_mgr errors;
  struct jpeg_source_mgr source;
  struct jpeg_progress_mgr progress;
  jmp_buf escape;
  codec_info *info;
};

static codec_jpeg *owner(j_common_ptr decoder) { return decoder->client_data; }

static void fail(codec_jpeg *jpeg, codec_status status) {
  jpeg->info->status = status;
  longjmp(jpeg->escape, 1);
}

static void on_error(j_common_ptr decoder) {
  codec_jpeg *jpeg = owner(decoder);
  char text[JMSG_LENGTH_MAX];
  decoder->err->format_message(decoder, text);
  snprintf(jpeg->info->message, sizeof jpeg->info->message, "%s", text);
  fail(jpeg, decoder->err->msg_code == JERR_OUT_OF_MEMORY ? CODEC_NO_MEMORY : CODEC_BROKEN);
}

// Pillow ignores libjpeg's warnings (damaged entropy-coded data, extraneous bytes); so does this.
static void on_message(j_common_ptr decoder, int level) { (void)decoder, (void)level; }
static void on_output(j_common_ptr decoder) { (void)decoder; }

static void source_start_or_end(j_decompress_ptr decoder) { (void)decoder; }

// All the bytes there are were given at the start. Pillow stops in the same place, with "image file is truncated".
static boolean source_fill(j_decompress_ptr decoder) {
  codec_jpeg *jpeg = owner((j_common_ptr)decoder);
  snprintf(
      jpeg->info->message, sizeof jpeg->info->message,
      "the data ends before the end-of-image marker, %u of %u rows decoded",
      (unsigned)decoder->output_scanline, (unsigned)decoder->output_height);
  fail(jpeg, CODEC_TRUNCATED);
  return FALSE;
}

static void source_skip(j_decompress_ptr decoder, long count) {
  if (count <= 0) return;
  if ((size_t)count > decoder->src->bytes_in_buffer) source_fill(decoder);
  decoder->src->next_input_byte += count;
  decoder->src->bytes_in_buffer -= (size_t)count;
}

static void on_progress(j_common_ptr decoder) {
  j_decompress_ptr d = (j_decompress_ptr)decoder;
  if (d->input_scan_number <= SCANS_OF_ANY_SIZE) return;
  const uint64_t pixels = (uint64_t)d->image_width * d->image_height;
  if (d->input_scan_number <= MAXIMUM_SCANS
      && (uint64_t)d->input_scan_number * pixels <= MAXIMUM_PASSED_PIXELS)
    return;
  codec_jpeg *jpeg = owner(decoder);
  snprintf(
      jpeg->info->message, sizeof jpeg->info->message,
      "more than %d scans of %u×%u pixels, which no encoder writes", d->input_scan_number - 1,
      (unsigned)d->image_width, (unsigned)d->image_height);
  fail(jpeg, CODEC_BROKEN);
}

codec_jpeg *codec_jpeg_open(const uint8_t *bytes, size_t count, codec_info *info) {
  memset(info, 0, sizeof *info);
  codec_jpeg *jpeg = calloc(1, sizeof *jpeg);
  if (!jpeg) {
    info->status = CODEC_NO_MEMORY;
    return NULL;
  }
  struct jpeg_decompress_struct *decoder = &jpeg->decoder;
  jpeg->info = info;
  decoder->err = jpeg_std_error(&jpeg->errors);
  jpeg->errors.error_exit = on_error;
  jpeg->errors.emit_message = on_message;
  jpeg->errors.output_message = on_output;
  decoder->client_data = jpeg;
  if (setjmp(jpeg->escape)) {
    codec_jpeg_close(jpeg);
    return NULL;
  }
  jpeg_create_decompress(decoder);
  decoder->client_data = jpeg;
  jpeg->source = (struct jpeg_source_mgr){
      .next_input_byte = bytes,
      .bytes_in_buffer = count,
      .init_source = source_start_or_end,
      .fill_input_buffer = source_fill,
      .skip_input_data = source_skip,
      .resync_to_restart = jpeg_resync_to_restart,
      .term_source = source_start_or_end,
  };
  decoder->src = &jpeg->source;
  jpeg->progress.progress_monitor = on_progress;
  decoder->progress = &jpeg->progress;
  jpeg_read_header(decoder, TRUE);
  // The colour space follows from the number of components alone in Pillow; libjpeg's own guess of the
  // file's space (JFIF and Adobe markers) is kept.
  switch (decoder->num_components) {
    case 1:
      info->mode = CODEC_MODE_L;
      decoder->out_color_space = JCS_GRAYSCALE;
      break;
    case 3:
      info->mode = CODEC_MODE_RGB;
      decoder->out_color_space = JCS_RGB;
      break;
    case 4:
      info->mode = CODEC_MODE_CMYK;
      decoder->out_color_space = JCS_CMYK;
      break;
    default:
      snprintf(
          info->message, sizeof info->message, "%d colour components, expected 1, 3 or 4",
          decoder->num_components);
      fail(jpeg, CODEC_UNSUPPORTED);
  }
  info->width = decoder->image_width;
  info->height = decoder->image_height;
  return jpeg;
}

// Cropping libjpeg's output leaves the columns beside the cut wrong, because chroma upsampling has no neighbour
// there: the two columns of the outermost chroma sample. Eight more on each side keep the wanted ones exact.
static void crop_columns(j_decompress_ptr decoder, uint32_t *first, uint32_t end, JDIMENSION *width) {
  const JDIMENSION margin = 8;
  JDIMENSION from = *first > margin ? *first - margin : 0;
  JDIMENSION to = end + margin < decoder->output_width ? end + margin : decoder->output_width;
  *width = decoder->output_width;
  *first = 0;
  if (from == 0 && to == decoder->output_width) return;
  *width = to - from;
  jpeg_crop_scanline(decoder, &from, width);
  *first = from;
}

// Decodes the rows before `stop`, to their places in `pixels`.
static void read_rows(
    j_decompress_ptr decoder, uint32_t stop, uint8_t *pixels, size_t stride, uint32_t column) {
  const size_t start = (size_t)column * (size_t)decoder->output_components;
  while (decoder->output_scanline < stop) {
    JSAMPROW rows[4];
    int count = 0;
    for (; count < 4 && decoder->output_scanline + count < decoder->output_height; count++)
      rows[count] = pixels + (size_t)(decoder->output_scanline + count) * stride + start;
    jpeg_read_scanlines(decoder, rows, (JDIMENSION)count);
  }
}

codec_status codec_jpeg_read(
    codec_jpeg *jpeg, uint32_t first_row, uint32_t end_row, uint32_t first_column,
    uint32_t end_column, uint8_t *pixels, size_t stride, codec_info *info) {
  struct jpeg_decompress_struct *decoder = &jpeg->decoder;
  jpeg->info = info;
  info->status = CODEC_OK;
  if (setjmp(jpeg->escape)) return info->status;
  jpeg_start_decompress(decoder);
  // Of a progressive image that lacks scans libjpeg smooths the blocks, looking several of them to each side.
  if (jpeg_has_multiple_scans(decoder)) {
    first_row = first_column = 0;
    end_row = decoder->output_height;
    end_column = decoder->output_width;
  }
  JDIMENSION width = decoder->output_width;
  uint32_t column = first_column;
  crop_columns(decoder, &column, end_column, &width);

  // Rows are skipped in whole, a margin away from the window for the same reason as columns.
  const uint32_t margin = 32;
  if (first_row > 2 * margin) jpeg_skip_scanlines(decoder, first_row - margin);
  uint32_t stop = decoder->output_height - end_row > 2 * margin ? end_row + margin : decoder->output_height;
  read_rows(decoder, stop, pixels, stride, column);
  // A skip to the very end would leave the data unread, and a truncated file unnoticed; one row short of it reads on.
  const uint32_t last = decoder->output_height - 1;
  if (decoder->output_scanline < last) jpeg_skip_scanlines(decoder, last - decoder->output_scanline);
  read_rows(decoder, decoder->output_height, pixels, stride, column);
  jpeg_finish_decompress(decoder);

  // Four-component JPEGs hold inverted inks (Adobe's convention); Pillow's mode CMYK does not.
  if (decoder->output_components == 4)
    for (uint32_t y = first_row; y < end_row; y++) {
      uint8_t *row = pixels + (size_t)y * stride + (size_t)first_column * 4;
      const size_t count = (size_t)(end_column - first_column) * 4;
      for (size_t i = 0; i < count; i++) row[i] = (uint8_t)~row[i];
    }
  return CODEC_OK;
}

void codec_jpeg_close(codec_jpeg *jpeg) {
  if (!jpeg) return;
  jpeg_destroy_decompress(&jpeg->decoder);
  free(jpeg);
}
