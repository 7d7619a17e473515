// Flags that any thread and any signal handler can raise; see ThreadSafeFlag.swift for the whole of it.
#ifndef CUASYNCIO_FLAGS_H
#define CUASYNCIO_FLAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// One flag: a word of bits, and its place in the stack of those that the loop has to look at.
typedef struct uasyncio_flag uasyncio_flag;
struct uasyncio_flag {
  uint32_t bits;
  uasyncio_flag *next;
  /// The loop's own: the list of those who wait for the flag. It is in here, and not in an object that holds the flag,
  /// because this memory stays until the loop has looked at it.
  void *waiters;
  /// The loop's own: how many have been woken and have not had their turn.
  uint32_t underway;
};

enum {
  /// Somebody has raised it, and nobody has taken it.
  UASYNCIO_FLAG_RAISED = 1,
  /// It is in the stack, or just getting there.
  UASYNCIO_FLAG_STACKED = 2,
  /// Nobody can raise it or wait for it any more: whoever takes it out of the stack frees it.
  UASYNCIO_FLAG_ABANDONED = 4,
};

/// Whether there may be mail: letters, or flags. A word of its own, so that asking each turn costs one load.
extern bool uasyncio_mail;
/// The flags that the loop has to look at, the one that was raised last on top.
extern uasyncio_flag *uasyncio_flag_stack;
/// Whether the loop sleeps, or is about to, and must be woken.
extern bool uasyncio_loop_sleeps;
/// The descriptor that wakes it.
extern int uasyncio_doorbell;

/// The flag that every caught signal raises.
extern uasyncio_flag uasyncio_signal_flag;

uasyncio_flag *uasyncio_flag_create(void);

/// Says that nobody will raise it or wait for it any more.
void uasyncio_flag_abandon(uasyncio_flag *flag);

/// Raises a flag, and wakes the loop if it sleeps. Async-signal-safe.
void uasyncio_flag_raise(uasyncio_flag *flag);

static inline bool uasyncio_flag_is_up(uasyncio_flag *flag) {
  return __atomic_load_n(&flag->bits, __ATOMIC_ACQUIRE) & UASYNCIO_FLAG_RAISED;
}

/// Takes a flag down. Returns whether it was up.
static inline bool uasyncio_flag_take(uasyncio_flag *flag) {
  return __atomic_fetch_and(&flag->bits, ~(uint32_t)UASYNCIO_FLAG_RAISED, __ATOMIC_ACQ_REL) & UASYNCIO_FLAG_RAISED;
}

static inline bool uasyncio_has_mail(void) { return __atomic_load_n(&uasyncio_mail, __ATOMIC_ACQUIRE); }

/// Says that there is mail; after it has been left.
static inline void uasyncio_set_mail(void) { __atomic_store_n(&uasyncio_mail, true, __ATOMIC_SEQ_CST); }

/// Says that there is none; before what there is, is taken.
static inline void uasyncio_clear_mail(void) { __atomic_store_n(&uasyncio_mail, false, __ATOMIC_SEQ_CST); }

/// Whether the loop has a flag to look at.
static inline bool uasyncio_flags_stacked(void) {
  return __atomic_load_n(&uasyncio_flag_stack, __ATOMIC_SEQ_CST) != NULL;
}

/// Takes all flags out of the stack, the one that was raised first in front. They stay marked as stacked, each until
/// `uasyncio_flag_unstack`.
uasyncio_flag *uasyncio_flags_take(void);

/// Ends the look at a flag that came out of the stack; frees it if it was abandoned. Returns false if it is up again
/// although it is `wanted`, and must be looked at once more.
bool uasyncio_flag_unstack(uasyncio_flag *flag, bool wanted);

// The loop's own parts of a flag, one by one: to Swift, a change of one field is a change of the whole.
static inline uasyncio_flag *uasyncio_flag_next(uasyncio_flag *flag) {
  return __atomic_load_n(&flag->next, __ATOMIC_RELAXED);
}
static inline void *uasyncio_flag_waiters(uasyncio_flag *flag) { return &flag->waiters; }
static inline uint32_t uasyncio_flag_underway(uasyncio_flag *flag) { return flag->underway; }
static inline void uasyncio_flag_set_underway(uasyncio_flag *flag, uint32_t count) { flag->underway = count; }

/// Says that the loop is about to sleep. Returns false if there is a flag to look at, and it must not.
bool uasyncio_flags_prepare_to_sleep(void);

static inline bool uasyncio_is_signal_flag(uasyncio_flag *flag) { return flag == &uasyncio_signal_flag; }

static inline void uasyncio_flags_woke_up(void) { __atomic_store_n(&uasyncio_loop_sleeps, false, __ATOMIC_SEQ_CST); }

static inline void uasyncio_set_doorbell(int descriptor) {
  __atomic_store_n(&uasyncio_doorbell, descriptor, __ATOMIC_RELEASE);
}

#endif
