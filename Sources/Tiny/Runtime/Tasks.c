// The functions that compiled async code calls, and the one way to suspend. Contract: see include/CTiny.h.

#include "CTiny.h"
#include "Convention.h"

/// Contract 1.
typedef struct {
  int32_t offset;
  uint32_t size;
} async_function;

// Wide enough for every type that a frame can hold: doubles on small machines, vectors on large ones.
#define ALIGNMENT (sizeof(void *) == 8 ? 16u : 8u)
#define ALIGNED(size) (((size) + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1))

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

/// Suspends: an async function that returns without resuming its caller. `tiny_resume` does that later.
__attribute__((used)) SWIFT_ASYNC void tiny_park(ASYNC_CONTEXT tiny_context *context) { tiny_running->context = context; }

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

/// What lies at the base of a coroutine's storage: the caller, so to speak, of its body.
typedef struct {
  /// A context's first word, which would lead to a caller, and there is none.
  tiny_end *end;
  void *resume_parent;
  /// Before the first step, the body; then room for its error.
  union {
    const async_function *function;
    void *error;
  };
  void *captured;
  /// Room for the body's result.
  _Alignas(ALIGNMENT) char result[];
} outermost;

/// Contract 9.
typedef SWIFT_ASYNC void (*body_function)(void *result, ASYNC_CONTEXT tiny_context *, void *, void *,
                                          SELF const void *captured, void **error);
#ifdef __riscv
typedef void (*thin_function)(void *result, tiny_context *, void *, void *, void **error);
#endif

/// The body has returned or thrown. Its context is the first thing above the outermost one's.
static SWIFT_ASYNC void ended(ASYNC_CONTEXT tiny_context *context, SELF const void *has_thrown) {
  outermost *own = (outermost *)context->parent;
  if (has_thrown) {
    own->end(tiny_running, 0, own->error);
  } else {
    own->end(tiny_running, own->result, 0);
  }
}

/// The first step: calls the body, as a caller would.
static SWIFT_ASYNC void start(ASYNC_CONTEXT tiny_context *context) {
  outermost *own = (outermost *)context;
  const async_function *function = own->function;
  tiny_context *first = swift_task_alloc(function->size);
  first->parent = context;
  first->resume_parent = (void *)ended;
  uintptr_t body = (uintptr_t)&function->offset + (intptr_t)function->offset;
#ifdef __riscv
  if (own->captured == 0) return ((thin_function)body)(own->result, first, 0, 0, &own->error);
#endif
  return ((body_function)body)(own->result, first, 0, 0, own->captured, &own->error);
}

/// The first step of one that was abandoned.
static SWIFT_ASYNC void never_begun(ASYNC_CONTEXT tiny_context *context) { ((outermost *)context)->end(tiny_running, 0, 0); }

bool tiny_prepare(tiny_frames *frames, void *base, size_t size, const tiny_body *body, size_t result_size, tiny_end *end) {
  outermost *own = (outermost *)ALIGNED((uintptr_t)base);
  const async_function *function = body->function;
  frames->base = (char *)own;
  frames->end = (char *)base + size;
  frames->context = (tiny_context *)own;
  frames->top = own->result + ALIGNED(result_size);
  frames->mark = frames->top;
  if ((size_t)(frames->top - (char *)base) + ALIGNED(function->size) > size) return false;
  own->end = end;
  own->resume_parent = (void *)start;
  own->function = function;
  own->captured = body->captured;
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
