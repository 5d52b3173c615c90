#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "CImageCodecs.h"

typedef struct {
  struct jpeg_error_mgr manager;  // first, so that the library's pointer to it is one to this
  jmp_buf stop;
  codec_info *info;
} encode_errors;

static void on_error(j_common_ptr jpeg) {
  encode_errors *errors = (encode_errors *)jpeg->err;
  char text[JMSG_LENGTH_MAX];
  jpeg->err->format_message(jpeg, text);
  snprintf(errors->info->message, sizeof errors->info->message, "%s", text);
  longjmp(errors->stop, 1);
}

codec_status codec_jpeg_encode(
    const uint8_t *rgb, uint32_t width, uint32_t height, int quality, uint8_t **out, size_t *count,
    codec_info *info) {
  memset(info, 0, sizeof *info);
  struct jpeg_compress_struct jpeg;
  encode_errors errors = {.info = info};
  jpeg.err = jpeg_std_error(&errors.manager);
  errors.manager.error_exit = on_error;
  // jpeg_mem_dest moves these when its buffer grows.
  unsigned char *volatile bytes = NULL;
  unsigned long size = 0;
  *out = NULL;
  *count = 0;
  if (setjmp(errors.stop)) {
    jpeg_destroy_compress(&jpeg);
    free(bytes);
    info->status = CODEC_BROKEN;
    return info->status;
  }
  jpeg_create_compress(&jpeg);
  jpeg_mem_dest(&jpeg, (unsigned char **)&bytes, &size);
  jpeg.image_width = width;
  jpeg.image_height = height;
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, quality, TRUE);
  jpeg.comp_info[0].h_samp_factor = 1;
  jpeg.comp_info[0].v_samp_factor = 1;
  jpeg.dct_method = JDCT_ISLOW;
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height) {
    JSAMPROW row = (JSAMPROW)(rgb + (size_t)jpeg.next_scanline * width * 3);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  *out = bytes;
  *count = size;
  return CODEC_OK;
}
