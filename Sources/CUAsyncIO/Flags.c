#include "Flags.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

bool uasyncio_mail;
uasyncio_flag *uasyncio_flag_stack;
bool uasyncio_loop_sleeps;
int uasyncio_doorbell = -1;
uasyncio_flag uasyncio_signal_flag;

uasyncio_flag *uasyncio_flag_create(void) {
  uasyncio_flag *flag = calloc(1, sizeof *flag);
  if (flag == NULL) abort();
  return flag;
}

void uasyncio_flag_abandon(uasyncio_flag *flag) {
  uint32_t old = __atomic_fetch_or(&flag->bits, UASYNCIO_FLAG_ABANDONED, __ATOMIC_ACQ_REL);
  if (!(old & UASYNCIO_FLAG_STACKED)) free(flag);
}

static void ring_doorbell(void) {
  // The handler of a signal must leave errno as it was.
  int error = errno;
  uint64_t one = 1;
  ssize_t written = write(__atomic_load_n(&uasyncio_doorbell, __ATOMIC_ACQUIRE), &one, sizeof one);
  // It cannot fail: so high a counter is never reached.
  (void)written;
  errno = error;
}

void uasyncio_flag_raise(uasyncio_flag *flag) {
  uint32_t old = __atomic_load_n(&flag->bits, __ATOMIC_ACQUIRE);
  do {
    if (old & UASYNCIO_FLAG_RAISED) return;
  } while (!__atomic_compare_exchange_n(&flag->bits, &old, old | UASYNCIO_FLAG_RAISED | UASYNCIO_FLAG_STACKED, false,
                                        __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
  if (old & UASYNCIO_FLAG_STACKED) return;
  uasyncio_flag *top = __atomic_load_n(&uasyncio_flag_stack, __ATOMIC_RELAXED);
  do {
    __atomic_store_n(&flag->next, top, __ATOMIC_RELAXED);
  } while (!__atomic_compare_exchange_n(&uasyncio_flag_stack, &top, flag, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
  uasyncio_set_mail();
  if (__atomic_load_n(&uasyncio_loop_sleeps, __ATOMIC_SEQ_CST)) ring_doorbell();
}

uasyncio_flag *uasyncio_flags_take(void) {
  uasyncio_flag *newest = __atomic_exchange_n(&uasyncio_flag_stack, NULL, __ATOMIC_ACQ_REL);
  uasyncio_flag *oldest = NULL;
  while (newest != NULL) {
    uasyncio_flag *next = __atomic_load_n(&newest->next, __ATOMIC_RELAXED);
    __atomic_store_n(&newest->next, oldest, __ATOMIC_RELAXED);
    oldest = newest;
    newest = next;
  }
  return oldest;
}

bool uasyncio_flag_unstack(uasyncio_flag *flag, bool wanted) {
  uint32_t bits = __atomic_load_n(&flag->bits, __ATOMIC_ACQUIRE);
  do {
    if (bits & UASYNCIO_FLAG_ABANDONED) {
      free(flag);
      return true;
    }
    if ((bits & UASYNCIO_FLAG_RAISED) && wanted) return false;
  } while (!__atomic_compare_exchange_n(&flag->bits, &bits, bits & ~(uint32_t)UASYNCIO_FLAG_STACKED, false,
                                        __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
  return true;
}

bool uasyncio_flags_prepare_to_sleep(void) {
  __atomic_store_n(&uasyncio_loop_sleeps, true, __ATOMIC_SEQ_CST);
  if (!uasyncio_flags_stacked()) return true;
  uasyncio_flags_woke_up();
  return false;
}
