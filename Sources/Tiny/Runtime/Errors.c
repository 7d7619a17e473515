// The errors that need no allocation: see Face/Errors.swift.

#include "CTiny.h"

// Half of all numbers are enough to say so: the compiler's runtime leaves such a count alone.
#define NOT_COUNTED (UINTPTR_MAX >> 1)
#define FIXED(name) const tiny_error tiny_error_object_##name = {0, NOT_COUNTED, #name, 0};

TINY_ERRORS(FIXED)

const char tiny_label_of_system[] = "system";
const char tiny_label_of_failure[] = "failure";
