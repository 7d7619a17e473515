// How coroutines begin, suspend and end, and where their frames are. Contract: see include/CTiny.h.

#include "CTiny.h"
#include "Convention.h"

struct tiny_shared tiny_shared;
bool tiny_loop_is_made;
volatile uint8_t tiny_mail;

/// The storage is used up. This does not return; but who calls it is shorter if it might.
static TINY_RARELY __attribute__((cold)) void *overflow(tiny_frames *frames, size_t size) {
  tiny_frames_overflow(frames, (size_t)(frames->top - frames->base) + size);
}

/// Contract 5: storage for a frame, or for what a frame needs beside itself.
SWIFT void *swift_task_alloc(size_t size) {
  tiny_frames *frames = tiny_running;
  // For tiny_park: see its record, below.
  if (size == 0) return &frames->parking;
  char *block = frames->top;
  size = ALIGNED(size);
  if (size > (size_t)(frames->mark - block)) {
    if (size > (size_t)(frames->end - block)) return overflow(frames, size);
    frames->mark = block + size;
  }
  frames->top = block + size;
  return block;
}

/// Contract 5: gives back the latest block.
SWIFT void swift_task_dealloc(void *block) {
  tiny_frames *frames = tiny_running;
  if (block == &frames->parking) return;
#ifdef TINY_CHECKED
  if ((char *)block < frames->base || (char *)block > frames->top) tiny_panic("frames were freed out of order");
#endif
  frames->top = block;
}

void *tiny_frame_alloc(size_t size) { return swift_task_alloc(size); }
void tiny_frame_free(void *block) { swift_task_dealloc(block); }

/// The running coroutine's step is over. What follows at once follows from here, by a jump: nothing of us is left on the
/// stack. Otherwise this returns to `tiny_resume`.
static inline SWIFT_ASYNC void go_on(tiny_frames *next) {
  if (next == 0) return;
  tiny_running = next;
  return ((resume_function)next->parking.resume_parent)(&next->parking);
}

/// Suspends: an async function that does not resume its caller, but leaves it to others to do so later.
__attribute__((used)) SWIFT_ASYNC void tiny_park(ASYNC_CONTEXT tiny_context *context) {
  (void)context;
  return go_on(tiny_face_follows());
}

/// Stands in a class's table of methods where the optimizer has found that nobody calls an async one.
__attribute__((used)) SWIFT_ASYNC void swift_deletedAsyncMethodError(ASYNC_CONTEXT tiny_context *context) {
  (void)context;
  tiny_panic("a method was called that has been optimized away");
}

// Contract 1, for the two functions above. Their context is the coroutine's `parking`: so where it is suspended is known without
// looking. The compiler is told that they need no storage. (Nobody else writes to storage of no size.)
#define ASYNC_FUNCTION_RECORD(name) \
  __asm__("  .section .rodata." name "Tu,\"a\"\n" \
          "  .globl " name "Tu\n" \
          "  .balign 4\n" \
          name "Tu:\n" \
          "  .long " name " - .\n" \
          "  .long 0\n" \
          "  .text\n")
ASYNC_FUNCTION_RECORD("tiny_park");
ASYNC_FUNCTION_RECORD("swift_deletedAsyncMethodError");

/// Contract 9.
typedef SWIFT_ASYNC void (*body_function)(void *result, ASYNC_CONTEXT tiny_context *, void *, void *,
                                          SELF const void *captured, void **error);
#ifdef __riscv
typedef void (*thin_function)(void *result, tiny_context *, void *, void *, void **error);
#endif

/// The body has thrown, or has never begun.
static __attribute__((noinline)) SWIFT_ASYNC void failed(void) {
  outermost *own = (outermost *)tiny_running->base;
  return go_on(tiny_face_fails(tiny_running, own->captured, own->error));
}

/// The body has returned or thrown. All that the face does then becomes part of this function.
static __attribute__((flatten)) SWIFT_ASYNC void ended(ASYNC_CONTEXT tiny_context *context, SELF const void *has_thrown) {
  if (has_thrown) return failed();
  return go_on(tiny_face_ends(tiny_running, outermost_of(context)->captured));
}

/// The first step: calls the body, as a caller would.
static SWIFT_ASYNC void start(ASYNC_CONTEXT tiny_context *parking) {
  outermost *own = (outermost *)parking->parent;
  tiny_context *first = first_context(own);
  void *result = first->parent;
  const async_function *function = own->function;
  uintptr_t body = (uintptr_t)&function->offset + (intptr_t)function->offset;
#ifdef __riscv
  if (own->captured == 0) return ((thin_function)body)(result, first, 0, 0, &own->error);
#endif
  return ((body_function)body)(result, first, 0, 0, own->captured, &own->error);
}

/// The first step of one that was abandoned.
static SWIFT_ASYNC void never_begun(ASYNC_CONTEXT tiny_context *parking) {
  ((outermost *)parking->parent)->error = (void *)tiny_error_cancelled();
  return failed();
}

size_t tiny_needs(const tiny_body *body) {
  return ALIGNED(sizeof(outermost)) + ALIGNED(((const async_function *)body->function)->size);
}

tiny_frames tiny_frames_in(void *base, size_t size, size_t needed) {
  char *top = (char *)base + needed;
  return (tiny_frames){
      .parking = {base, (void *)start}, .top = top, .mark = top, .base = base, .end = (char *)base + size};
}

void tiny_prepare(void *base, const tiny_body *body, void *result) {
  outermost *own = base;
  tiny_context *first = first_context(own);
  own->function = body->function;
  own->captured = body->captured;
  first->parent = result;
  first->resume_parent = (void *)ended;
}

void tiny_abandon(tiny_frames *frames) { frames->parking.resume_parent = (void *)never_begun; }

void tiny_make_room_rarely(void) { tiny_face_makes_room(); }
void tiny_refuse_rarely(void *object, uint32_t id, const uint8_t *label, void *captured, size_t needed, size_t size) {
  tiny_face_refuses(object, id, label, captured, needed, size);
}

void tiny_resume(tiny_frames *frames) {
  tiny_frames *outer = tiny_running;
  tiny_running = frames;
  ((resume_function)frames->parking.resume_parent)(&frames->parking);
  tiny_running = outer;
}
