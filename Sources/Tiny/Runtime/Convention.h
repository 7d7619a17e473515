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

/// A function that goes on with a context.
typedef SWIFT_ASYNC void (*resume_function)(ASYNC_CONTEXT tiny_context *);

#endif
