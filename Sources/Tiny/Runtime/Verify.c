// Tries out what the compiler is supposed to do, line by line of the contract in include/CTiny.h.
//
// The probes are two Swift functions in Face/Probe.swift whose answers are known: one async function that suspends,
// calls another one, allocates in between, and counts; and a class with one field. The test runs in the
// tests on each kind of machine, and says which line of the contract was broken. It cannot prove the compiler
// right; it notices a compiler that has changed its mind.

#include "CTiny.h"

/// What the probing coroutine notes: Face/Probe.swift fills it in.
typedef struct {
  uintptr_t steps;
  uintptr_t argument;
  uintptr_t sum;
} tiny_probe;

enum { PROBE_BYTES = 192 * sizeof(void *) / 4 };

static int verify_coroutine(const void *function) {
  static _Alignas(16) char storage[PROBE_BYTES];
  tiny_probe probe = {0, 0x5a5a, 0};
  tiny_frames frames;
  // 1 and 7: the record of the function must make sense before anything is called through it.
  uint32_t size = ((const uint32_t *)function)[1];
  if (size < sizeof(tiny_context) || size > PROBE_BYTES / 2) return 1;
  if (!tiny_prepare(&frames, storage, sizeof storage, function, &probe)) return 1;
  tiny_resume(&frames);
  if (probe.argument != 0x5a5a + 1) return 6;
  // 3: it has come back by suspending, not by ending.
  if (probe.steps != 1) return 3;
  // 2: it is suspended in the callee's context, whose parent is a frame in its own storage.
  char *parent = (char *)frames.context->parent;
  if (parent < frames.base || parent >= frames.top) return 2;
  tiny_resume(&frames);
  if (probe.steps != 2) return 4;
  tiny_resume(&frames);
  if (probe.steps != 3 || probe.sum != 42) return 4;
  // 5: all that is left is the outermost function's own context.
  if (frames.top < frames.base || (size_t)(frames.top - frames.base) > ((size + 15u) & ~15u)) return 5;
  return 0;
}

int tiny_verify_contract(const void *function_value, const void *object, const void *first_field) {
  const void *const *words = function_value;
  if ((const char *)first_field - (const char *)object != 2 * (ptrdiff_t)sizeof(void *)) return 8;
  if (words[1] != 0) return 7;
  return verify_coroutine(words[0]);
}
