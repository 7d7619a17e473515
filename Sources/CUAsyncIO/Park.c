// The suspension of a task: `park`, as Swift calls it (see Sources/UAsyncIO/Loop/Parking.swift).
//
// What `withUnsafeContinuation` compiles to is a frame in which the task goes on, and a call that suspends the task there.
// Here the frame is that of the call itself, which the caller has made anyway; and nobody ever resumes the continuation.
// The loop runs the task's job, which is where resuming leads, too, by way of the executor of no actor and another
// thread. So a suspension is one call of the runtime: it hops nowhere, and asks for no executor.
//
// All that is used is what the compiler itself uses for continuations, and what any program that it has compiled relies on:
//
// * An async function is called with its frame in the register for the async context. At the head of the frame is where
//   its caller goes on, which is called with the frame, and frees it. Its size is in the record with the suffix `Tu`.
// * `swift_continuation_init` takes such a frame, with room for what a continuation keeps in it. With the flag "already
//   awaited" it suspends the running task there and then, and notes that the task goes on where the frame says.
//
// A program that has the runtime validate its continuations (SWIFT_DEBUG_VALIDATE_UNCHECKED_CONTINUATIONS) will be told that
// these are never resumed.

#include "CUAsyncIO.h"

struct frame {
  struct frame *parent;
  __attribute__((swiftasynccall)) void (*resume_parent)(__attribute__((swift_async_context)) struct frame *);
  size_t of_the_continuation[6];
};

enum { ALREADY_AWAITED = 4 };

extern __attribute__((swiftcall)) void *swift_continuation_init(struct frame *frame, size_t flags);

/// The two words are the actor on which the caller runs; it is always the loop.
__attribute__((swiftasynccall)) void uasyncio_park(void *actor, void *conformance,
                                                   __attribute__((swift_async_context)) struct frame *frame) {
  (void)actor;
  (void)conformance;
  swift_continuation_init(frame, ALREADY_AWAITED);
}

__asm__(
    ".pushsection .rodata\n"
    ".globl uasyncio_parkTu\n"
    ".balign 8\n"
    "uasyncio_parkTu:\n"
    "  .long uasyncio_park - uasyncio_parkTu\n"
    "  .long 64\n"
    ".popsection\n");
_Static_assert(sizeof(struct frame) == 64, "the frame's size is in the record above");
