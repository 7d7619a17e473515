// Threads and a signal handler that count, and set a flag each time: see Flags.swift.

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/time.h>

#include "CTiny.h"

enum { MOST = 8 };

typedef struct {
  uint8_t *flag;
  uint32_t times;
  uint32_t count;
  uint32_t seen;
  pthread_t thread;
} setter;

static setter setters[MOST];
static uint8_t *signal_flag;
static uint32_t signals;

static void *set_often(void *argument) {
  setter *own = argument;
  for (uint32_t time = 0; time < own->times; time++) {
    __atomic_add_fetch(&own->count, 1, __ATOMIC_RELEASE);
    tiny_flag_set(own->flag);
    tiny_board_wake();
    // So each setting matters.
    while (__atomic_load_n(&own->seen, __ATOMIC_ACQUIRE) <= time) sched_yield();
  }
  return 0;
}

bool test_thread_begin(int index, uint8_t *flag, uint32_t times) {
  setters[index] = (setter){.flag = flag, .times = times};
  return pthread_create(&setters[index].thread, 0, set_often, &setters[index]) == 0;
}

/// How often it has set its flag; it goes on.
uint32_t test_thread_seen(int index) {
  uint32_t count = __atomic_load_n(&setters[index].count, __ATOMIC_ACQUIRE);
  __atomic_store_n(&setters[index].seen, count, __ATOMIC_RELEASE);
  return count;
}

void test_thread_end(int index) { pthread_join(setters[index].thread, 0); }

static void handle(int number) {
  (void)number;
  __atomic_add_fetch(&signals, 1, __ATOMIC_RELEASE);
  tiny_flag_set(signal_flag);
  tiny_board_wake();
}

static void every(long microseconds) {
  struct itimerval period = {.it_interval = {.tv_usec = microseconds}, .it_value = {.tv_usec = microseconds}};
  setitimer(ITIMER_REAL, &period, 0);
}

void test_signals_begin(uint8_t *flag, uint32_t microseconds) {
  signal_flag = flag;
  signal(SIGALRM, handle);
  every((long)microseconds);
}

uint32_t test_signals(void) { return __atomic_load_n(&signals, __ATOMIC_ACQUIRE); }

void test_signals_end(void) { every(0); }
