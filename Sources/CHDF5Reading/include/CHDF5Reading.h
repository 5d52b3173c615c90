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
#define H5R_MAX_FILTERS 4

typedef struct {
  int rank;
  uint64_t shape[H5R_MAX_RANK];
  enum h5r_type type;
  uint64_t element_size;
  /// Of the integers.
  int is_signed;
  int is_chunked;
  /// Elements of a chunk along each axis.
  uint64_t chunk[H5R_MAX_RANK];
  /// Uncompressed; 0 where the dataset is not stored in chunks.
  uint64_t chunk_bytes;
  /// What a chunk went through when it was written, by the library's numbers (1 is deflate, 2 shuffle); -1 filters for more than
  /// there is room for.
  int filter_count;
  int filters[H5R_MAX_FILTERS];
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

// The next three are for datasets that are not chunked: version 1.10 of the library reads beyond its memory where a chunk of a
// damaged file unpacks to less than it should.

/// A box of a dataset of 1-byte integers, into `count[0]·count[1]·…` bytes. 0 on success.
int h5r_read_bytes(h5r_id dataset, const uint64_t *start, const uint64_t *count, uint8_t *into);
/// All values of a dataset of numbers. 0 on success.
int h5r_read_doubles(h5r_id dataset, double *into);
/// All values of a dataset of object references. 0 on success.
int h5r_read_references(h5r_id dataset, uint64_t *into);

/// A chunk as it is stored, filters and all. 0 on success, also when it has more than `capacity` bytes; nothing is copied then.
/// @param offset elements before it along each axis.
/// @param size of the chunk; 0 for one that was never written.
/// @param skipped bit i is set where it did not go through filter i.
int h5r_read_chunk(
    h5r_id dataset, const uint64_t *offset, uint8_t *into, uint64_t capacity, uint64_t *size,
    uint32_t *skipped);
/// Turns values of the dataset's type, which stand one behind the other, into doubles. There must be room for them. 0 on success.
int h5r_convert_to_doubles(h5r_id dataset, uint64_t count, void *values);

/// The library's own words on what failed last; an empty text where it has none.
void h5r_last_error(char *text, size_t capacity);
