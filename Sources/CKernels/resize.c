#include "resize.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define X86 1
#else
#define X86 0
#endif

enum { ROUNDING = 1 << (RESIZE_FRACTION_BITS - 1) };

static inline uint8_t clip(int32_t sum) {
  const int32_t value = sum >> RESIZE_FRACTION_BITS;
  return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

resize_isa resize_best_isa(void) {
#if X86
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vnni"))
    return RESIZE_AVX512_VNNI;
  if (__builtin_cpu_supports("avx2")) return RESIZE_AVX2;
#endif
  return RESIZE_PORTABLE;
}

// A weight w has up to 23 bits and a sign, too wide for the 16- and 8-bit multiply-and-add instructions; the sum is
// the same when taken digit by digit:
//   w = high·2¹⁵ + low with 0 ≤ low < 2¹⁵, or
//   w = d2·2¹⁶ + d1·2⁸ + d0 with signed bytes.
// A group holds {low01, low23, high01, high23, d0, d1, d2, 0}: 16-bit pairs, then bytes for four taps.
void resize_pack(const int32_t *weights, size_t groups, uint32_t *packed) {
  for (size_t g = 0; g < groups; g++) {
    int16_t low[4], high[4];
    int8_t d0[4], d1[4], d2[4];
    for (int i = 0; i < 4; i++) {
      const int32_t w = weights[4 * g + i];
      low[i] = (int16_t)(w & 0x7fff);
      high[i] = (int16_t)(w >> 15);
      d0[i] = (int8_t)w;
      const int32_t rest = (w - d0[i]) >> 8;
      d1[i] = (int8_t)rest;
      d2[i] = (int8_t)((rest - d1[i]) >> 8);
    }
    uint32_t *group = packed + 8 * g;
    memcpy(group, low, 8);
    memcpy(group + 2, high, 8);
    memcpy(group + 4, d0, 4);
    memcpy(group + 5, d1, 4);
    memcpy(group + 6, d2, 4);
    group[7] = 0;
  }
}

static void horizontal_portable(
    const uint8_t *source, size_t source_stride, int channels, int rows, uint8_t *output,
    size_t output_stride, int outputs, const int32_t *first, int groups, const int32_t *weights) {
  for (int y = 0; y < rows; y++) {
    const uint8_t *row = source + (size_t)y * source_stride;
    uint8_t *out = output + (size_t)y * output_stride;
    for (int x = 0; x < outputs; x++) {
      const int32_t *w = weights + (size_t)x * (size_t)groups * 4;
      const uint8_t *from = row + (size_t)first[x] * (size_t)channels;
      int32_t sums[4] = {ROUNDING, ROUNDING, ROUNDING, ROUNDING};
      for (int k = 0; k < 4 * groups; k++)
        for (int c = 0; c < channels; c++) sums[c] += from[k * channels + c] * w[k];
      for (int c = 0; c < channels; c++) *out++ = clip(sums[c]);
    }
  }
}

static void vertical_portable(
    const uint8_t *source, size_t stride, int count, const int32_t *weights, uint8_t *output,
    size_t bytes) {
  enum { BLOCK = 64 };
  for (size_t x = 0; x < bytes; x += BLOCK) {
    int32_t sums[BLOCK];
    for (int i = 0; i < BLOCK; i++) sums[i] = ROUNDING;
    for (int k = 0; k < count; k++)
      for (int i = 0; i < BLOCK; i++) sums[i] += source[(size_t)k * stride + x + (size_t)i] * weights[k];
    for (int i = 0; i < BLOCK; i++) output[x + (size_t)i] = clip(sums[i]);
  }
}

#if X86

#define AVX2 __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni,avx2")))

static inline void store4(uint8_t *to, int value) { memcpy(to, &value, 4); }

// Four rows at a time, two in each vector: a 128-bit lane holds four taps of one row, shuffled so that
// the two taps of a channel lie side by side as 16-bit numbers.
AVX2 static void horizontal_avx2(
    const uint8_t *source, size_t source_stride, int channels, int rows, uint8_t *output,
    size_t output_stride, int outputs, const int32_t *first, int groups, const uint32_t *packed) {
  char near[16], far[16];
  for (int i = 0; i < 16; i++) {
    const int channel = i / 4, tap = i / 2 % 2;
    const int unused = i % 2 == 1 || channel >= channels;
    near[i] = (char)(unused ? -128 : tap * channels + channel);
    far[i] = (char)(unused ? -128 : (tap + 2) * channels + channel);
  }
  const __m256i taps01 = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)near));
  const __m256i taps23 = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)far));
  const __m256i rounding = _mm256_set1_epi32(ROUNDING);

  for (int y = 0; y < rows; y += 4) {
    const uint8_t *from[4];
    uint8_t *to[4];
    for (int i = 0; i < 4; i++) {
      const size_t row = (size_t)(y + i < rows ? y + i : rows - 1);
      from[i] = source + row * source_stride;
      to[i] = output + row * output_stride;
    }
    const uint32_t *w = packed;
    for (int x = 0; x < outputs; x++) {
      size_t at = (size_t)first[x] * (size_t)channels;
      __m256i low_a = rounding, low_b = rounding;
      __m256i high_a = _mm256_setzero_si256(), high_b = high_a;
      for (int g = 0; g < groups; g++, w += 8, at += 4 * (size_t)channels) {
        const __m256i low01 = _mm256_set1_epi32((int)w[0]), low23 = _mm256_set1_epi32((int)w[1]);
        const __m256i high01 = _mm256_set1_epi32((int)w[2]), high23 = _mm256_set1_epi32((int)w[3]);
        const __m256i a = _mm256_inserti128_si256(
            _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)(from[0] + at))),
            _mm_loadu_si128((const __m128i *)(from[1] + at)), 1);
        const __m256i b = _mm256_inserti128_si256(
            _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)(from[2] + at))),
            _mm_loadu_si128((const __m128i *)(from[3] + at)), 1);
        const __m256i a01 = _mm256_shuffle_epi8(a, taps01), a23 = _mm256_shuffle_epi8(a, taps23);
        const __m256i b01 = _mm256_shuffle_epi8(b, taps01), b23 = _mm256_shuffle_epi8(b, taps23);
        low_a = _mm256_add_epi32(low_a, _mm256_madd_epi16(a01, low01));
        high_a = _mm256_add_epi32(high_a, _mm256_madd_epi16(a01, high01));
        low_b = _mm256_add_epi32(low_b, _mm256_madd_epi16(b01, low01));
        high_b = _mm256_add_epi32(high_b, _mm256_madd_epi16(b01, high01));
        low_a = _mm256_add_epi32(low_a, _mm256_madd_epi16(a23, low23));
        high_a = _mm256_add_epi32(high_a, _mm256_madd_epi16(a23, high23));
        low_b = _mm256_add_epi32(low_b, _mm256_madd_epi16(b23, low23));
        high_b = _mm256_add_epi32(high_b, _mm256_madd_epi16(b23, high23));
      }
      const __m256i sum_a = _mm256_add_epi32(low_a, _mm256_slli_epi32(high_a, 15));
      const __m256i sum_b = _mm256_add_epi32(low_b, _mm256_slli_epi32(high_b, 15));
      const __m256i words = _mm256_packs_epi32(
          _mm256_srai_epi32(sum_a, RESIZE_FRACTION_BITS),
          _mm256_srai_epi32(sum_b, RESIZE_FRACTION_BITS));
      const __m256i bytes = _mm256_packus_epi16(words, words);
      const size_t out = (size_t)x * (size_t)channels;
      const __m128i even = _mm256_castsi256_si128(bytes);
      const __m128i odd = _mm256_extracti128_si256(bytes, 1);
      store4(to[0] + out, _mm_cvtsi128_si32(even));
      store4(to[1] + out, _mm_cvtsi128_si32(odd));
      store4(to[2] + out, _mm_extract_epi32(even, 1));
      store4(to[3] + out, _mm_extract_epi32(odd, 1));
    }
  }
}

AVX512 static inline __m512i load_lanes(const uint8_t *const *from, size_t at) {
  __m512i v = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)(from[0] + at)));
  // Masked broadcasts rather than inserts: those would all compete for the shuffle port.
  v = _mm512_mask_broadcast_i32x4(v, 0x00f0, _mm_loadu_si128((const __m128i *)(from[1] + at)));
  v = _mm512_mask_broadcast_i32x4(v, 0x0f00, _mm_loadu_si128((const __m128i *)(from[2] + at)));
  return _mm512_mask_broadcast_i32x4(v, 0xf000, _mm_loadu_si128((const __m128i *)(from[3] + at)));
}

AVX512 static inline __m512i join_digits(__m512i d0, __m512i d1, __m512i d2) {
  const __m512i sum = _mm512_add_epi32(
      d0, _mm512_add_epi32(_mm512_slli_epi32(d1, 8), _mm512_slli_epi32(d2, 16)));
  return _mm512_srai_epi32(sum, RESIZE_FRACTION_BITS);
}

// Eight rows at a time, four in each vector: a lane holds four taps of one row, a channel's four bytes together.
AVX512 static void horizontal_avx512(
    const uint8_t *source, size_t source_stride, int channels, int rows, uint8_t *output,
    size_t output_stride, int outputs, const int32_t *first, int groups, const uint32_t *packed) {
  char order[16];
  for (int i = 0; i < 16; i++)
    order[i] = (char)(i / 4 >= channels ? -128 : i % 4 * channels + i / 4);
  const __m512i shuffle = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)order));
  const __m512i rounding = _mm512_set1_epi32(ROUNDING);

  for (int y = 0; y < rows; y += 8) {
    const uint8_t *from[8];
    uint8_t *to[8];
    for (int i = 0; i < 8; i++) {
      const size_t row = (size_t)(y + i < rows ? y + i : rows - 1);
      from[i] = source + row * source_stride;
      to[i] = output + row * output_stride;
    }
    const uint32_t *w = packed;
    for (int x = 0; x < outputs; x++) {
      size_t at = (size_t)first[x] * (size_t)channels;
      __m512i a0 = rounding, b0 = rounding;
      __m512i a1 = _mm512_setzero_si512(), a2 = a1, b1 = a1, b2 = a1;
      for (int g = 0; g < groups; g++, w += 8, at += 4 * (size_t)channels) {
        const __m512i d0 = _mm512_set1_epi32((int)w[4]);
        const __m512i d1 = _mm512_set1_epi32((int)w[5]);
        const __m512i d2 = _mm512_set1_epi32((int)w[6]);
        const __m512i a = _mm512_shuffle_epi8(load_lanes(from, at), shuffle);
        const __m512i b = _mm512_shuffle_epi8(load_lanes(from + 4, at), shuffle);
        a0 = _mm512_dpbusd_epi32(a0, a, d0);
        a1 = _mm512_dpbusd_epi32(a1, a, d1);
        a2 = _mm512_dpbusd_epi32(a2, a, d2);
        b0 = _mm512_dpbusd_epi32(b0, b, d0);
        b1 = _mm512_dpbusd_epi32(b1, b, d1);
        b2 = _mm512_dpbusd_epi32(b2, b, d2);
      }
      const __m512i words = _mm512_packs_epi32(join_digits(a0, a1, a2), join_digits(b0, b1, b2));
      const __m512i bytes = _mm512_packus_epi16(words, words);
      const size_t out = (size_t)x * (size_t)channels;
      const __m128i r04 = _mm512_castsi512_si128(bytes);
      const __m128i r15 = _mm512_extracti32x4_epi32(bytes, 1);
      const __m128i r26 = _mm512_extracti32x4_epi32(bytes, 2);
      const __m128i r37 = _mm512_extracti32x4_epi32(bytes, 3);
      store4(to[0] + out, _mm_cvtsi128_si32(r04));
      store4(to[1] + out, _mm_cvtsi128_si32(r15));
      store4(to[2] + out, _mm_cvtsi128_si32(r26));
      store4(to[3] + out, _mm_cvtsi128_si32(r37));
      store4(to[4] + out, _mm_extract_epi32(r04, 1));
      store4(to[5] + out, _mm_extract_epi32(r15, 1));
      store4(to[6] + out, _mm_extract_epi32(r26, 1));
      store4(to[7] + out, _mm_extract_epi32(r37, 1));
    }
  }
}

AVX2 static void vertical_avx2(
    const uint8_t *source, size_t stride, int groups, const uint32_t *packed, uint8_t *output,
    size_t bytes) {
  const __m256i zero = _mm256_setzero_si256();
  for (size_t x = 0; x < bytes; x += 32) {
    __m256i low[4], high[4];
    for (int i = 0; i < 4; i++) low[i] = _mm256_set1_epi32(ROUNDING), high[i] = zero;
    for (int pair = 0; pair < 2 * groups; pair++) {
      const uint32_t *w = packed + 8 * (pair / 2) + pair % 2;
      const __m256i w_low = _mm256_set1_epi32((int)w[0]), w_high = _mm256_set1_epi32((int)w[2]);
      const uint8_t *from = source + (size_t)(2 * pair) * stride + x;
      const __m256i a = _mm256_loadu_si256((const __m256i *)from);
      const __m256i b = _mm256_loadu_si256((const __m256i *)(from + stride));
      const __m256i ab_low = _mm256_unpacklo_epi8(a, b), ab_high = _mm256_unpackhi_epi8(a, b);
      const __m256i words[4] = {
          _mm256_unpacklo_epi8(ab_low, zero), _mm256_unpackhi_epi8(ab_low, zero),
          _mm256_unpacklo_epi8(ab_high, zero), _mm256_unpackhi_epi8(ab_high, zero)};
      for (int i = 0; i < 4; i++) {
        low[i] = _mm256_add_epi32(low[i], _mm256_madd_epi16(words[i], w_low));
        high[i] = _mm256_add_epi32(high[i], _mm256_madd_epi16(words[i], w_high));
      }
    }
    __m256i sums[4];
    for (int i = 0; i < 4; i++)
      sums[i] = _mm256_srai_epi32(
          _mm256_add_epi32(low[i], _mm256_slli_epi32(high[i], 15)), RESIZE_FRACTION_BITS);
    _mm256_storeu_si256(
        (__m256i *)(output + x),
        _mm256_packus_epi16(
            _mm256_packs_epi32(sums[0], sums[1]), _mm256_packs_epi32(sums[2], sums[3])));
  }
}

AVX512 static void vertical_avx512(
    const uint8_t *source, size_t stride, int groups, const uint32_t *packed, uint8_t *output,
    size_t bytes) {
  for (size_t x = 0; x < bytes; x += 64) {
    __m512i s0[4], s1[4], s2[4];
    for (int i = 0; i < 4; i++) {
      s0[i] = _mm512_set1_epi32(ROUNDING);
      s1[i] = s2[i] = _mm512_setzero_si512();
    }
    for (int g = 0; g < groups; g++) {
      const uint32_t *w = packed + 8 * g;
      const __m512i d0 = _mm512_set1_epi32((int)w[4]);
      const __m512i d1 = _mm512_set1_epi32((int)w[5]);
      const __m512i d2 = _mm512_set1_epi32((int)w[6]);
      const uint8_t *from = source + (size_t)(4 * g) * stride + x;
      const __m512i a = _mm512_loadu_si512(from);
      const __m512i b = _mm512_loadu_si512(from + stride);
      const __m512i c = _mm512_loadu_si512(from + 2 * stride);
      const __m512i d = _mm512_loadu_si512(from + 3 * stride);
      const __m512i ab_low = _mm512_unpacklo_epi8(a, b), ab_high = _mm512_unpackhi_epi8(a, b);
      const __m512i cd_low = _mm512_unpacklo_epi8(c, d), cd_high = _mm512_unpackhi_epi8(c, d);
      const __m512i columns[4] = {
          _mm512_unpacklo_epi16(ab_low, cd_low), _mm512_unpackhi_epi16(ab_low, cd_low),
          _mm512_unpacklo_epi16(ab_high, cd_high), _mm512_unpackhi_epi16(ab_high, cd_high)};
      for (int i = 0; i < 4; i++) {
        s0[i] = _mm512_dpbusd_epi32(s0[i], columns[i], d0);
        s1[i] = _mm512_dpbusd_epi32(s1[i], columns[i], d1);
        s2[i] = _mm512_dpbusd_epi32(s2[i], columns[i], d2);
      }
    }
    __m512i sums[4];
    for (int i = 0; i < 4; i++) sums[i] = join_digits(s0[i], s1[i], s2[i]);
    _mm512_storeu_si512(
        output + x, _mm512_packus_epi16(
                        _mm512_packs_epi32(sums[0], sums[1]), _mm512_packs_epi32(sums[2], sums[3])));
  }
}

#endif

void resize_horizontal(
    resize_isa isa, const uint8_t *source, size_t source_stride, int channels, int rows,
    uint8_t *output, size_t output_stride, int outputs, const int32_t *first, int groups,
    const int32_t *weights, const uint32_t *packed) {
#if X86
  if (isa == RESIZE_AVX512_VNNI && channels >= 3) {
    horizontal_avx512(
        source, source_stride, channels, rows, output, output_stride, outputs, first, groups, packed);
    return;
  }
  if (isa >= RESIZE_AVX2) {
    horizontal_avx2(
        source, source_stride, channels, rows, output, output_stride, outputs, first, groups, packed);
    return;
  }
#endif
  horizontal_portable(
      source, source_stride, channels, rows, output, output_stride, outputs, first, groups, weights);
}

void resize_vertical(
    resize_isa isa, const uint8_t *source, size_t source_stride, int first, int groups,
    const int32_t *weights, const uint32_t *packed, uint8_t *output, size_t bytes) {
  const uint8_t *from = source + (size_t)first * source_stride;
#if X86
  if (isa == RESIZE_AVX512_VNNI) {
    vertical_avx512(from, source_stride, groups, packed, output, bytes);
    return;
  }
  if (isa >= RESIZE_AVX2) {
    vertical_avx2(from, source_stride, groups, packed, output, bytes);
    return;
  }
#endif
  vertical_portable(from, source_stride, 4 * groups, weights, output, bytes);
}

static void planar_by_table(
    const uint8_t *rgb, size_t count, const float *table, float *red, float *green, float *blue) {
  for (size_t i = 0; i < count; i++) {
    red[i] = table[rgb[3 * i]];
    green[i] = table[256 + rgb[3 * i + 1]];
    blue[i] = table[512 + rgb[3 * i + 2]];
  }
}

#if X86

// x / d, rounded as a division is: a product by the reciprocal, corrected by its remainder (Markstein 1990).
AVX512 static inline __m512 divide(__m512 x, __m512 d, __m512 reciprocal) {
  const __m512 quotient = _mm512_mul_ps(x, reciprocal);
  return _mm512_fmadd_ps(_mm512_fnmadd_ps(quotient, d, x), reciprocal, quotient);
}

AVX512 static size_t planar_avx512(
    const uint8_t *rgb, size_t count, const float *mean, const float *deviation,
    float *const planes[3]) {
  const __m512 full = _mm512_set1_ps(255.0f), part = _mm512_set1_ps(1.0f / 255.0f);
  // Byte 3i + c of 48 goes to byte i of channel c; the bytes come in three loads.
  __m128i pick[3][3];
  for (int c = 0; c < 3; c++)
    for (int load = 0; load < 3; load++) {
      char order[16];
      for (int i = 0; i < 16; i++) {
        const int byte = 3 * i + c - 16 * load;
        order[i] = (char)(byte >= 0 && byte < 16 ? byte : -128);
      }
      pick[c][load] = _mm_loadu_si128((const __m128i *)order);
    }
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const __m128i *from = (const __m128i *)(rgb + 3 * i);
    const __m128i a = _mm_loadu_si128(from), b = _mm_loadu_si128(from + 1);
    const __m128i c = _mm_loadu_si128(from + 2);
    for (int k = 0; k < 3; k++) {
      const __m128i bytes = _mm_or_si128(
          _mm_or_si128(_mm_shuffle_epi8(a, pick[k][0]), _mm_shuffle_epi8(b, pick[k][1])),
          _mm_shuffle_epi8(c, pick[k][2]));
      const __m512 x = _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(bytes));
      const __m512 shifted = _mm512_sub_ps(divide(x, full, part), _mm512_set1_ps(mean[k]));
      _mm512_storeu_ps(
          planes[k] + i,
          divide(shifted, _mm512_set1_ps(deviation[k]), _mm512_set1_ps(1.0f / deviation[k])));
    }
  }
  return i;
}

#endif

void resize_planar(
    resize_isa isa, const uint8_t *rgb, size_t count, const float *table, const float *mean,
    const float *deviation, float *red, float *green, float *blue) {
  size_t done = 0;
#if X86
  if (isa == RESIZE_AVX512_VNNI && mean && deviation) {
    float *const planes[3] = {red, green, blue};
    done = planar_avx512(rgb, count, mean, deviation, planes);
  }
#endif
  planar_by_table(rgb + 3 * done, count - done, table, red + done, green + done, blue + done);
}
