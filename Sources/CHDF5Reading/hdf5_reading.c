#include "CHDF5Reading.h"

#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

// ---- Errors

static char failure[256];

static herr_t keep_description(unsigned n, const H5E_error2_t *error, void *text) {
  (void)n;
  const char **kept = text;
  if (error->desc && error->desc[0]) *kept = error->desc;
  return 0;
}

/// To be called at once: the next call of the library forgets its errors.
static void keep_failure(void) {
  // Downward: the last one visited is the deepest, and says the most.
  const char *deepest = "";
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, keep_description, &deepest);
  strncpy(failure, deepest, sizeof failure - 1);
}

void h5r_last_error(char *text, size_t capacity) {
  if (capacity == 0) return;
  strncpy(text, failure, capacity - 1);
  text[capacity - 1] = 0;
  failure[0] = 0;
}

// ---- A file driver that reads through a callback

typedef struct {
  h5r_source source;
  void *context;
  uint64_t size;
} source_info;

typedef struct {
  H5FD_t base;
  source_info info;
  haddr_t end_of_allocation;
} source_file;

static H5FD_t *source_open(const char *name, unsigned flags, hid_t fapl, haddr_t maxaddr) {
  (void)name;
  (void)maxaddr;
  if (flags & H5F_ACC_RDWR) return NULL;
  const source_info *info = H5Pget_driver_info(fapl);
  source_file *file = info ? calloc(1, sizeof *file) : NULL;
  if (file) file->info = *info;
  return &file->base;
}

static herr_t source_close(H5FD_t *file) {
  free(file);
  return 0;
}

static herr_t source_query(const H5FD_t *file, unsigned long *flags) {
  (void)file;
  if (flags) *flags = 0;
  return 0;
}

static haddr_t source_get_eoa(const H5FD_t *file, H5FD_mem_t type) {
  (void)type;
  return ((const source_file *)file)->end_of_allocation;
}

static herr_t source_set_eoa(H5FD_t *file, H5FD_mem_t type, haddr_t address) {
  (void)type;
  ((source_file *)file)->end_of_allocation = address;
  return 0;
}

static haddr_t source_get_eof(const H5FD_t *file, H5FD_mem_t type) {
  (void)type;
  return ((const source_file *)file)->info.size;
}

static herr_t source_read(
    H5FD_t *file, H5FD_mem_t type, hid_t dxpl, haddr_t address, size_t count, void *into) {
  (void)type;
  (void)dxpl;
  const source_info *info = &((const source_file *)file)->info;
  // Beyond the end of a file that is cut short.
  if (address > info->size || count > info->size - address) return -1;
  return info->source(info->context, address, count, into) == 0 ? 0 : -1;
}

static herr_t source_write(
    H5FD_t *file, H5FD_mem_t type, hid_t dxpl, haddr_t address, size_t count, const void *from) {
  (void)file, (void)type, (void)dxpl, (void)address, (void)count, (void)from;
  return -1;
}

static const H5FD_class_t source_class = {
#if H5_VERSION_GE(1, 13, 2)
    .version = H5FD_CLASS_VERSION,
    .value = (H5FD_class_value_t)600,
#endif
    .name = "clip-eval",
    .maxaddr = (haddr_t)INT64_MAX,
    .fc_degree = H5F_CLOSE_WEAK,
    .fapl_size = sizeof(source_info),
    .open = source_open,
    .close = source_close,
    .query = source_query,
    .get_eoa = source_get_eoa,
    .set_eoa = source_set_eoa,
    .get_eof = source_get_eof,
    .read = source_read,
    .write = source_write,
    .fl_map = H5FD_FLMAP_SINGLE,
};

// ---- Files and objects

/// No messages on stderr; where the library knows threads, each has its own setting.
static void be_quiet(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

static hid_t driver(void) {
  static hid_t registered = -1;
  be_quiet();
  if (registered < 0) {
    // No code is loaded because a file names a filter.
    H5PLset_loading_state(0);
    registered = H5FDregister(&source_class);
  }
  return registered;
}

h5r_id h5r_open(h5r_source source, void *context, uint64_t size) {
  hid_t access = driver() < 0 ? -1 : H5Pcreate(H5P_FILE_ACCESS);
  if (access < 0) return -1;
  source_info info = {source, context, size};
  hid_t file = -1;
  if (H5Pset_driver(access, driver(), &info) >= 0) {
    file = H5Fopen("-", H5F_ACC_RDONLY, access);
    if (file < 0) keep_failure();
  }
  H5Pclose(access);
  return file;
}

void h5r_close(h5r_id id) {
  if (id >= 0) H5Idec_ref(id);
}

static int is_of(h5r_id id, H5I_type_t type) { return H5Iget_type(id) == type; }
int h5r_is_dataset(h5r_id id) { return is_of(id, H5I_DATASET); }
int h5r_is_group(h5r_id id) { return is_of(id, H5I_GROUP); }

/// Every step of the path is a hard link.
static int is_inside(hid_t at, const char *path) {
  char step[256];
  for (const char *end = path; *end; end++) {
    end = strchr(end, '/');
    size_t length = end ? (size_t)(end - path) : strlen(path);
    if (length == 0 || length >= sizeof step) return 0;
    memcpy(step, path, length);
    step[length] = 0;
#if H5_VERSION_GE(1, 12, 0)
    H5L_info2_t info;
    if (H5Lget_info2(at, step, &info, H5P_DEFAULT) < 0) return 0;
#else
    H5L_info_t info;
    if (H5Lget_info(at, step, &info, H5P_DEFAULT) < 0) return 0;
#endif
    if (info.type != H5L_TYPE_HARD) return 0;
    if (!end) return 1;
  }
  return 0;
}

static void describe_chunks(hid_t creation, h5r_description *description) {
  hsize_t chunk[H5R_MAX_RANK];
  int rank = H5Pget_chunk(creation, H5R_MAX_RANK, chunk);
  uint64_t bytes = rank == description->rank ? description->element_size : UINT64_MAX;
  for (int axis = 0; axis < rank && axis < H5R_MAX_RANK; axis++) {
    description->chunk[axis] = chunk[axis];
    if (chunk[axis] == 0 || bytes > UINT64_MAX / chunk[axis]) bytes = UINT64_MAX;
    else bytes *= chunk[axis];
  }
  description->is_chunked = 1;
  description->chunk_bytes = bytes;
  int count = H5Pget_nfilters(creation);
  description->filter_count = count > H5R_MAX_FILTERS ? -1 : count;
  for (int i = 0; i < description->filter_count; i++) {
    unsigned flags;
    size_t values = 0;
    description->filters[i] =
        H5Pget_filter2(creation, (unsigned)i, &flags, &values, NULL, 0, NULL, NULL);
  }
}

h5r_id h5r_dataset(h5r_id at, const char *path) {
  be_quiet();
  if (!is_inside(at, path)) return -1;
  hid_t dataset = H5Oopen(at, path, H5P_DEFAULT);
  if (dataset < 0) keep_failure();
  h5r_description description;
  if (!h5r_is_dataset(dataset) || h5r_describe(dataset, &description) != 0) {
    h5r_close(dataset);
    return -1;
  }
  return dataset;
}

h5r_id h5r_referenced(h5r_id at, uint64_t reference) {
  be_quiet();
  hobj_ref_t address = reference;
  return H5Rdereference2(at, H5P_DEFAULT, H5R_OBJECT, &address);
}

int h5r_describe(h5r_id dataset, h5r_description *description) {
  be_quiet();
  memset(description, 0, sizeof *description);
  hid_t space = H5Dget_space(dataset);
  hid_t type = H5Dget_type(dataset);
  hid_t creation = H5Dget_create_plist(dataset);
  int result = -1;
  hsize_t shape[H5R_MAX_RANK];
  int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
  if (type >= 0 && creation >= 0 && rank >= 0 && rank <= H5R_MAX_RANK
      && H5Sget_simple_extent_dims(space, shape, NULL) >= 0) {
    description->rank = rank;
    for (int axis = 0; axis < rank; axis++) description->shape[axis] = shape[axis];
    description->element_size = H5Tget_size(type);
    // A damaged type may have elements of gigabytes, and the library takes memory to convert them.
    H5T_class_t class = description->element_size <= 8 ? H5Tget_class(type) : H5T_NO_CLASS;
    if (class == H5T_INTEGER || class == H5T_ENUM) {
      // h5py writes booleans as an enumeration of bytes.
      description->type = class == H5T_INTEGER ? h5r_integer : h5r_other;
      description->is_signed = class == H5T_INTEGER && H5Tget_sign(type) != H5T_SGN_NONE;
    } else if (class == H5T_FLOAT) {
      description->type = h5r_float;
    } else if (class == H5T_REFERENCE && H5Tequal(type, H5T_STD_REF_OBJ) > 0) {
      description->type = h5r_object_reference;
    }
    if (H5Pget_layout(creation) == H5D_CHUNKED) describe_chunks(creation, description);
    description->is_external = H5Pget_external_count(creation) != 0;
    result = 0;
  }
  if (creation >= 0) H5Pclose(creation);
  if (type >= 0) H5Tclose(type);
  if (space >= 0) H5Sclose(space);
  return result;
}

int h5r_text_attribute(h5r_id dataset, const char *name, char *text, size_t capacity) {
  if (H5Aexists(dataset, name) <= 0) return -1;
  hid_t attribute = H5Aopen(dataset, name, H5P_DEFAULT);
  hid_t type = attribute < 0 ? -1 : H5Aget_type(attribute);
  int result = -1;
  if (type >= 0 && H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0) {
    size_t size = H5Tget_size(type);
    // One element of it.
    if (size > 0 && size < capacity && H5Aget_storage_size(attribute) == size
        && H5Aread(attribute, type, text) >= 0) {
      text[size] = 0;
      result = 0;
    }
  }
  if (type >= 0) H5Tclose(type);
  if (attribute >= 0) H5Aclose(attribute);
  return result;
}

// ---- Values

int h5r_read_bytes(
    h5r_id dataset, const uint64_t *start, const uint64_t *count, uint8_t *into) {
  be_quiet();
  hid_t space = H5Dget_space(dataset);
  int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
  int result = -1;
  if (rank > 0 && rank <= H5R_MAX_RANK) {
    hsize_t first[H5R_MAX_RANK], size[H5R_MAX_RANK];
    for (int axis = 0; axis < rank; axis++) {
      first[axis] = start[axis];
      size[axis] = count[axis];
    }
    hid_t memory = H5Screate_simple(rank, size, NULL);
    if (memory >= 0 && H5Sselect_hyperslab(space, H5S_SELECT_SET, first, NULL, size, NULL) >= 0) {
      if (H5Dread(dataset, H5T_NATIVE_UINT8, memory, space, H5P_DEFAULT, into) >= 0) result = 0;
      else keep_failure();
    }
    if (memory >= 0) H5Sclose(memory);
  }
  if (space >= 0) H5Sclose(space);
  return result;
}

int h5r_read_doubles(h5r_id dataset, double *into) {
  be_quiet();
  if (H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, into) >= 0) return 0;
  keep_failure();
  return -1;
}

int h5r_read_references(h5r_id dataset, uint64_t *into) {
  be_quiet();
  if (H5Dread(dataset, H5T_STD_REF_OBJ, H5S_ALL, H5S_ALL, H5P_DEFAULT, into) >= 0) return 0;
  keep_failure();
  return -1;
}

int h5r_read_chunk(
    h5r_id dataset, const uint64_t *offset, uint8_t *into, uint64_t capacity, uint64_t *size,
    uint32_t *skipped) {
  be_quiet();
  hsize_t first[H5R_MAX_RANK], bytes = 0;
  for (int axis = 0; axis < H5R_MAX_RANK; axis++) first[axis] = offset[axis];
  *size = 0;
  *skipped = 0;
  if (H5Dget_chunk_storage_size(dataset, first, &bytes) < 0) {
    keep_failure();
    return -1;
  }
  *size = bytes;
  if (bytes == 0 || bytes > capacity) return 0;
  if (H5Dread_chunk(dataset, H5P_DEFAULT, first, skipped, into) >= 0) return 0;
  keep_failure();
  return -1;
}

int h5r_convert_to_doubles(h5r_id dataset, uint64_t count, void *values) {
  be_quiet();
  hid_t type = H5Dget_type(dataset);
  if (type < 0) return -1;
  int result = H5Tconvert(type, H5T_NATIVE_DOUBLE, count, values, NULL, H5P_DEFAULT) >= 0 ? 0 : -1;
  H5Tclose(type);
  return result;
}
