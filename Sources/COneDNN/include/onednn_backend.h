#pragma once
#include <stddef.h>
#include <stdint.h>

// The towers' matrix products and convolutions by oneDNN. This header names nothing of oneDNN, whose C API changed from 2.x to 3.x: all
// of it stays in onednn_backend.c.
//
// Every function works on the calling thread alone once that thread has called cn_use_this_thread_only. Weights are
// immutable after creation and shared by all threads; a plan (scratch included) belongs to one thread at a time.
// Functions that return a pointer return NULL, and those that return int a non-zero oneDNN status, when oneDNN cannot
// do what was asked; cn_status_text says why.

typedef enum { CN_F32 = 0, CN_BF16 = 1 } cn_type;
typedef enum { CN_LINEAR = 0, CN_QUICK_GELU = 1, CN_GELU = 2, CN_RELU = 3 } cn_activation;

/// From now on oneDNN's work that this thread starts runs on this thread, not on OpenMP's pool.
void cn_use_this_thread_only(void);

/// Whether the processor has bfloat16 dot products (AVX512_BF16 or AMX).
int cn_has_bf16(void);

/// oneDNN's version and the instruction set it uses here, for example "oneDNN 2.6.3 avx512_core_amx".
void cn_describe(char *text, size_t size);

const char *cn_status_text(int status);

/// C = op(A) op(B) + beta C on row-major storage, single precision: C is m×n, op(A) m×k, op(B) k×n; op transposes where asked.
int cn_sgemm(int transpose_a, int transpose_b, size_t m, size_t n, size_t k, const float *a, size_t lda,
             const float *b, size_t ldb, float beta, float *c, size_t ldc);

/// The weights of y = activation(x Wᵀ + b) in oneDNN's own layout.
typedef struct cn_linear cn_linear;

/// - weight: [n, k], rows `stride` apart, float32 (rounded to nearest even for bf16); bias: [n] or NULL. Both are copied.
/// - rows: a typical number of rows of x, which the layout is chosen for.
cn_linear *cn_linear_create(const float *weight, size_t stride, const float *bias, size_t n, size_t k,
                            cn_type precision, size_t rows, int *status);
void cn_linear_free(cn_linear *linear);

/// How to compute a linear layer for a fixed number of rows: made from any layer of the shape, good for all of them.
typedef struct cn_linear_plan cn_linear_plan;

/// x has the type of the weights; y is `out`: y = activation(x Wᵀ + b), or y += x Wᵀ + b with `adding`.
cn_linear_plan *cn_linear_plan_create(const cn_linear *like, size_t rows, cn_type out, cn_activation activation,
                                      int adding, int *status);
void cn_linear_plan_free(cn_linear_plan *plan);
/// x: [rows, k], y: [rows, n], dense.
int cn_linear_run(cn_linear_plan *plan, const cn_linear *linear, const void *x, void *y);

/// Convolutions and poolings over a fixed number of images, as a list of steps. What a step gives is a value, called by
/// its number; value 0 is the images. Weights are packed when a step is added; activations lie in [image, row, column,
/// channel] order between steps and have the network's precision.
typedef struct cn_network cn_network;

/// For images [batch, channels, height, width], float32.
cn_network *cn_network_create(size_t batch, size_t channels, size_t height, size_t width, cn_type precision,
                              int *status);
void cn_network_free(cn_network *network);

/// Adds y = activation(convolution(x) + bias), or y = activation(convolution(x) + bias + residual).
///
/// - weight: [channels, channels of x, kernel, kernel] row-major, float32; bias: [channels]. Both are copied.
/// - padding: rows and columns of zeros on each side.
/// - residual: a value of y's shape, which no later step may use (y takes its place), or -1.
/// Returns y's number, or -1.
int cn_network_convolution(cn_network *network, int x, const float *weight, const float *bias, size_t channels,
                           size_t kernel, size_t stride, size_t padding, cn_activation activation, int residual,
                           int *status);

/// Adds the mean over squares of `size` by `size`, side by side; rows and columns that do not fill one are dropped.
int cn_network_average_pool(cn_network *network, int x, size_t size, int *status);

/// Ends the list: decides where activations lie. `output` is the value that cn_network_run gives.
int cn_network_finish(cn_network *network, int output);

/// The memory that one thread needs to run a finished network, which must outlive it.
typedef struct cn_network_worker cn_network_worker;
cn_network_worker *cn_network_worker_create(const cn_network *network, int *status);
void cn_network_worker_free(cn_network_worker *worker);

/// images: [batch, channels, height, width]. `*output`: [batch, height, width, channels] of the output value in the
/// network's precision, the worker's own memory, good until its next run.
int cn_network_run(cn_network_worker *worker, const float *images, const void **output);
