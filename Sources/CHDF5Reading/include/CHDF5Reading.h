// What clip-eval needs of the HDF5 library: datasets of bytes and numbers and MATLAB's object references, read from
// whatever holds the file's bytes. Nothing here may run on two threads at once.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Copies bytes of the file; 0 when all of them could be read.
typedef int (*h5r_source)(void *context, uint64_t offset, size_t count, void *into);

/// An open file, group or dataset; negative means failure.
typedef int64_t h5r_id;

enum h5r_type { h5r_other = 0, h5r_integer = 1, h5r_float = 2, h5r_object_reference = 3 };

#define H5R_MAX_RANK 8

typedef struct {
  int rank;
  uint64_t shape[H5R_MAX_RANK];
  enum h5r_type type;
  uint64_t element_size;
  /// Of the integers.
  int is_signed;
  /// Uncompressed; 0 where the dataset is not stored in chunks.
  uint64_t chunk_bytes;
  /// Its values lie in other files.
  int is_external;
} h5r_description;

/// @param context handed to `source`; must stay valid until the file and all that was opened in it is closed.
h5r_id h5r_open(h5r_source source, void *context, uint64_t size);
void h5r_close(h5r_id id);

/// A dataset at a path below a file or group, through hard links only: others lead to other files.
h5r_id h5r_dataset(h5r_id at, const char *path);
/// The group or dataset that an object reference means.
h5r_id h5r_referenced(h5r_id at, uint64_t reference);
int h5r_is_dataset(h5r_id id);
int h5r_is_group(h5r_id id);

/// 0 on success.
int h5r_describe(h5r_id dataset, h5r_description *description);

/// A text of fixed length that a dataset carries (`MATLAB_class`), with its terminating zero. 0 on success.
int h5r_text_attribute(h5r_id dataset, const char *name, char *text, size_t capacity);

/// A box of a dataset of 1-byte integers, into `count[0]·count[1]·…` bytes. 0 on success.
int h5r_read_bytes(h5r_id dataset, const uint64_t *start, const uint64_t *count, uint8_t *into);
/// All values of a dataset of numbers. 0 on success.
int h5r_read_doubles(h5r_id dataset, double *into);
/// All values of a dataset of object references. 0 on success.
int h5r_read_references(h5r_id dataset, uint64_t *into);

/// The library's own words on what failed last; an empty text where it has none.
void h5r_last_error(char *text, size_t capacity);
