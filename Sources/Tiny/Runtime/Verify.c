// Tries out what the compiler is supposed to do, line by line of the contract in include/CTiny.h.
//
// The probes are in Face/Probe.swift, and their answers are known: a coroutine that suspends, calls another one, allocates in
// between, and counts; one that has captured nothing, and throws; and a class with one field. This runs in the tests on each
// kind of machine, and says which line of the contract was broken. It cannot prove the compiler right; it notices a compiler
// that has changed its mind.

#include "CTiny.h"
#include "Convention.h"

enum { PROBE_BYTES = 256 * sizeof(void *) / 4 };

static _Alignas(16) char storage[PROBE_BYTES];
static uintptr_t result;
static const void *error;
static int ends;

/// In the place of what a body returns to.
static SWIFT_ASYNC void note_end(ASYNC_CONTEXT tiny_context *context, SELF const void *has_thrown) {
  (void)context;
  ends += 1;
  error = has_thrown ? ((outermost *)storage)->error : 0;
}

/// 1 and 7: the record of the function must make sense before anything is called through it.
static bool begin(tiny_frames *frames, const tiny_body *body) {
  uint32_t size = ((const uint32_t *)body->function)[1];
  if (size < sizeof(tiny_context) || size > PROBE_BYTES / 2) return false;
  *frames = tiny_frames_in(storage, sizeof storage, tiny_needs(body));
  tiny_prepare(storage, body, &result);
  first_context((outermost *)frames->base)->resume_parent = (void *)note_end;
  return true;
}

static int verify_counting(const tiny_body *counting, uintptr_t *steps) {
  tiny_frames frames;
  if (counting->captured == 0) return 7;
  if (!begin(&frames, counting)) return 1;
  char *bottom = frames.top;
  tiny_resume(&frames);
  // 3: it has come back by suspending, not by ending.
  if (ends != 0 || *steps != 1) return 3;
  // 2: it is suspended in the callee's context, whose parent is a frame in its own storage.
  char *parent = (char *)frames.parking.parent;
  if (parent < frames.base || parent >= frames.top) return 2;
  tiny_resume(&frames);
  if (*steps != 2) return 4;
  tiny_resume(&frames);
  if (*steps != 3 || ends != 1) return 4;
  if (result != 42 || error != 0) return 9;
  // 5: it has given back all that it has taken.
  if (frames.top != bottom) return 5;
  return 0;
}

static int verify_throwing(const tiny_body *throwing) {
  tiny_frames frames;
  if (throwing->captured != 0) return 7;
  if (!begin(&frames, throwing)) return 1;
  tiny_resume(&frames);
  return ends == 2 && error == tiny_error_busy() ? 0 : 9;
}

int tiny_verify_contract(const tiny_body *counting, const tiny_body *throwing, uintptr_t *steps, const void *object,
                         const void *first_field) {
  if ((const char *)first_field - (const char *)object != 2 * (ptrdiff_t)sizeof(void *)) return 8;
  ends = 0;
  int broken = verify_counting(counting, steps);
  return broken != 0 ? broken : verify_throwing(throwing);
}
