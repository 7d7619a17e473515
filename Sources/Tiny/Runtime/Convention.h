// How async functions are called: contract 3 in include/CTiny.h.
#ifndef CONVENTION_H
#define CONVENTION_H

#include "CTiny.h"

#ifdef __riscv
// Clang has no such conventions here, and Swift's are C's: the context is the first argument.
#define SWIFT_ASYNC
#define ASYNC_CONTEXT
#define SWIFT
#define SELF
#else
#define SWIFT_ASYNC __attribute__((swiftasynccall))
#define ASYNC_CONTEXT __attribute__((swift_async_context))
#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))
#endif
// Between functions of these conventions, clang makes the call behind `return` a tail call, always; on RISC-V it does
// so when it optimizes, and this file must not be compiled without.

/// Contract 1.
typedef struct {
  int32_t offset;
  uint32_t size;
} async_function;

// Wide enough for every type that a frame can hold: doubles on small machines, vectors on large ones.
#define ALIGNMENT (sizeof(void *) == 8 ? 16u : 8u)
#define ALIGNED(size) (((size) + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1))

/// What lies at the base of a coroutine's storage. The body's own context follows.
typedef struct {
  /// Before the first step, the body; then room for its error.
  union {
    const async_function *function;
    void *error;
  };
  void *captured;
} outermost;

/// The body's context. It has no caller: where that would be is where its result goes.
static inline tiny_context *first_context(outermost *own) { return (tiny_context *)((char *)own + ALIGNED(sizeof(outermost))); }

static inline outermost *outermost_of(tiny_context *first) { return (outermost *)((char *)first - ALIGNED(sizeof(outermost))); }

/// A function that goes on with a context.
typedef SWIFT_ASYNC void (*resume_function)(ASYNC_CONTEXT tiny_context *);

#endif
