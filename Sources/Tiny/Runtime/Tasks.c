// The functions that compiled async code calls, and the one way to suspend. Contract: see include/CTiny.h.

#include "CTiny.h"
#include "Convention.h"

/// An async function of one pointer: the caller's actor, two words (contract 6), then the pointer.
typedef SWIFT_ASYNC void (*entry_function)(ASYNC_CONTEXT tiny_context *, void *, void *, void *);

/// Contract 1.
typedef struct {
  int32_t offset;
  uint32_t size;
} async_function;

/// The context that a coroutine starts in, before it has one of its own.
typedef struct {
  tiny_context header;
  const async_function *function;
  void *argument;
} start_context;

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

/// The end of a coroutine's outermost function. The face has noted what came of it.
static SWIFT_ASYNC void ended(ASYNC_CONTEXT tiny_context *context) { (void)context; }

/// The first step of a coroutine: calls its function, as a caller would.
static SWIFT_ASYNC void start(ASYNC_CONTEXT tiny_context *context) {
  const start_context *begin = (const start_context *)context;
  const async_function *function = begin->function;
  void *argument = begin->argument;
  tiny_running->top = tiny_running->base;
  tiny_context *own = swift_task_alloc(function->size);
  own->parent = 0;
  own->resume_parent = (void *)ended;
  entry_function entry = (entry_function)((uintptr_t)&function->offset + (intptr_t)function->offset);
  return entry(own, 0, 0, argument);
}

bool tiny_prepare(tiny_frames *frames, void *base, size_t size, const void *function, void *argument) {
  uintptr_t first = ALIGNED((uintptr_t)base);
  frames->base = (char *)first;
  frames->end = (char *)base + size;
  frames->top = frames->base;
  frames->mark = frames->base;
  size_t needed = ((const async_function *)function)->size;
  if (needed < sizeof(start_context)) needed = sizeof(start_context);
  if (first - (uintptr_t)base + ALIGNED(needed) > size) return false;
  start_context *begin = (start_context *)first;
  begin->header.parent = 0;
  begin->header.resume_parent = (void *)start;
  begin->function = function;
  begin->argument = argument;
  frames->context = &begin->header;
  return true;
}

void tiny_resume(tiny_frames *frames) {
  tiny_frames *outer = tiny_running;
  tiny_running = frames;
  tiny_context *context = frames->context;
  ((resume_function)context->resume_parent)(context);
  tiny_running = outer;
}
