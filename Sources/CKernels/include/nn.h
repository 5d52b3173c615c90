// Element-wise kernels of the transformer towers, float32, row-major.
//
// Each function that computes is compiled for the x86-64 baseline, x86-64-v3 (AVX2, FMA) and x86-64-v4 (AVX-512) and picks one when
// the program starts, so one binary is fast everywhere. Sums are reassociated for vector units: results
// differ in the last bits between these three, never between runs or threads of one.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// The instruction set the kernels run with on this machine: "x86-64-v4", "x86-64-v3" or "x86-64".
const char *ck_isa(void);

/// out[r,:] = (x[r,:] - mean) / sqrt(variance + epsilon) * gamma + beta, biased variance (torch.nn.LayerNorm).
/// `out` may be x.
void ck_layer_norm(const float *x, const float *gamma, const float *beta, float epsilon, float *out,
                   size_t rows, size_t columns);
/// The same, rounded to bfloat16.
void ck_layer_norm_bf16(const float *x, const float *gamma, const float *beta, float epsilon,
                        uint16_t *out, size_t rows, size_t columns);

/// x[r,:] += bias.
void ck_add_bias(float *x, const float *bias, size_t rows, size_t columns);

/// x[r,:] /= sqrt(sum of squares), summed in double; a row of zeros is left as it is.
void ck_normalize_rows(float *x, size_t rows, size_t columns);

/// Tokens of CLIP's attention pool, [count + 1, width]: the mean of the rows of `features` [count, width], then those
/// rows; `positions` [count + 1, width] is added to them. count >= 1.
void ck_pool_tokens(const float *features, const float *positions, size_t count, size_t width,
                    float *tokens);

/// Patches of a planar image, C×S×S, as rows of a matrix [(S/P)², C·P·P], in the order of a flattened
/// torch Conv2d kernel [out, C, P, P].
void ck_image_to_patches(const float *image, float *patches, size_t channels, size_t size,
                         size_t patch);

/// IEEE half and bfloat16 to float32.
void ck_half_to_float(const uint16_t *in, float *out, size_t count);
void ck_bfloat16_to_float(const uint16_t *in, float *out, size_t count);
/// Rounded to nearest, ties to even; NaN stays NaN.
void ck_float_to_bfloat16(const float *in, uint16_t *out, size_t count);

/// Independent chains of fused multiply-adds that stay in registers: the peak a core can reach.
/// Returns the number of floating-point operations done; `sink` keeps the compiler from removing them.
double ck_fma_peak(uint64_t iterations, float *sink);
