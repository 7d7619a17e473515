// The tiny runtime: what lies below async/await, and what lies below that on each board.
//
// The compiler's side of the contract, as release 6.3 of Swift emits it
// -----------------------------------------------------------------------
//   1. An async function is described by a record named like the function with `Tu` behind it: the function's address
//      relative to the record, and the size of its context, 32 bits each.
//   2. A context begins with two words: the caller's context, and the function that resumes the caller. The caller
//      allocates it, fills the two words in, calls, and frees it when it is resumed.
//   3. Such functions have the convention `swiftasynccall`: the context is passed in a place of its own, and every call
//      that ends a function is a tail call. So the machine's stack is empty of us at each suspension.
//   4. A resume function is passed the *callee's* context, and finds its own as that one's first word.
//   5. `swift_task_alloc` and `swift_task_dealloc` are last in, first out within a task.
//   6. A `nonisolated(nonsending)` function has its caller's actor, two words, as its first arguments.
//   7. A function value is two words: the address of the record of 1, and what it has captured.
//   8. An object begins with two words, its metadata and its reference count; its first field follows.
//   9. A function value of a generic type is called with: where its result goes, its context, its caller's actor (6), what
//      it has captured, and where an error goes. What is captured has a register of its own; in the same place, whoever is
//      resumed finds whether it has thrown. (On RISC-V both are ordinary arguments; and a function that has captured nothing
//      is compiled without that argument, although release 6.3 of the compiler calls it with it.)
//
// `tiny_verify_contract` tries all of this out in the tests, with functions whose answers are known; the
// compiler's version is checked when Concurrency.swift is compiled. Another release needs another look.
//
// Resuming is calling the context's resume function. Suspending is leaving: `tiny_park`, whose context is at a place of its own in
// each coroutine, jumps to where the next one is suspended, with nothing left on the stack; or, if the face names none, returns to
// `tiny_resume`, which the loop has called.
//
// Cost: 6 words for each task, a compare and two stores for each frame.
//
// Never: touch a task's words from an interrupt; call `tiny_resume` for a task that is running.
#ifndef CTINY_H
#define CTINY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The two words that each async context begins with.
typedef struct tiny_context {
  struct tiny_context *parent;
  void *resume_parent;
} tiny_context;

/// A coroutine's storage and where it goes on. The face keeps one at the head of each task record.
typedef struct tiny_frames {
  /// Where the coroutine goes on: the context of its latest callee, which is tiny_park. Before it has begun, its caller is the
  /// storage.
  tiny_context parking;
  /// The first free byte.
  char *top;
  /// The highest `top` so far: what a task has needed.
  char *mark;
  /// The storage.
  char *base;
  char *end;
} tiny_frames;

/// What there is one of: which coroutine is running, and storage for the loop's state. What every step writes is at the
/// beginning of that, so that it is in one line of the cache.
extern struct tiny_shared {
  tiny_frames *running;
  __attribute__((aligned(8))) uintptr_t loop[sizeof(void *) == 8 ? 48 : 64];
} tiny_shared
#ifdef __linux__
    __attribute__((aligned(64)))
#endif
    ;

/// A function value (contract 7).
typedef struct {
  const void *function;
  void *captured;
} tiny_body;

/// How many bytes a coroutine needs to begin with.
size_t tiny_needs(const tiny_body *body);
/// A coroutine's storage before its first step: so many bytes, which are aligned to two words, and as many as it needs.
tiny_frames tiny_frames_in(void *base, size_t size, size_t needed);
/// Has a function value (contract 9) called in the first step. What it has captured is kept until it has ended.
void tiny_prepare(void *base, const tiny_body *body, void *result);

/// Whether a coroutine has not been resumed yet.
static inline bool tiny_is_unbegun(const tiny_frames *frames) { return (char *)frames->parking.parent == frames->base; }

/// Has a coroutine that has not been resumed yet end instead when it is.
void tiny_abandon(tiny_frames *frames);

/// The coroutine that is running; null outside of all. There is one processor, and interrupts leave it alone.
#define tiny_running tiny_shared.running
static inline tiny_frames *tiny_current(void) { return tiny_running; }

/// Runs a coroutine until it suspends or ends, and then those that follow at once.
void tiny_resume(tiny_frames *frames);
/// Has the cache line fetched that an address is in; any address will do.
static inline void tiny_prefetch(const void *address) { __builtin_prefetch(address); }

/// Takes bytes from the running coroutine's storage; to be given back in reverse order.
void *tiny_frame_alloc(size_t size);
void tiny_frame_free(void *block);

/// Tries out the contract above with the probes of Face/Probe.swift. Returns 0, or the number of the line that the compiler
/// does not keep.
int tiny_verify_contract(const tiny_body *counting, const tiny_body *throwing, uintptr_t *steps, const void *object,
                         const void *first_field);

// What the face gives.

/// A step is over: the coroutine whose step follows at once, if there is one. It becomes the running one.
tiny_frames *tiny_face_follows(void);
/// So is a coroutine, and there is a result. What the body has captured is given back with it.
tiny_frames *tiny_face_ends(tiny_frames *frames, void *captured);
/// So is one that has failed: with its body's error, or with `cancelled` if it has never begun.
tiny_frames *tiny_face_fails(tiny_frames *frames, void *captured, const void *error);

/// There is no room in the parking lot for one task more, or no loop yet.
void tiny_face_makes_room(void);
/// Has a new task fail that needs so many bytes for its frames to begin with, and would have so many, or no place.
void tiny_face_refuses(void *object, uint32_t id, const uint8_t *label, void *captured, size_t needed, size_t size);

#ifdef __x86_64__
// What is seldom needed keeps all registers for its caller, so that the usual way through that one need not save any. Swift does
// not know this convention; so it calls such functions through others that become part of it.
#define TINY_RARELY __attribute__((preserve_most, noinline))
#else
#define TINY_RARELY __attribute__((noinline))
#endif
TINY_RARELY void tiny_make_room_rarely(void);
static inline void tiny_make_room(void) { tiny_make_room_rarely(); }
TINY_RARELY void tiny_refuse_rarely(void *object, uint32_t id, const uint8_t *label, void *captured, size_t needed,
                                    size_t size);
static inline void tiny_refuse(void *object, uint32_t id, const uint8_t *label, void *captured, size_t needed, size_t size) {
  tiny_refuse_rarely(object, id, label, captured, needed, size);
}
TINY_RARELY void tiny_release_rarely(void *object);
static inline void tiny_release_error(void *error) { tiny_release_rarely(error); }

/// A coroutine's storage is used up: says so and does not return. Nothing has been overwritten.
_Noreturn void tiny_frames_overflow(tiny_frames *frames, size_t needed);

// The heap: see Runtime/Heap.c.

/// Bytes that the heap has ever handed out anew, as against used again.
size_t tiny_heap_used(void);
/// Number of allocations so far.
size_t tiny_heap_allocations(void);
/// From now on the heap hands out again what was given back, and nothing else.
void tiny_heap_seal(bool sealed);

/// Says what is wrong, and ends the program: the reason for each dead end here.
_Noreturn void tiny_panic(const char *message);

// Reference counts: see Runtime/Counting.c.

/// Gives up a reference.
void tiny_release(void *object);
/// Destroys an object that nobody holds any more.
void tiny_destroy(void *object);
// For objects that are counted and were allocated, as all tasks' are; the second where somebody else holds the object, too.
static inline void tiny_hold_task(void *object) { ((uintptr_t *)object)[1] += 1; }
static inline void tiny_unhold_task(void *object) { ((uintptr_t *)object)[1] -= 1; }
static inline void tiny_release_task(void *object) {
  if (--((uintptr_t *)object)[1] == 0) tiny_destroy(object);
}

/// Whether the loop's state has been made.
extern bool tiny_loop_is_made;
static inline void *tiny_loop(void) { return tiny_shared.loop; }
static inline size_t tiny_loop_bytes(void) { return sizeof tiny_shared.loop; }
static inline bool tiny_loop_exists(void) { return tiny_loop_is_made; }
static inline void tiny_loop_begins(void) { tiny_loop_is_made = true; }

// Errors: see Runtime/Errors.c.

/// An object as the compiler lays it out (contract 8), and `TaskError`'s two fields.
typedef struct {
  const void *metadata;
  uintptr_t count;
  const char *label;
  intptr_t code;
} tiny_error;

// One object for each, so that a program contains those that it can meet.
#define TINY_ERRORS(error) \
  error(cancelled) error(timedOut) error(awaitsItself) error(deadlock) error(timeIsNotANumber) error(poolExhausted) \
  error(cannotChangeWhileRunning) error(notLocked) error(busy) error(closed) error(tooLong)
#define TINY_ERROR(name) \
  extern const tiny_error tiny_error_object_##name; \
  static inline const void *tiny_error_##name(void) { return &tiny_error_object_##name; }
TINY_ERRORS(TINY_ERROR)

// What those with a number are called.
extern const char tiny_label_of_system[];
extern const char tiny_label_of_failure[];
static inline const char *tiny_label_system(void) { return tiny_label_of_system; }
static inline const char *tiny_label_failure(void) { return tiny_label_of_failure; }

// What an interrupt, a signal handler or another thread may do: set a flag. One byte each, no lock.

/// Whether any flag has been set since the loop last looked.
extern volatile uint8_t tiny_mail;
static inline bool tiny_has_mail(void) { return __atomic_load_n(&tiny_mail, __ATOMIC_RELAXED) != 0; }
static inline bool tiny_take_mail(void) { return __atomic_exchange_n(&tiny_mail, 0, __ATOMIC_ACQ_REL) != 0; }
static inline void tiny_mail_has_come(void) { __atomic_store_n(&tiny_mail, 1, __ATOMIC_RELEASE); }
static inline void tiny_flag_set(uint8_t *flag) {
  __atomic_store_n(flag, 1, __ATOMIC_RELEASE);
  tiny_mail_has_come();
}
static inline bool tiny_flag_is_set(uint8_t *flag) { return __atomic_load_n(flag, __ATOMIC_ACQUIRE) != 0; }
static inline bool tiny_flag_take(uint8_t *flag) { return __atomic_exchange_n(flag, 0, __ATOMIC_ACQ_REL) != 0; }

// What each board gives: see Boards/. On Linux, Sources/Tiny/Linux gives it.

/// Nanoseconds of a clock that never goes back, 64 bits wide.
int64_t tiny_board_now(void);
/// Waits until there is mail or this many nanoseconds have passed; negative is no limit. May return early.
void tiny_board_wait(int64_t nanoseconds);
/// Ends a wait. Called from where the flag was set.
void tiny_board_wake(void);
/// Writes bytes for people to read, at once.
void tiny_board_write(const char *bytes, size_t count);
/// Ends the program.
_Noreturn void tiny_board_exit(int status);

// The board's serial line, where it has one: see Boards/common/Uart.c.

/// Begins to receive: from now on `received` is set when bytes have come, and `sent` when there is room again.
void tiny_uart_open(uint8_t *received, uint8_t *sent);
/// Takes what has come, at most so many bytes.
size_t tiny_uart_read(uint8_t *bytes, size_t capacity);
/// Hands over bytes to be sent, as many as there is room for.
size_t tiny_uart_write(const uint8_t *bytes, size_t count);
/// Bytes that have come while there was no room for them.
uint32_t tiny_uart_lost(void);

#endif
