#pragma once
#include <stddef.h>

// 3×3 convolutions of stride 1 with a border of zeros by Winograd's minimal filtering, float32: F(4×4, 3×3) of
// Lavin & Gray 2016, "Fast Algorithms for Convolutional Neural Networks". Six by six inputs, the filter and four by
// four outputs are transformed so that 36 products do what 144 do directly. Images lie in [image, row, column, channel]
// order.

typedef struct {
  size_t images, height, width, inputs, outputs;
} winograd_shape;

/// Whether this processor (AVX-512) and shape gain by it.
int winograd_suits(const winograd_shape *shape);

/// Floats of the transformed filters.
size_t winograd_filter_size(const winograd_shape *shape);

/// weight: [outputs, inputs, 3, 3].
void winograd_transform_filters(const winograd_shape *shape, const float *weight, float *filters);

size_t winograd_scratch_bytes(const winograd_shape *shape);

/// y = convolution(x) + bias, or max(0, …) of it. `scratch` at a cache line.
void winograd_run(const winograd_shape *shape, const float *x, const float *filters, const float *bias, int is_relu,
                  float *y, void *scratch);
