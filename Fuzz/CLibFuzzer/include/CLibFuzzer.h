#pragma once

#include <stddef.h>
#include <stdint.h>

/// libFuzzer as a function (LLVM's "Using libFuzzer as a library"), so that one program holds several targets.
int LLVMFuzzerRunDriver(
    int *argc, char ***argv, int (*user_callback)(const uint8_t *data, size_t size));
