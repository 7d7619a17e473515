// The scenarios of Benchmarks/Sources/Scenarios that make sense for libuv, which has callbacks and no tasks: timers, and
// being woken by another thread.
//
//     scenarios NAME COUNT [PARAMETER]

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uv.h>

static uv_loop_t *loop;

// The stopwatch.

static long wall, cpu, wall_at_start, cpu_at_start;

static long read_clock(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * 1000000000L + now.tv_nsec;
}

static void start(void) {
  wall_at_start = read_clock(CLOCK_MONOTONIC);
  cpu_at_start = read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

static void stop(void) {
  cpu += read_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu_at_start;
  wall += read_clock(CLOCK_MONOTONIC) - wall_at_start;
}

static long random_below(long limit) {
  static long state = 1;
  state = state * 48271 % 2147483647;
  return state % limit;
}

static void check(bool condition, const char *complaint) {
  if (condition) return;
  fprintf(stderr, "%s\n", complaint);
  exit(1);
}

static uv_timer_t *make_timers(long count) {
  uv_timer_t *timers = calloc(count, sizeof *timers);
  check(timers != NULL, "no memory");
  for (long i = 0; i < count; i++) uv_timer_init(loop, &timers[i]);
  return timers;
}

// Timers.

static long woken;

static void count_wake(uv_timer_t *timer) { woken++; }

static long timers(long count, long span) {
  start();
  uv_timer_t *all = make_timers(count);
  for (long i = 0; i < count; i++) uv_timer_start(&all[i], count_wake, 500 + random_below(span), 0);
  uv_run(loop, UV_RUN_DEFAULT);
  stop();
  check(woken == count, "not all timers have fired");
  return count;
}

struct sleeper {
  uv_timer_t timer;
  long left, time;
};

static long awake;

static void sleep_again(uv_timer_t *timer) {
  struct sleeper *sleeper = timer->data;
  if (--sleeper->left > 0) {
    uv_timer_start(timer, sleep_again, sleeper->time, 0);
  } else if (--awake == 0) {
    uv_stop(loop);
  }
}

static long sleep_among(long count, long others) {
  uv_timer_t *long_timers = make_timers(others);
  for (long i = 0; i < others; i++) {
    uv_timer_start(&long_timers[i], count_wake, 3600000 + random_below(3600000), 0);
  }
  enum { SLEEPERS = 1000 };
  static struct sleeper sleepers[SLEEPERS];
  long sleeps = count / SLEEPERS > 0 ? count / SLEEPERS : 1;
  awake = SLEEPERS;
  uv_update_time(loop);
  start();
  for (int i = 0; i < SLEEPERS; i++) {
    struct sleeper *sleeper = &sleepers[i];
    *sleeper = (struct sleeper){.left = sleeps, .time = 1 + random_below(10)};
    uv_timer_init(loop, &sleeper->timer);
    sleeper->timer.data = sleeper;
    uv_timer_start(&sleeper->timer, sleep_again, sleeper->time, 0);
  }
  uv_run(loop, UV_RUN_DEFAULT);
  stop();
  check(awake == 0, "not all have slept");
  return sleeps * SLEEPERS;
}

static long closed;

static void count_close(uv_handle_t *handle) { closed++; }

static long cancel(long count, long batch) {
  long batches = count / batch > 0 ? count / batch : 1;
  for (long i = 0; i < batches; i++) {
    uv_timer_t *all = make_timers(batch);
    for (long j = 0; j < batch; j++) uv_timer_start(&all[j], count_wake, 3600000 + random_below(3600000), 0);
    closed = 0;
    start();
    for (long j = 0; j < batch; j++) uv_close((uv_handle_t *)&all[j], count_close);
    uv_run(loop, UV_RUN_DEFAULT);
    stop();
    check(closed == batch, "not all timers were closed");
    free(all);
  }
  return batches * batch;
}

// Another thread. A wake-up of libuv's carries nothing, and two may become one: so there is a number behind a lock.

static uv_async_t wake;
static uv_sem_t answer;
static uv_mutex_t lock;
static long told, expected, heard;

static long take_told(void) {
  uv_mutex_lock(&lock);
  long number = told;
  told = 0;
  uv_mutex_unlock(&lock);
  return number;
}

static void tell(void) {
  uv_mutex_lock(&lock);
  told++;
  uv_mutex_unlock(&lock);
  uv_async_send(&wake);
}

static void hear(uv_async_t *async) {
  heard += take_told();
  if (heard == expected) uv_close((uv_handle_t *)async, NULL);
}

static void hear_and_answer(uv_async_t *async) {
  long before = heard;
  hear(async);
  if (heard > before) uv_sem_post(&answer);
}

static void ask_often(void *argument) {
  for (long i = 0; i < expected; i++) {
    tell();
    uv_sem_wait(&answer);
  }
}

static void tell_often(void *argument) {
  for (long i = 0; i < expected; i++) tell();
}

static long hear_thread(long count, uv_async_cb callback, uv_thread_cb body) {
  uv_thread_t thread;
  uv_mutex_init(&lock);
  uv_sem_init(&answer, 0);
  uv_async_init(loop, &wake, callback);
  expected = count;
  start();
  uv_thread_create(&thread, body, NULL);
  uv_run(loop, UV_RUN_DEFAULT);
  stop();
  uv_thread_join(&thread);
  return count;
}

int main(int argc, char **argv) {
  check(argc > 2 && atol(argv[2]) > 0, "expected: NAME COUNT [PARAMETER]");
  loop = uv_default_loop();
  const char *name = argv[1];
  long count = atol(argv[2]), parameter = argc > 3 ? atol(argv[3]) : 0, operations = 0;
  if (!strcmp(name, "timers")) operations = timers(count, parameter ? parameter : 2000);
  if (!strcmp(name, "sleepAmong")) operations = sleep_among(count, parameter ? parameter : 1000000);
  if (!strcmp(name, "cancel")) operations = cancel(count, parameter ? parameter : 100000);
  if (!strcmp(name, "crossThreadLatency")) operations = hear_thread(count, hear_and_answer, ask_often);
  if (!strcmp(name, "crossThreadThroughput")) operations = hear_thread(count, hear, tell_often);
  check(operations > 0, "no such scenario");
  printf("operations=%ld wall=%ld cpu=%ld\n", operations, wall, cpu);
}
