#ifndef CREFERENCES_H
#define CREFERENCES_H

#include <stddef.h>

/// A file of Reports/reference, as it was when the program was built.
typedef struct {
    const char *_Nonnull name;
    const unsigned char *_Nonnull bytes;
    size_t size;
} cr_table;

size_t cr_table_count(void);

/// - Parameter index: below cr_table_count().
cr_table cr_table_at(size_t index);

#endif
