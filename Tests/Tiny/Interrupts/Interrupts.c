// Interrupts on demand, on both boards: see CInterrupts.h.

#include "CInterrupts.h"

#include "../../../Boards/common/Board.h"
#include "../../../Boards/common/WideClock.h"
#include "CTiny.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))

static uint8_t *flag;
static uint8_t *other_flag;
static void (*handler)(void);
static volatile uint32_t interrupts;
static uint32_t waits;
static bool comes_at_worst_moment;

static void happened(void) {
  interrupts += 1;
  if (flag != 0) tiny_flag_set(flag);
  if (other_flag != 0) tiny_flag_set(other_flag);
  if (handler != 0) handler();
}

#ifdef __arm__

#define TICKS_PER_MICROSECOND 25u
#define TIMER_RELOAD REGISTER(0x40002000)
#define TIMER_CONTROL REGISTER(0x40002008)
#define TIMER_CLEAR REGISTER(0x4000200c)
#define ONCE 0xa3u       // Enabled, interrupt, 32 bits, one shot.
#define PERIODIC 0xe2u   // Enabled, periodic, interrupt, 32 bits.
#define INTERRUPT_ENABLE REGISTER(0xe000e100)
#define INTERRUPT_PEND REGISTER(0xe000e200)
#define TIMER_NUMBER 10

static void begin(void) { INTERRUPT_ENABLE = 1u << TIMER_NUMBER; }
static void come_now(void) { INTERRUPT_PEND = 1u << TIMER_NUMBER; }

static void come_after(uint32_t ticks, bool again) {
  TIMER_CONTROL = 0;
  TIMER_RELOAD = ticks;
  TIMER_CONTROL = again ? PERIODIC : ONCE;
}

static void stop(void) { TIMER_CONTROL = 0; }

#define LOOP(count, instruction) \
  __asm__ volatile("1: " instruction "\n subs %0, %0, #1\n bne 1b" : "+r"(count)::"cc")

void other_interrupt(void) {
  TIMER_CLEAR = 1;
  happened();
}

#else

#define TICKS_PER_MICROSECOND 10u
#define SOFTWARE REGISTER(0x02000000)
#define ENABLE_SOFTWARE 0x8u
#define NS_PER_TICK 100u

// The machine's other clock, with an alarm in nanoseconds. (Its timer is the board's own alarm.)
#define CLOCK_LOW REGISTER(0x00101000)
#define CLOCK_HIGH REGISTER(0x00101004)
#define ALARM_LOW REGISTER(0x00101008)
#define ALARM_HIGH REGISTER(0x0010100c)
#define ALARM_ENABLE REGISTER(0x00101010)
#define ALARM_CLEAR REGISTER(0x00101014)
#define ALARM_CLEAR_INTERRUPT REGISTER(0x0010101c)
#define ALARM_SOURCE 11
#define SOURCE_PRIORITY REGISTER(0x0c000000 + 4 * ALARM_SOURCE)
#define SOURCES_ENABLE REGISTER(0x0c002000)

static uint32_t period;

static void begin(void) {
  uint32_t software = ENABLE_SOFTWARE;
  SOURCE_PRIORITY = 1;
  SOURCES_ENABLE |= 1u << ALARM_SOURCE;
  ALARM_ENABLE = 1;
  __asm__ volatile("csrs mie, %0" ::"r"(software) : "memory");
}

static void come_now(void) { SOFTWARE = 1; }

static void set_alarm(uint32_t ticks) {
  uint64_t time = CLOCK_LOW;
  time |= (uint64_t)CLOCK_HIGH << 32;
  time += (uint64_t)ticks * NS_PER_TICK;
  ALARM_HIGH = (uint32_t)(time >> 32);
  ALARM_LOW = (uint32_t)time;
}

static void come_after(uint32_t ticks, bool again) {
  period = again ? ticks : 0;
  set_alarm(ticks);
}

static void stop(void) {
  period = 0;
  ALARM_CLEAR = 1;
}

#define LOOP(count, instruction) __asm__ volatile("1: " instruction "\n addi %0, %0, -1\n bnez %0, 1b" : "+r"(count))

void other_interrupt(void) {
  SOFTWARE = 0;
  ALARM_CLEAR_INTERRUPT = 1;
  happened();
  if (period != 0) set_alarm(period);
}

#endif

void test_start(void) {
  board_set_clock(UINT32_MAX - 40000 * TICKS_PER_MICROSECOND);
  begin();
}

void test_interrupts_set(uint8_t *address) { flag = address; }

void test_interrupt_when_about_to_wait(void) { comes_at_worst_moment = true; }

void test_interrupts_set_too(uint8_t *address) { other_flag = address; }

uint32_t test_waits(void) { return waits; }

void board_about_to_wait(void) {
  waits += 1;
  if (!comes_at_worst_moment) return;
  comes_at_worst_moment = false;
  come_now();
}

void test_interrupt_after(uint32_t microseconds) { come_after(microseconds * TICKS_PER_MICROSECOND, false); }

// Twos and threes make every number.
void test_spend(uint32_t instructions) {
  uint32_t threes = 2 - (instructions & 1);
  uint32_t twos = (instructions - 3 * threes) / 2;
  LOOP(twos, "");
  LOOP(threes, "nop");
}

void test_interrupt_in(uint32_t instructions) {
  come_after(10 * TICKS_PER_MICROSECOND, false);
  test_spend(10000 - instructions);
}

void test_interrupts_call(void (*function)(void)) { handler = function; }

void test_storm_begin(uint32_t microseconds) {
  interrupts = 0;
  come_after(microseconds * TICKS_PER_MICROSECOND, true);
}

void test_storm_end(void) {
  stop();
}

uint32_t test_interrupts(void) { return interrupts; }

/// Reads the clock again and again. Returns whether it always went on by a little.
static bool goes_on_steadily(void) {
  int64_t last = tiny_board_now();
  for (int reading = 0; reading < 200; reading++) {
    int64_t now = tiny_board_now();
    if (now < last || now - last > 10000) return false;
    last = now;
  }
  return true;
}

static bool was_steady;
static void read_in_interrupt(void) { was_steady = goes_on_steadily(); }

static void come_near_beginning(uint32_t offset) {
  board_set_clock(UINT32_MAX - 20);
  test_spend(10 + offset);
}

bool test_clock_is_steady(void) {
  handler = read_in_interrupt;
  for (uint32_t offset = 0; offset < 200; offset++) {
    come_near_beginning(offset);
    if (!goes_on_steadily()) return false;
    // Once more where the counter's own interrupt has to wait.
    come_near_beginning(offset);
    uint32_t before = interrupts;
    come_now();
    while (interrupts == before) {}
    if (!was_steady) return false;
  }
  handler = 0;
  return true;
}

// A counter that goes on by a tick whenever somebody looks at it or asks for its interrupt.
static uint64_t model_ticks;
static uint32_t model_beginnings;
static uint32_t model_counter(void) { return (uint32_t)model_ticks++; }
static bool model_is_due(void) { return model_ticks++ >> 32 != model_beginnings; }

/// Whether the clock shows a time between the call and the return.
static bool model_is_read(const wide_clock *clock) {
  uint64_t before = model_ticks;
  uint64_t ticks = wide_clock_read(clock, model_counter, model_is_due);
  return ticks >= before && ticks < model_ticks;
}

bool test_wide_clock(void) {
  for (uint32_t bits = 0; bits < 32; bits++) {
    for (uint32_t ahead = 0; ahead < 8; ahead++) {
      wide_clock clock = {UINT32_MAX >> bits >> 1};
      model_beginnings = clock.high;
      model_ticks = ((uint64_t)clock.high + 1) << 32;
      model_ticks -= ahead;
      for (int reading = 0; reading < 8; reading++) {
        if (!model_is_read(&clock)) return false;
      }
      model_beginnings += 1;
      wide_clock_begins_anew(&clock);
      if (!model_is_read(&clock)) return false;
    }
  }
  return true;
}

void test_set_clock(uint64_t ticks) { board_set_clock(ticks); }

uint32_t test_tick(void) { return 1000 / TICKS_PER_MICROSECOND; }

bool test_clock_has_begun_anew(void) { return (uint64_t)tiny_board_now() / test_tick() > UINT32_MAX; }
