#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>
#include <webp/demux.h>

#include "CImageCodecs.h"

struct codec_webp {
  WebPDemuxer *container;
  WebPIterator frame;
  codec_info info;
};

static void explain(codec_info *info, codec_status status, const char *text) {
  info->status = status;
  snprintf(info->message, sizeof info->message, "%s", text);
}

codec_webp *codec_webp_open(const uint8_t *bytes, size_t count, codec_info *info) {
  memset(info, 0, sizeof *info);
  codec_webp *webp = calloc(1, sizeof *webp);
  if (!webp) {
    info->status = CODEC_NO_MEMORY;
    return NULL;
  }
  const WebPData data = {bytes, count};
  WebPDemuxState state = WEBP_DEMUX_PARSE_ERROR;
  webp->container = WebPDemuxPartial(&data, &state);
  if (!webp->container || state != WEBP_DEMUX_DONE) {
    if (state == WEBP_DEMUX_PARSE_ERROR)
      explain(info, CODEC_BROKEN, "its chunks contradict each other");
    else
      explain(info, CODEC_TRUNCATED, "the data ends before the last chunk");
    codec_webp_close(webp);
    return NULL;
  }
  if (!WebPDemuxGetFrame(webp->container, 1, &webp->frame)) {
    explain(info, CODEC_BROKEN, "it has no frame");
    codec_webp_close(webp);
    return NULL;
  }
  // Pillow's way to tell: what the header announces, not what the frame has.
  WebPBitstreamFeatures features;
  const int opaque =
      WebPGetFeatures(bytes, count, &features) == VP8_STATUS_OK && !features.has_alpha;
  info->mode = opaque ? CODEC_MODE_RGB : CODEC_MODE_RGBA;
  info->width = WebPDemuxGetI(webp->container, WEBP_FF_CANVAS_WIDTH);
  info->height = WebPDemuxGetI(webp->container, WEBP_FF_CANVAS_HEIGHT);
  webp->info = *info;
  return webp;
}

codec_status codec_webp_read(codec_webp *webp, uint8_t *pixels, size_t stride, codec_info *info) {
  memset(info, 0, sizeof *info);
  const WebPIterator *frame = &webp->frame;
  const uint32_t width = webp->info.width, height = webp->info.height;
  const int channels = webp->info.mode == CODEC_MODE_RGB ? 3 : 4;
  if (frame->x_offset < 0 || frame->y_offset < 0 || frame->width < 1 || frame->height < 1
      || (uint64_t)frame->x_offset + (uint64_t)frame->width > width
      || (uint64_t)frame->y_offset + (uint64_t)frame->height > height) {
    explain(info, CODEC_BROKEN, "its first frame reaches beyond its canvas");
    return info->status;
  }
  // The canvas beside the first frame of an animation is transparent black.
  if ((uint32_t)frame->width != width || (uint32_t)frame->height != height)
    for (uint32_t y = 0; y < height; y++)
      memset(pixels + (size_t)y * stride, 0, (size_t)width * (size_t)channels);

  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) {
    explain(info, CODEC_UNSUPPORTED, "libwebp is of another version than its header");
    return info->status;
  }
  config.output.colorspace = channels == 3 ? MODE_RGB : MODE_RGBA;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba =
      pixels + (size_t)frame->y_offset * stride + (size_t)frame->x_offset * (size_t)channels;
  config.output.u.RGBA.stride = (int)stride;
  // Of the last row, only its pixels are this frame's.
  config.output.u.RGBA.size =
      ((size_t)frame->height - 1) * stride + (size_t)frame->width * (size_t)channels;
  switch (WebPDecode(frame->fragment.bytes, frame->fragment.size, &config)) {
    case VP8_STATUS_OK:
      break;
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED:
      explain(info, CODEC_TRUNCATED, "the data ends before the last row of the image");
      break;
    case VP8_STATUS_OUT_OF_MEMORY:
      info->status = CODEC_NO_MEMORY;
      break;
    default:
      explain(info, CODEC_BROKEN, "its pixel data cannot be decoded");
  }
  WebPFreeDecBuffer(&config.output);
  return info->status;
}

void codec_webp_close(codec_webp *webp) {
  if (!webp) return;
  WebPDemuxReleaseIterator(&webp->frame);
  WebPDemuxDelete(webp->container);
  free(webp);
}
