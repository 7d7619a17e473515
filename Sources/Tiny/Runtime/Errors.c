// The errors that need no allocation: see Face/Errors.swift.

#include "CTiny.h"

// Half of all numbers are enough to say so: the compiler's runtime leaves such a count alone.
#define NOT_COUNTED (UINTPTR_MAX >> 1)
#define FIXED(kind) {0, NOT_COUNTED, kind, 0}

const tiny_error tiny_errors[] = {FIXED(0), FIXED(1), FIXED(2), FIXED(3), FIXED(4), FIXED(5),
                                  FIXED(6), FIXED(7), FIXED(8), FIXED(9), FIXED(10)};

static const char *const names[] = {
    "cancelled", "timedOut", "awaitsItself", "deadlock", "timeIsNotANumber", "poolExhausted", "cannotChangeWhileRunning",
    "notLocked", "busy",     "closed",       "tooLong",  "system",           "failure"};

const char *tiny_error_name(uintptr_t kind) { return names[kind]; }
