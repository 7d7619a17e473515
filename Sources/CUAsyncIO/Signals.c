#define _GNU_SOURCE
#include "Signals.h"

#include "Flags.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HIGHEST = 64 };

static struct sigaction former[HIGHEST + 1];
static bool is_caught[HIGHEST + 1];
static uint64_t pending;
static uint32_t interrupts;

static void restore_default(int number) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  sigaction(number, &action, NULL);
}

// Runs in the middle of anything: atomic operations, and system calls that may be made here.
static void caught(int number) {
  if (number == SIGINT) {
    uint32_t expected = UASYNCIO_INTERRUPTS_CANCEL;
    if (!__atomic_compare_exchange_n(&interrupts, &expected, UASYNCIO_INTERRUPTS_END, false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_ACQUIRE) &&
        expected == UASYNCIO_INTERRUPTS_END) {
      restore_default(number);
      // It is blocked while its handler runs, and so comes when that returns.
      raise(number);
      return;
    }
  }
  __atomic_fetch_or(&pending, (uint64_t)1 << (number - 1), __ATOMIC_RELEASE);
  uasyncio_flag_raise(&uasyncio_signal_flag);
}

int uasyncio_signal_catch(int number) {
  if (number < 1 || number > HIGHEST) return EINVAL;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = caught;
  // System calls of other threads are to go on.
  action.sa_flags = SA_RESTART;
  if (sigaction(number, &action, &former[number]) != 0) return errno;
  is_caught[number] = true;
  return 0;
}

void uasyncio_signal_release(int number) {
  struct sigaction current;
  if (sigaction(number, NULL, &current) == 0 && current.sa_handler == caught) sigaction(number, &former[number], NULL);
  is_caught[number] = false;
}

bool uasyncio_signal_is_default(int number) {
  struct sigaction current;
  if (sigaction(number, NULL, &current) != 0) return false;
  if (is_caught[number] && current.sa_handler == caught) current = former[number];
  return !(current.sa_flags & SA_SIGINFO) && current.sa_handler == SIG_DFL;
}

uint64_t uasyncio_signals_take(void) {
  if (!uasyncio_flag_take(&uasyncio_signal_flag)) return 0;
  return __atomic_exchange_n(&pending, 0, __ATOMIC_ACQUIRE);
}

bool uasyncio_signal_take_back(int number) {
  uint64_t bit = (uint64_t)1 << (number - 1);
  return __atomic_fetch_and(&pending, ~bit, __ATOMIC_ACQUIRE) & bit;
}

void uasyncio_set_interrupts(uint32_t what) { __atomic_store_n(&interrupts, what, __ATOMIC_RELEASE); }

uint32_t uasyncio_get_interrupts(void) { return __atomic_load_n(&interrupts, __ATOMIC_ACQUIRE); }

void uasyncio_die_of(int number) {
  // Not `fflush(NULL)`: it would wait for a thread that reads from the terminal, and holds that stream's lock.
  if (ftrylockfile(stdout) == 0) {
    fflush(stdout);
    funlockfile(stdout);
  }
  restore_default(number);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  raise(number);
  // Its default disposition is not to end anything.
  _exit(128 + number);
}
