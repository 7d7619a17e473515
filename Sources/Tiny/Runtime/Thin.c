// Function values that have captured nothing, on RISC-V.
//
// Where the processor's convention has no registers for "what was captured" and "what was thrown", release 6.3 of the
// compiler passes both as ordinary arguments, in this order and behind all others. But an async function that captures
// nothing is compiled without the first of the two, and called, as a function value, with it: so it takes the one for
// the other, and what it throws goes astray. (Functions that return their result in registers throw in another way;
// this concerns calls through a generic result.) A bridge stands between: it is called with both, and leaves one out.

#include "CTiny.h"

#ifdef __riscv

typedef struct {
  int32_t offset;
  uint32_t size;
} async_function;

/// Called as a function value with a generic result is.
static void call_thin(void *result, tiny_context *context, void *actor, void *executor, tiny_thin_captured *captured,
                      void *thrown) {
  const async_function *function = captured->function;
  void (*thin)(void *, tiny_context *, void *, void *, void *) =
      (void (*)(void *, tiny_context *, void *, void *, void *))((uintptr_t)&function->offset + (intptr_t)function->offset);
  thin(result, context, actor, executor, thrown);
}

void tiny_thin_bridge_make(tiny_thin_bridge *bridge, const void *function) {
  bridge->offset = (int32_t)((intptr_t)call_thin - (intptr_t)&bridge->offset);
  bridge->size = ((const async_function *)function)->size;
  bridge->captured.metadata = 0;
  bridge->captured.count = UINTPTR_MAX >> 1;  // Not counted: see Counting.c.
  bridge->captured.function = function;
}

#endif
