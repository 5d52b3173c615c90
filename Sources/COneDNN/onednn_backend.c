#include "onednn_backend.h"
#include "winograd.h"

#include <oneapi/dnnl/dnnl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// OpenMP's thread count is a setting of each thread; oneDNN, when it is one, starts no parallel region at all.
extern void omp_set_num_threads(int);

static dnnl_engine_t engine;
static dnnl_status_t engine_status;

static void create_engine(void) {
  // Environment variables must not turn float32 into something less.
  dnnl_set_default_fpmath_mode(dnnl_fpmath_mode_strict);
  engine_status = dnnl_engine_create(&engine, dnnl_cpu, 0);
}

static dnnl_status_t ready(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, create_engine);
  return engine_status;
}

void cn_use_this_thread_only(void) { omp_set_num_threads(1); }

int cn_sgemm(int transpose_a, int transpose_b, size_t m, size_t n, size_t k, const float *a, size_t lda,
             const float *b, size_t ldb, float beta, float *c, size_t ldc) {
  return dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', (dnnl_dim_t)m, (dnnl_dim_t)n, (dnnl_dim_t)k, 1,
                    a, (dnnl_dim_t)lda, b, (dnnl_dim_t)ldb, beta, c, (dnnl_dim_t)ldc);
}

int cn_has_bf16(void) {
  dnnl_cpu_isa_t isa = dnnl_get_effective_cpu_isa();
  return (isa & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16;
}

void cn_describe(char *text, size_t size) {
  char other[16];
  const char *isa = other;
  snprintf(other, sizeof other, "isa-%x", (unsigned)dnnl_get_effective_cpu_isa());
  switch (dnnl_get_effective_cpu_isa()) {
  case dnnl_cpu_isa_sse41: isa = "sse41"; break;
  case dnnl_cpu_isa_avx: isa = "avx"; break;
  case dnnl_cpu_isa_avx2: isa = "avx2"; break;
  case dnnl_cpu_isa_avx2_vnni: isa = "avx2_vnni"; break;
  case dnnl_cpu_isa_avx512_core: isa = "avx512_core"; break;
  case dnnl_cpu_isa_avx512_core_vnni: isa = "avx512_core_vnni"; break;
  case dnnl_cpu_isa_avx512_core_bf16: isa = "avx512_core_bf16"; break;
  case dnnl_cpu_isa_avx512_core_amx: isa = "avx512_core_amx"; break;
  default: break;
  }
  const dnnl_version_t *v = dnnl_version();
  snprintf(text, size, "oneDNN %d.%d.%d %s", v->major, v->minor, v->patch, isa);
}

const char *cn_status_text(int status) {
  switch (status) {
  case dnnl_success: return "no error";
  case dnnl_out_of_memory: return "out of memory";
  case dnnl_unimplemented: return "not implemented for this processor";
  default: return "internal error";
  }
}

// oneDNN 2.6 makes wrong kernels, now and then, while another thread makes one of another precision: one at a time.
static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;

static dnnl_status_t describe(dnnl_primitive_desc_t *desc, const void *operation, dnnl_primitive_attr_t attr) {
  pthread_mutex_lock(&making);
  dnnl_status_t status = dnnl_primitive_desc_create(desc, operation, attr, engine, NULL);
  pthread_mutex_unlock(&making);
  return status;
}

static dnnl_status_t describe_reorder(dnnl_primitive_desc_t *desc, const dnnl_memory_desc_t *from,
                                      const dnnl_memory_desc_t *to, dnnl_primitive_attr_t attr) {
  pthread_mutex_lock(&making);
  dnnl_status_t status = dnnl_reorder_primitive_desc_create(desc, from, engine, to, engine, attr);
  pthread_mutex_unlock(&making);
  return status;
}

static dnnl_status_t make(dnnl_primitive_t *primitive, dnnl_primitive_desc_t desc) {
  pthread_mutex_lock(&making);
  dnnl_status_t status = dnnl_primitive_create(primitive, desc);
  pthread_mutex_unlock(&making);
  return status;
}

static dnnl_data_type_t element(cn_type type) { return type == CN_BF16 ? dnnl_bf16 : dnnl_f32; }

/// Memory at a cache line; large pieces at a large page, where the system gives such pages to those who ask:
/// a matrix product walks its weights too fast for small ones.
static void *allocate(size_t bytes) {
  const size_t large = 2 << 20;
  void *memory;
  if (posix_memalign(&memory, bytes >= large ? large : 64, bytes ? bytes : 1)) return NULL;
  // Whole pages only: what is left over would take a large page for itself.
  if (bytes >= large) madvise(memory, bytes / large * large, MADV_HUGEPAGE);
  return memory;
}

static dnnl_status_t dense(dnnl_memory_desc_t *desc, int rank, const dnnl_dim_t *dims, dnnl_data_type_t type) {
  static const dnnl_format_tag_t tags[] = {dnnl_format_tag_undef, dnnl_a, dnnl_ab, dnnl_abc, dnnl_abcd};
  return dnnl_memory_desc_init_by_tag(desc, rank, dims, type, tags[rank]);
}

/// A memory object over bytes of its own, or of the caller's where `data` is not NULL.
typedef struct {
  dnnl_memory_t memory;
  void *owned;
} tensor;

static void tensor_free(tensor *t) {
  if (t->memory) dnnl_memory_destroy(t->memory);
  free(t->owned);
  *t = (tensor){0};
}

static dnnl_status_t tensor_create(tensor *t, const dnnl_memory_desc_t *desc) {
  t->owned = allocate(dnnl_memory_desc_get_size(desc));
  if (!t->owned) return dnnl_out_of_memory;
  return dnnl_memory_create(&t->memory, desc, engine, t->owned);
}

/// A float32 tensor stored densely, in the layout and type of `desc`.
static dnnl_status_t pack(tensor *t, const dnnl_memory_desc_t *plain, const void *values,
                          const dnnl_memory_desc_t *desc) {
  dnnl_memory_t from = NULL;
  dnnl_stream_t stream = NULL;
  dnnl_primitive_desc_t reorder_desc = NULL;
  dnnl_primitive_t reorder = NULL;
  dnnl_status_t status = tensor_create(t, desc);
  if (!status) status = dnnl_memory_create(&from, plain, engine, (void *)values);
  if (!status) status = describe_reorder(&reorder_desc, plain, desc, NULL);
  if (!status) status = make(&reorder, reorder_desc);
  if (!status) status = dnnl_stream_create(&stream, engine, dnnl_stream_default_flags);
  if (!status) {
    dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, t->memory}};
    status = dnnl_primitive_execute(reorder, stream, 2, args);
  }
  if (!status) status = dnnl_stream_wait(stream);
  if (stream) dnnl_stream_destroy(stream);
  if (reorder) dnnl_primitive_destroy(reorder);
  if (reorder_desc) dnnl_primitive_desc_destroy(reorder_desc);
  if (from) dnnl_memory_destroy(from);
  return status;
}

/// Post-operations of a layer: the sum with what the output holds, then the activation. Scratch comes from the plan,
/// so that threads can run the same primitive side by side.
static dnnl_status_t attributes(dnnl_primitive_attr_t *attr, cn_activation activation, int adding) {
  dnnl_post_ops_t ops = NULL;
  dnnl_status_t status = dnnl_primitive_attr_create(attr);
  if (!status) status = dnnl_post_ops_create(&ops);
  if (!status && adding) status = dnnl_post_ops_append_sum(ops, 1);
  if (!status && activation != CN_LINEAR) {
    dnnl_alg_kind_t kind = activation == CN_RELU    ? dnnl_eltwise_relu
                           : activation == CN_GELU ? dnnl_eltwise_gelu_erf
                                                   : dnnl_eltwise_swish;
    status = dnnl_post_ops_append_eltwise(ops, 1, kind, activation == CN_QUICK_GELU ? 1.702f : 0, 0);
  }
  if (!status) status = dnnl_primitive_attr_set_post_ops(*attr, ops);
  if (!status) status = dnnl_primitive_attr_set_scratchpad_mode(*attr, dnnl_scratchpad_mode_user);
  if (ops) dnnl_post_ops_destroy(ops);
  return status;
}

// Linear layers

struct cn_linear {
  size_t n, k;
  cn_type precision;
  dnnl_memory_desc_t weight_desc;
  tensor weight;
  tensor bias;
};

/// Weights in the layout of `weight`, or in the best one where it is NULL.
static dnnl_status_t linear_desc(dnnl_primitive_desc_t *desc, const dnnl_memory_desc_t *weight, size_t n, size_t k,
                                 int has_bias, cn_type precision, size_t rows, cn_type out,
                                 cn_activation activation, int adding) {
  dnnl_memory_desc_t x, w, b, y;
  dnnl_dims_t x_dims = {(dnnl_dim_t)rows, (dnnl_dim_t)k}, w_dims = {(dnnl_dim_t)k, (dnnl_dim_t)n},
              b_dims = {1, (dnnl_dim_t)n}, y_dims = {(dnnl_dim_t)rows, (dnnl_dim_t)n};
  dnnl_matmul_desc_t matmul;
  dnnl_primitive_attr_t attr = NULL;
  dnnl_status_t status = dense(&x, 2, x_dims, element(precision));
  if (!status) status = dense(&y, 2, y_dims, element(out));
  if (!status) status = dense(&b, 2, b_dims, dnnl_f32);
  if (weight) w = *weight;
  else if (!status) status = dnnl_memory_desc_init_by_tag(&w, 2, w_dims, element(precision), dnnl_format_tag_any);
  if (!status) status = dnnl_matmul_desc_init(&matmul, &x, &w, has_bias ? &b : NULL, &y);
  if (!status) status = attributes(&attr, activation, adding);
  if (!status) status = describe(desc, &matmul, attr);
  if (attr) dnnl_primitive_attr_destroy(attr);
  return status;
}

cn_linear *cn_linear_create(const float *weight, size_t stride, const float *bias, size_t n, size_t k,
                            cn_type precision, size_t rows, int *status) {
  dnnl_primitive_desc_t desc = NULL;
  dnnl_memory_desc_t plain, bias_desc;
  // x Wᵀ: oneDNN's weights are [k, n], so the rows of W are its columns.
  dnnl_dims_t dims = {(dnnl_dim_t)k, (dnnl_dim_t)n}, strides = {1, (dnnl_dim_t)stride}, bias_dims = {1, (dnnl_dim_t)n};
  cn_linear *linear = calloc(1, sizeof *linear);
  *status = linear ? ready() : dnnl_out_of_memory;
  if (*status) goto failed;
  linear->n = n;
  linear->k = k;
  linear->precision = precision;
  if ((*status = linear_desc(&desc, NULL, n, k, bias != NULL, precision, rows, CN_F32, CN_LINEAR, 0))) goto failed;
  linear->weight_desc = *dnnl_primitive_desc_query_md(desc, dnnl_query_weights_md, 0);
  if ((*status = dnnl_memory_desc_init_by_strides(&plain, 2, dims, dnnl_f32, strides))) goto failed;
  if ((*status = pack(&linear->weight, &plain, weight, &linear->weight_desc))) goto failed;
  if (bias) {
    if ((*status = dense(&bias_desc, 2, bias_dims, dnnl_f32))) goto failed;
    if ((*status = tensor_create(&linear->bias, &bias_desc))) goto failed;
    memcpy(linear->bias.owned, bias, n * sizeof *bias);
  }
  dnnl_primitive_desc_destroy(desc);
  return linear;
failed:
  if (desc) dnnl_primitive_desc_destroy(desc);
  cn_linear_free(linear);
  return NULL;
}

void cn_linear_free(cn_linear *linear) {
  if (!linear) return;
  tensor_free(&linear->weight);
  tensor_free(&linear->bias);
  free(linear);
}

struct cn_linear_plan {
  dnnl_primitive_t primitive;
  dnnl_stream_t stream;
  dnnl_memory_t x, y;
  tensor scratch;
};

cn_linear_plan *cn_linear_plan_create(const cn_linear *like, size_t rows, cn_type out, cn_activation activation,
                                      int adding, int *status) {
  dnnl_primitive_desc_t desc = NULL;
  cn_linear_plan *plan = calloc(1, sizeof *plan);
  if (!plan) {
    *status = dnnl_out_of_memory;
    return NULL;
  }
  *status = linear_desc(&desc, &like->weight_desc, like->n, like->k, like->bias.memory != NULL, like->precision, rows,
                        out, activation, adding);
  if (!*status) *status = make(&plan->primitive, desc);
  if (!*status) *status = dnnl_stream_create(&plan->stream, engine, dnnl_stream_default_flags);
  if (!*status)
    *status = dnnl_memory_create(&plan->x, dnnl_primitive_desc_query_md(desc, dnnl_query_src_md, 0), engine,
                                 DNNL_MEMORY_NONE);
  if (!*status)
    *status = dnnl_memory_create(&plan->y, dnnl_primitive_desc_query_md(desc, dnnl_query_dst_md, 0), engine,
                                 DNNL_MEMORY_NONE);
  if (!*status)
    *status = tensor_create(&plan->scratch, dnnl_primitive_desc_query_md(desc, dnnl_query_scratchpad_md, 0));
  if (desc) dnnl_primitive_desc_destroy(desc);
  if (!*status) return plan;
  cn_linear_plan_free(plan);
  return NULL;
}

void cn_linear_plan_free(cn_linear_plan *plan) {
  if (!plan) return;
  if (plan->primitive) dnnl_primitive_destroy(plan->primitive);
  if (plan->stream) dnnl_stream_destroy(plan->stream);
  if (plan->x) dnnl_memory_destroy(plan->x);
  if (plan->y) dnnl_memory_destroy(plan->y);
  tensor_free(&plan->scratch);
  free(plan);
}

int cn_linear_run(cn_linear_plan *plan, const cn_linear *linear, const void *x, void *y) {
  dnnl_status_t status = dnnl_memory_set_data_handle(plan->x, (void *)x);
  if (!status) status = dnnl_memory_set_data_handle(plan->y, y);
  if (status) return status;
  dnnl_exec_arg_t args[] = {{DNNL_ARG_SRC, plan->x},
                            {DNNL_ARG_WEIGHTS, linear->weight.memory},
                            {DNNL_ARG_DST, plan->y},
                            {DNNL_ARG_SCRATCHPAD, plan->scratch.memory},
                            {DNNL_ARG_BIAS, linear->bias.memory}};
  status = dnnl_primitive_execute(plan->primitive, plan->stream, linear->bias.memory ? 5 : 4, args);
  return status ? status : dnnl_stream_wait(plan->stream);
}

// Networks of convolutions

enum { max_arguments = 5, images_value = 0 };

typedef struct {
  dnnl_dim_t channels, height, width;
  dnnl_memory_desc_t desc;
  /// The step that uses it last; the step count for the output, which nothing may overwrite.
  int last_use;
  /// The value whose memory it takes over (the residual it was added to), or -1.
  int replaces;
  /// Whether another value has taken its memory over.
  int is_gone;
  int buffer;
} value;

typedef struct {
  int kind, value; // DNNL_ARG_…; -1 for weights and scratch
  dnnl_memory_desc_t desc;
} argument;

/// One of oneDNN's primitives, or Winograd's convolution where there is none.
typedef struct {
  dnnl_primitive_t primitive;
  argument source, target;
  dnnl_memory_desc_t scratch_desc;
  tensor weight, bias;
  winograd_shape shape;
  float *filters;
  int is_relu;
} step;

struct cn_network {
  dnnl_dim_t batch;
  cn_type precision;
  value *values;
  int value_count;
  step *steps;
  int step_count;
  int output;
  size_t *buffer_bytes;
  int buffer_count;
  size_t scratch_bytes;
};

static void step_free(step *s) {
  if (s->primitive) dnnl_primitive_destroy(s->primitive);
  tensor_free(&s->weight);
  tensor_free(&s->bias);
  free(s->filters);
}

static size_t step_scratch_bytes(const step *s) {
  return s->primitive ? dnnl_memory_desc_get_size(&s->scratch_desc) : winograd_scratch_bytes(&s->shape);
}

/// Appends a value and its step, whose target it is. Takes over what the step owns, also when it fails.
static int network_append(cn_network *network, step *s, value v, int *status) {
  value *values = realloc(network->values, (size_t)(network->value_count + 1) * sizeof *values);
  if (values) network->values = values;
  step *steps = realloc(network->steps, (size_t)(network->step_count + 1) * sizeof *steps);
  if (steps) network->steps = steps;
  if (!values || !steps) {
    step_free(s);
    *status = dnnl_out_of_memory;
    return -1;
  }
  s->target.value = network->value_count;
  v.last_use = network->step_count;
  if (s->source.value >= 0) values[s->source.value].last_use = network->step_count;
  if (v.replaces >= 0) values[v.replaces].is_gone = 1;
  steps[network->step_count++] = *s;
  values[network->value_count] = v;
  return network->value_count++;
}

cn_network *cn_network_create(size_t batch, size_t channels, size_t height, size_t width, cn_type precision,
                              int *status) {
  cn_network *network = calloc(1, sizeof *network);
  value *images = calloc(1, sizeof *images);
  *status = network && images ? ready() : dnnl_out_of_memory;
  if (!*status) {
    *images = (value){.channels = (dnnl_dim_t)channels,
                      .height = (dnnl_dim_t)height,
                      .width = (dnnl_dim_t)width,
                      .replaces = -1,
                      .buffer = -1};
    dnnl_dims_t dims = {(dnnl_dim_t)batch, images->channels, images->height, images->width};
    *status = dense(&images->desc, 4, dims, dnnl_f32);
  }
  if (*status) {
    free(network);
    free(images);
    return NULL;
  }
  *network = (cn_network){.batch = (dnnl_dim_t)batch,
                          .precision = precision,
                          .values = images,
                          .value_count = 1,
                          .output = -1};
  return network;
}

void cn_network_free(cn_network *network) {
  if (!network) return;
  for (int i = 0; i < network->step_count; i++) step_free(&network->steps[i]);
  free(network->values);
  free(network->steps);
  free(network->buffer_bytes);
  free(network);
}

/// Whether later steps may read `x`.
static int is_value(const cn_network *network, int x) {
  return network->output < 0 && x >= 0 && x < network->value_count && !network->values[x].is_gone;
}

static dnnl_status_t image_desc(dnnl_memory_desc_t *desc, const cn_network *network, const value *v,
                                dnnl_format_tag_t tag) {
  dnnl_dims_t dims = {network->batch, v->channels, v->height, v->width};
  return dnnl_memory_desc_init_by_tag(desc, 4, dims, element(network->precision), tag);
}

/// x in the layout and type of `desc`: a value of its own where x has another.
static int network_reorder(cn_network *network, int x, const dnnl_memory_desc_t *desc, int *status) {
  if (dnnl_memory_desc_equal(&network->values[x].desc, desc)) return x;
  dnnl_primitive_desc_t reorder = NULL;
  dnnl_primitive_attr_t attr = NULL;
  value y = network->values[x];
  step s = {.source = {DNNL_ARG_FROM, x, y.desc}, .target = {DNNL_ARG_TO, -1, *desc}};
  y.desc = *desc;
  y.replaces = -1;
  *status = attributes(&attr, CN_LINEAR, 0);
  if (!*status) *status = describe_reorder(&reorder, &s.source.desc, desc, attr);
  if (!*status) *status = make(&s.primitive, reorder);
  if (!*status) s.scratch_desc = *dnnl_primitive_desc_query_md(reorder, dnnl_query_scratchpad_md, 0);
  if (reorder) dnnl_primitive_desc_destroy(reorder);
  if (attr) dnnl_primitive_attr_destroy(attr);
  return *status ? -1 : network_append(network, &s, y, status);
}

/// Channels below which the best layout of a convolution's input is not [image, row, column, channel].
static const dnnl_dim_t few_channels = 16;

/// Rows and columns of an image up to which a 1×1 convolution is faster on all images as one tall one: alone, a small
/// image does not fill the kernels' blocks of rows.
static const dnnl_dim_t small_image = 64;

typedef struct {
  dnnl_dims_t x_dims, y_dims, w_dims;
  dnnl_dim_t stride, padding;
  dnnl_format_tag_t x_tag;
  cn_activation activation;
  int adding;
} convolution;

static dnnl_status_t convolution_desc(dnnl_primitive_desc_t *desc, const convolution *c, cn_type precision) {
  dnnl_memory_desc_t x, w, b, y;
  dnnl_dims_t bias_dims = {c->w_dims[0]}, strides = {c->stride, c->stride}, padding = {c->padding, c->padding};
  dnnl_convolution_desc_t operation;
  dnnl_primitive_attr_t attr = NULL;
  dnnl_data_type_t type = element(precision);
  dnnl_status_t status = dnnl_memory_desc_init_by_tag(&x, 4, c->x_dims, type, c->x_tag);
  // The first convolution has its input in the layout it likes best; kernels for other processors than AVX-512 pair that
  // with an output of their own only.
  if (!status) status = dnnl_memory_desc_init_by_tag(&y, 4, c->y_dims, type, c->adding ? dnnl_nhwc : c->x_tag);
  if (!status) status = dnnl_memory_desc_init_by_tag(&w, 4, c->w_dims, type, dnnl_format_tag_any);
  if (!status) status = dense(&b, 1, bias_dims, dnnl_f32);
  if (!status)
    status = dnnl_convolution_forward_desc_init(&operation, dnnl_forward_inference, dnnl_convolution_direct, &x, &w,
                                                &b, &y, strides, padding, padding);
  if (!status) status = attributes(&attr, c->activation, c->adding);
  if (!status) status = describe(desc, &operation, attr);
  if (attr) dnnl_primitive_attr_destroy(attr);
  return status;
}

static dnnl_status_t bias_create(tensor *t, const float *bias, dnnl_dim_t count) {
  dnnl_memory_desc_t desc;
  dnnl_dims_t dims = {count};
  dnnl_status_t status = dense(&desc, 1, dims, dnnl_f32);
  if (!status) status = tensor_create(t, &desc);
  if (!status) memcpy(t->owned, bias, (size_t)count * sizeof *bias);
  return status;
}

/// The primitive, its packed weights and what it reads and writes.
static dnnl_status_t convolution_step(step *s, const convolution *c, cn_type precision, const float *weight,
                                      const float *bias) {
  dnnl_primitive_desc_t desc = NULL;
  dnnl_memory_desc_t plain;
  dnnl_status_t status = convolution_desc(&desc, c, precision);
  if (!status) status = dense(&plain, 4, c->w_dims, dnnl_f32);
  if (!status)
    status = pack(&s->weight, &plain, weight, dnnl_primitive_desc_query_md(desc, dnnl_query_weights_md, 0));
  if (!status) status = bias_create(&s->bias, bias, c->w_dims[0]);
  if (!status) {
    s->source = (argument){DNNL_ARG_SRC, -1, *dnnl_primitive_desc_query_md(desc, dnnl_query_src_md, 0)};
    s->target = (argument){DNNL_ARG_DST, -1, *dnnl_primitive_desc_query_md(desc, dnnl_query_dst_md, 0)};
    s->scratch_desc = *dnnl_primitive_desc_query_md(desc, dnnl_query_scratchpad_md, 0);
    status = make(&s->primitive, desc);
  }
  if (desc) dnnl_primitive_desc_destroy(desc);
  return status;
}

/// Whether a convolution is Winograd's: then what it needs in place of a primitive.
static int winograd_step(step *s, const convolution *c, cn_type precision, const float *weight, const float *bias,
                         int *status) {
  const int is_same = c->w_dims[2] == 3 && c->stride == 1 && c->padding == 1;
  const int is_plain = !c->adding && (c->activation == CN_LINEAR || c->activation == CN_RELU);
  s->shape = (winograd_shape){.images = (size_t)c->x_dims[0],
                              .height = (size_t)c->x_dims[2],
                              .width = (size_t)c->x_dims[3],
                              .inputs = (size_t)c->x_dims[1],
                              .outputs = (size_t)c->y_dims[1]};
  if (precision != CN_F32 || !is_same || !is_plain || !winograd_suits(&s->shape)) return 0;
  s->is_relu = c->activation == CN_RELU;
  s->filters = allocate(winograd_filter_size(&s->shape) * sizeof *s->filters);
  *status = s->filters ? bias_create(&s->bias, bias, c->w_dims[0]) : dnnl_out_of_memory;
  if (!*status) *status = dnnl_memory_desc_init_by_tag(&s->source.desc, 4, c->x_dims, dnnl_f32, dnnl_nhwc);
  if (!*status) *status = dnnl_memory_desc_init_by_tag(&s->target.desc, 4, c->y_dims, dnnl_f32, dnnl_nhwc);
  if (!*status) winograd_transform_filters(&s->shape, weight, s->filters);
  return 1;
}

int cn_network_convolution(cn_network *network, int x, const float *weight, const float *bias, size_t channels,
                           size_t kernel, size_t stride, size_t padding, cn_activation activation, int residual,
                           int *status) {
  *status = dnnl_invalid_arguments;
  const int adding = residual >= 0;
  if (!is_value(network, x) || (adding && (!is_value(network, residual) || residual == x || residual == images_value)))
    return -1;
  const value from = network->values[x];
  const dnnl_dim_t k = (dnnl_dim_t)kernel, s = (dnnl_dim_t)stride, p = (dnnl_dim_t)padding;
  if (s < 1 || k < 1 || from.height + 2 * p < k || from.width + 2 * p < k) return -1;
  value y = {.channels = (dnnl_dim_t)channels,
             .height = (from.height + 2 * p - k) / s + 1,
             .width = (from.width + 2 * p - k) / s + 1,
             .replaces = adding ? residual : -1};
  if ((*status = image_desc(&y.desc, network, &y, dnnl_nhwc))) return -1;
  if (adding && !dnnl_memory_desc_equal(&y.desc, &network->values[residual].desc)) {
    *status = dnnl_invalid_arguments;
    return -1;
  }
  convolution c = {.x_dims = {network->batch, from.channels, from.height, from.width},
                   .y_dims = {network->batch, y.channels, y.height, y.width},
                   .w_dims = {y.channels, from.channels, k, k},
                   .stride = s,
                   .padding = p,
                   .x_tag = from.channels < few_channels ? dnnl_format_tag_any : dnnl_nhwc,
                   .activation = activation,
                   .adding = adding};
  const int is_matmul = k == 1 && s == 1 && p == 0 && c.x_tag == dnnl_nhwc;
  const int as_one = is_matmul && from.height * from.width <= small_image;
  if (as_one) {
    c.x_dims[0] = c.y_dims[0] = 1;
    c.x_dims[2] = c.y_dims[2] = network->batch * from.height;
  }
  step added = {0};
  if (!winograd_step(&added, &c, network->precision, weight, bias, status))
    *status = convolution_step(&added, &c, network->precision, weight, bias);
  dnnl_memory_desc_t wanted = added.source.desc;
  if (!*status && as_one) *status = image_desc(&wanted, network, &from, dnnl_nhwc);
  if (!*status) added.source.value = network_reorder(network, x, &wanted, status);
  if (*status) {
    step_free(&added);
    return -1;
  }
  if (adding) network->values[residual].last_use = network->step_count;
  const dnnl_memory_desc_t nhwc = y.desc;
  if (!as_one) y.desc = added.target.desc;
  const int made = network_append(network, &added, y, status);
  return *status ? -1 : network_reorder(network, made, &nhwc, status);
}

int cn_network_average_pool(cn_network *network, int x, size_t size, int *status) {
  *status = dnnl_invalid_arguments;
  const dnnl_dim_t k = (dnnl_dim_t)size;
  if (!is_value(network, x) || k < 1 || network->values[x].height < k || network->values[x].width < k) return -1;
  const value from = network->values[x];
  value y = {.channels = from.channels, .height = from.height / k, .width = from.width / k, .replaces = -1};
  dnnl_dims_t window = {k, k}, none = {0, 0};
  // What does not fill a window is cut off by a negative padding.
  dnnl_dims_t cut = {y.height * k - from.height, y.width * k - from.width};
  dnnl_pooling_v2_desc_t operation;
  dnnl_primitive_desc_t desc = NULL;
  dnnl_primitive_attr_t attr = NULL;
  dnnl_memory_desc_t wanted;
  step added = {0};
  *status = image_desc(&wanted, network, &from, dnnl_nhwc);
  if (!*status) *status = image_desc(&y.desc, network, &y, dnnl_nhwc);
  if (!*status) x = network_reorder(network, x, &wanted, status);
  if (!*status)
    *status = dnnl_pooling_v2_forward_desc_init(&operation, dnnl_forward_inference, dnnl_pooling_avg_exclude_padding,
                                                &wanted, &y.desc, window, window, none, none, cut);
  if (!*status) *status = attributes(&attr, CN_LINEAR, 0);
  if (!*status) *status = describe(&desc, &operation, attr);
  if (!*status) *status = make(&added.primitive, desc);
  if (!*status) {
    added.source = (argument){DNNL_ARG_SRC, x, wanted};
    added.target = (argument){DNNL_ARG_DST, -1, y.desc};
    added.scratch_desc = *dnnl_primitive_desc_query_md(desc, dnnl_query_scratchpad_md, 0);
  }
  if (desc) dnnl_primitive_desc_destroy(desc);
  if (attr) dnnl_primitive_attr_destroy(attr);
  return *status ? -1 : network_append(network, &added, y, status);
}

/// A buffer that no value needs from step `at` on; a new one where there is none.
static int free_buffer(cn_network *network, int at) {
  for (int b = 0; b < network->buffer_count; b++) {
    int in_use = 0;
    for (int v = 1; v < network->value_count && !in_use; v++)
      in_use = network->values[v].buffer == b && network->values[v].last_use >= at;
    if (!in_use) return b;
  }
  return network->buffer_count++;
}

int cn_network_finish(cn_network *network, int output) {
  int status = dnnl_success;
  if (output <= images_value || !is_value(network, output)) return dnnl_invalid_arguments;
  dnnl_memory_desc_t wanted;
  status = image_desc(&wanted, network, &network->values[output], dnnl_nhwc);
  if (!status) output = network_reorder(network, output, &wanted, &status);
  if (!status && !(network->buffer_bytes = calloc((size_t)network->step_count, sizeof(size_t))))
    status = dnnl_out_of_memory;
  if (status) return status;
  network->output = output;
  network->values[output].last_use = network->step_count;
  for (int v = 1; v < network->value_count; v++) network->values[v].buffer = -1;
  for (int i = 0; i < network->step_count; i++) {
    const step *s = &network->steps[i];
    value *v = &network->values[s->target.value];
    v->buffer = v->replaces >= 0 ? network->values[v->replaces].buffer : free_buffer(network, i);
    const size_t bytes = dnnl_memory_desc_get_size(&v->desc);
    if (bytes > network->buffer_bytes[v->buffer]) network->buffer_bytes[v->buffer] = bytes;
    const size_t scratch = step_scratch_bytes(s);
    if (scratch > network->scratch_bytes) network->scratch_bytes = scratch;
  }
  return dnnl_success;
}

/// A step's arguments in one worker's memory: source, target and scratch of its own, weight and bias the network's.
typedef struct {
  dnnl_exec_arg_t arguments[max_arguments];
  int owned, count;
} call;

struct cn_network_worker {
  const cn_network *network;
  dnnl_stream_t stream;
  void **buffers;
  void *scratch;
  call *calls;
};

static dnnl_status_t call_append(call *c, int kind, const dnnl_memory_desc_t *desc, void *data) {
  dnnl_exec_arg_t *argument = &c->arguments[c->count];
  argument->arg = kind;
  dnnl_status_t status = dnnl_memory_create(&argument->memory, desc, engine, data);
  if (!status) c->owned = ++c->count;
  return status;
}

static dnnl_status_t call_prepare(call *c, const cn_network_worker *worker, const step *s) {
  const value *values = worker->network->values;
  const int from = s->source.value;
  if (!s->primitive) return dnnl_success;
  void *data = from == images_value ? DNNL_MEMORY_NONE : worker->buffers[values[from].buffer];
  dnnl_status_t status = call_append(c, s->source.kind, &s->source.desc, data);
  if (!status)
    status = call_append(c, s->target.kind, &s->target.desc, worker->buffers[values[s->target.value].buffer]);
  if (!status) status = call_append(c, DNNL_ARG_SCRATCHPAD, &s->scratch_desc, worker->scratch);
  if (!status && s->weight.memory) {
    c->arguments[c->count++] = (dnnl_exec_arg_t){DNNL_ARG_WEIGHTS, s->weight.memory};
    c->arguments[c->count++] = (dnnl_exec_arg_t){DNNL_ARG_BIAS, s->bias.memory};
  }
  return status;
}

cn_network_worker *cn_network_worker_create(const cn_network *network, int *status) {
  *status = network->output < 0 ? dnnl_invalid_arguments : dnnl_success;
  cn_network_worker *worker = *status ? NULL : calloc(1, sizeof *worker);
  if (!worker) {
    if (!*status) *status = dnnl_out_of_memory;
    return NULL;
  }
  worker->network = network;
  worker->calls = calloc((size_t)network->step_count, sizeof *worker->calls);
  worker->buffers = calloc((size_t)network->buffer_count, sizeof *worker->buffers);
  worker->scratch = allocate(network->scratch_bytes);
  if (!worker->calls || !worker->buffers || !worker->scratch) *status = dnnl_out_of_memory;
  for (int b = 0; b < network->buffer_count && !*status; b++)
    if (!(worker->buffers[b] = allocate(network->buffer_bytes[b]))) *status = dnnl_out_of_memory;
  if (!*status) *status = dnnl_stream_create(&worker->stream, engine, dnnl_stream_default_flags);
  for (int i = 0; i < network->step_count && !*status; i++)
    *status = call_prepare(&worker->calls[i], worker, &network->steps[i]);
  if (!*status) return worker;
  cn_network_worker_free(worker);
  return NULL;
}

void cn_network_worker_free(cn_network_worker *worker) {
  if (!worker) return;
  for (int i = 0; worker->calls && i < worker->network->step_count; i++)
    for (int a = 0; a < worker->calls[i].owned; a++) dnnl_memory_destroy(worker->calls[i].arguments[a].memory);
  for (int b = 0; worker->buffers && b < worker->network->buffer_count; b++) free(worker->buffers[b]);
  if (worker->stream) dnnl_stream_destroy(worker->stream);
  free(worker->calls);
  free(worker->buffers);
  free(worker->scratch);
  free(worker);
}

int cn_network_run(cn_network_worker *worker, const float *images, const void **output) {
  const cn_network *network = worker->network;
  dnnl_status_t status = dnnl_success;
  for (int i = 0; i < network->step_count && !status; i++) {
    const step *s = &network->steps[i];
    const call *c = &worker->calls[i];
    const int from = s->source.value;
    if (!s->primitive) {
      winograd_run(&s->shape, from == images_value ? images : worker->buffers[network->values[from].buffer],
                   s->filters, s->bias.owned, s->is_relu, worker->buffers[network->values[s->target.value].buffer],
                   worker->scratch);
      continue;
    }
    if (from == images_value) status = dnnl_memory_set_data_handle(c->arguments[0].memory, (void *)images);
    if (!status) status = dnnl_primitive_execute(s->primitive, worker->stream, c->count, c->arguments);
  }
  if (!status) status = dnnl_stream_wait(worker->stream);
  *output = worker->buffers[network->values[network->output].buffer];
  return status;
}
