// How coroutines begin, suspend and end, and where their frames are. Contract: see include/CTiny.h.

#include "CTiny.h"
#include "Convention.h"

uintptr_t tiny_loop_storage[TINY_LOOP_WORDS] __attribute__((aligned(16)));
bool tiny_loop_is_made;
volatile uint8_t tiny_mail;

tiny_frames *tiny_running;

/// The storage is used up.
static __attribute__((noinline, cold)) _Noreturn void overflow(tiny_frames *frames, size_t size) {
  tiny_frames_overflow(frames, (size_t)(frames->top - frames->base) + size);
}

/// Contract 5: storage for a frame, or for what a frame needs beside itself.
SWIFT void *swift_task_alloc(size_t size) {
  tiny_frames *frames = tiny_running;
  char *block = frames->top;
  size = ALIGNED(size);
  if (size > (size_t)(frames->mark - block)) {
    if (size > (size_t)(frames->end - block)) overflow(frames, size);
    frames->mark = block + size;
  }
  frames->top = block + size;
  return block;
}

/// Contract 5: gives back the latest block.
SWIFT void swift_task_dealloc(void *block) {
  tiny_frames *frames = tiny_running;
#ifdef TINY_CHECKED
  if ((char *)block < frames->base || (char *)block > frames->top) tiny_panic("frames were freed out of order");
#endif
  frames->top = block;
}

void *tiny_frame_alloc(size_t size) { return swift_task_alloc(size); }
void tiny_frame_free(void *block) { swift_task_dealloc(block); }

/// The running coroutine's step is over. What follows at once follows from here, by a jump: nothing of us is left on the
/// stack. Otherwise this returns to `tiny_resume`.
static inline SWIFT_ASYNC void go_on(void) {
  tiny_frames *next = tiny_face_follows();
  if (next == 0) return;
  tiny_running = next;
  tiny_context *context = next->context;
  return ((resume_function)context->resume_parent)(context);
}

/// Suspends: an async function that does not resume its caller, but leaves it to others to do so later.
__attribute__((used)) SWIFT_ASYNC void tiny_park(ASYNC_CONTEXT tiny_context *context) {
  tiny_running->context = context;
  return go_on();
}

/// Stands in a class's table of methods where the optimizer has found that nobody calls an async one.
__attribute__((used)) SWIFT_ASYNC void swift_deletedAsyncMethodError(ASYNC_CONTEXT tiny_context *context) {
  (void)context;
  tiny_panic("a method was called that has been optimized away");
}

// Contract 1, for the two functions above. Their contexts are the two words that every context has.
#if __SIZEOF_POINTER__ == 8
#define CONTEXT_BYTES "16"
#else
#define CONTEXT_BYTES "8"
#endif
#define ASYNC_FUNCTION_RECORD(name) \
  __asm__("  .section .rodata." name "Tu,\"a\"\n" \
          "  .globl " name "Tu\n" \
          "  .balign 4\n" \
          name "Tu:\n" \
          "  .long " name " - .\n" \
          "  .long " CONTEXT_BYTES "\n" \
          "  .text\n")
ASYNC_FUNCTION_RECORD("tiny_park");
ASYNC_FUNCTION_RECORD("swift_deletedAsyncMethodError");

/// Contract 9.
typedef SWIFT_ASYNC void (*body_function)(void *result, ASYNC_CONTEXT tiny_context *, void *, void *,
                                          SELF const void *captured, void **error);
#ifdef __riscv
typedef void (*thin_function)(void *result, tiny_context *, void *, void *, void **error);
#endif

/// The body has returned or thrown. All that the face does then becomes part of this function.
static __attribute__((flatten)) SWIFT_ASYNC void ended(ASYNC_CONTEXT tiny_context *context, SELF const void *has_thrown) {
  outermost *own = (outermost *)context->parent;
  tiny_frames *frames = tiny_running;
  // What it leaves behind is let go outside of all coroutines.
  tiny_running = 0;
  tiny_face_ends(frames, own->captured, has_thrown ? own->error : 0);
  return go_on();
}

/// The first step: calls the body, as a caller would.
static SWIFT_ASYNC void start(ASYNC_CONTEXT tiny_context *context) {
  outermost *own = (outermost *)context;
  tiny_context *first = first_context(own);
  const async_function *function = own->function;
  uintptr_t body = (uintptr_t)&function->offset + (intptr_t)function->offset;
#ifdef __riscv
  if (own->captured == 0) return ((thin_function)body)(own->result, first, 0, 0, &own->error);
#endif
  return ((body_function)body)(own->result, first, 0, 0, own->captured, &own->error);
}

/// The first step of one that was abandoned.
static SWIFT_ASYNC void never_begun(ASYNC_CONTEXT tiny_context *context) {
  outermost *own = (outermost *)context;
  own->error = (void *)tiny_error_cancelled();
  return ended(first_context(own), own);
}

bool tiny_prepare(tiny_frames *frames, void *base, size_t size, const tiny_body *body, void *result) {
  outermost *own = base;
  tiny_context *first = first_context(own);
  const async_function *function = body->function;
  frames->base = base;
  frames->end = (char *)base + size;
  frames->context = (tiny_context *)own;
  frames->top = (char *)first + ALIGNED(function->size);
  frames->mark = frames->top;
  if ((size_t)(frames->top - (char *)base) > size) return false;
  own->context.resume_parent = (void *)start;
  own->function = function;
  own->captured = body->captured;
  own->result = result;
  first->parent = (tiny_context *)own;
  first->resume_parent = (void *)ended;
  return true;
}

void tiny_abandon(tiny_frames *frames) { frames->context->resume_parent = (void *)never_begun; }

void tiny_resume(tiny_frames *frames) {
  tiny_frames *outer = tiny_running;
  tiny_running = frames;
  tiny_context *context = frames->context;
  ((resume_function)context->resume_parent)(context);
  tiny_running = outer;
}
