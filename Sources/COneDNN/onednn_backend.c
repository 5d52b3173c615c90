#include "onednn_backend.h"

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

static void create_engine(void) { engine_status = dnnl_engine_create(&engine, dnnl_cpu, 0); }

static dnnl_status_t ready(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, create_engine);
  return engine_status;
}

void cn_use_this_thread_only(void) { omp_set_num_threads(1); }

int cn_has_bf16(void) {
  dnnl_cpu_isa_t isa = dnnl_get_effective_cpu_isa();
  return (isa & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16;
}

void cn_describe(char *text, size_t size) {
  const char *isa = "other";
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

static dnnl_data_type_t element(cn_type type) { return type == CN_BF16 ? dnnl_bf16 : dnnl_f32; }

/// Memory at a cache line; large pieces at a large page, where the system gives such pages to those who ask:
/// a matrix product walks its weights too fast for small ones.
static void *allocate(size_t bytes) {
  const size_t large = 2 << 20;
  size_t alignment = bytes >= large ? large : 64;
  bytes = (bytes + alignment) / alignment * alignment;
  void *memory = aligned_alloc(alignment, bytes);
  if (memory && alignment == large) madvise(memory, bytes, MADV_HUGEPAGE);
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
  if (!status) status = dnnl_reorder_primitive_desc_create(&reorder_desc, plain, engine, desc, engine, NULL);
  if (!status) status = dnnl_primitive_create(&reorder, reorder_desc);
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
  if (!status) status = dnnl_primitive_desc_create(desc, &matmul, attr, engine, NULL);
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

size_t cn_linear_bytes(const cn_linear *linear) { return dnnl_memory_desc_get_size(&linear->weight_desc); }

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
  if (!*status) *status = dnnl_primitive_create(&plan->primitive, desc);
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
