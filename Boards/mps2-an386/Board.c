// ARM MPS2 with a Cortex-M4 (AN386): timer, serial line, waiting, the end. QEMU's machine `mps2-an386`.
//
// Two of the board's timers: one counts down from the highest number for ever and is the clock, the other one is set to
// the next deadline. 25 MHz, so a tick is 40 ns.

#include "../common/Uart.h"
#include "../common/WideClock.h"
#include "../common/Board.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))

#define CLOCK_CONTROL REGISTER(0x40000000)
#define CLOCK_VALUE REGISTER(0x40000004)
#define CLOCK_RELOAD REGISTER(0x40000008)
#define CLOCK_CLEAR REGISTER(0x4000000c)
#define ALARM_CONTROL REGISTER(0x40001000)
#define ALARM_VALUE REGISTER(0x40001004)
#define ALARM_RELOAD REGISTER(0x40001008)
#define ALARM_CLEAR REGISTER(0x4000100c)
#define TIMER_ENABLE 1u
#define TIMER_INTERRUPT 8u

#define UART_DATA REGISTER(0x40004000)
#define UART_STATE REGISTER(0x40004004)
#define UART_CONTROL REGISTER(0x40004008)
#define UART_CLEAR REGISTER(0x4000400c)
#define UART_DIVIDER REGISTER(0x40004010)
#define STATE_SENDING 1u
#define STATE_RECEIVED 2u
#define CONTROL_ON 3u
#define CONTROL_SEND_INTERRUPT 4u
#define CONTROL_RECEIVE_INTERRUPT 8u
#define CLEAR_SEND 1u
#define CLEAR_RECEIVE 2u

#define INTERRUPT_ENABLE REGISTER(0xe000e100)
#define NS_PER_TICK 40

static wide_clock clock;

static inline uint32_t hold_interrupts(void) {
  uint32_t before;
  __asm__ volatile("mrs %0, primask\n cpsid i" : "=r"(before)::"memory");
  return before;
}

static inline void allow_interrupts(uint32_t before) { __asm__ volatile("msr primask, %0" ::"r"(before) : "memory"); }

void board_start(void) {
  CLOCK_RELOAD = UINT32_MAX;
  CLOCK_VALUE = UINT32_MAX;
  CLOCK_CONTROL = TIMER_ENABLE | TIMER_INTERRUPT;
  // A timer that is given its first period begins it; so that is done here, and setting the value sets the alarm.
  ALARM_RELOAD = UINT32_MAX;
  UART_DIVIDER = 16;
  UART_CONTROL = CONTROL_ON;
  // Serial line received, serial line sent, clock, alarm.
  INTERRUPT_ENABLE = 1u << 0 | 1u << 1 | 1u << 8 | 1u << 9;
}

void board_set_clock(uint64_t ticks) {
  CLOCK_VALUE = ~(uint32_t)ticks;
  clock.high = (uint32_t)(ticks >> 32);
}

// MARK: - Clock

static inline uint32_t counter(void) { return ~CLOCK_VALUE; }

static inline bool is_due(void) {
  if (CLOCK_CLEAR == 0) return false;
  // The interrupt comes with the last number, a tick before the counter begins anew.
  while (CLOCK_VALUE == 0) {}
  return true;
}

int64_t tiny_board_now(void) {
  uint32_t before = hold_interrupts();
  uint64_t ticks = wide_clock_read(&clock, counter, is_due);
  allow_interrupts(before);
  return (int64_t)(ticks * NS_PER_TICK);
}

void clock_interrupt(void) {
  // Nobody is to read the last number any more.
  if (is_due()) wide_clock_begins_anew(&clock);
  CLOCK_CLEAR = 1;
}

void alarm_interrupt(void) {
  ALARM_CLEAR = 1;
  ALARM_CONTROL = 0;
}

void tiny_board_wait(int64_t nanoseconds) {
  uint32_t before = hold_interrupts();
  // From here on an interrupt does not run, but it ends `wfi`, even one that is there already: nothing is overslept.
  if (!tiny_has_mail()) {
    if (nanoseconds >= 0) {
      // The processor divides 32 bits at once: a wait of more than half a minute is made in several.
      uint64_t eighths = (uint64_t)nanoseconds / 8;
      ALARM_VALUE = (eighths > UINT32_MAX ? UINT32_MAX : (uint32_t)eighths) / (NS_PER_TICK / 8) + 1;
      ALARM_CONTROL = TIMER_ENABLE | TIMER_INTERRUPT;
    }
    board_about_to_wait();
    __asm__ volatile("dsb\n wfi" ::: "memory");
    ALARM_CONTROL = 0;
    ALARM_CLEAR = 1;
  }
  allow_interrupts(before);
}

// An interrupt that sets a flag has ended the wait by coming.
void tiny_board_wake(void) {}

// MARK: - Serial line

void uart_receive_interrupt(bool allowed) {
  UART_CONTROL = allowed ? UART_CONTROL | CONTROL_RECEIVE_INTERRUPT : UART_CONTROL & ~CONTROL_RECEIVE_INTERRUPT;
}

/// Sends what waits for as long as the line takes it. Interrupts are held.
static void send_waiting(void) {
  uint8_t byte;
  while (!(UART_STATE & STATE_SENDING)) {
    if (!uart_next_to_send(&byte)) {
      UART_CONTROL &= ~CONTROL_SEND_INTERRUPT;
      return;
    }
    UART_DATA = byte;
  }
}

// The line's interrupt comes when a byte has been sent, so the first one is sent here.
void uart_send_interrupt(bool allowed) {
  uint32_t before = hold_interrupts();
  if (allowed) {
    UART_CONTROL |= CONTROL_SEND_INTERRUPT;
    send_waiting();
  } else {
    UART_CONTROL &= ~CONTROL_SEND_INTERRUPT;
  }
  allow_interrupts(before);
}

void uart_send_now(uint8_t byte) {
  while (UART_STATE & STATE_SENDING) {}
  UART_DATA = byte;
}

void uart_receive_handler(void) {
  if (!uart_is_open()) return;
  UART_CLEAR = CLEAR_RECEIVE;
  while (UART_STATE & STATE_RECEIVED) uart_received((uint8_t)UART_DATA);
}

void uart_send_handler(void) {
  if (!uart_is_open()) return;
  UART_CLEAR = CLEAR_SEND;
  send_waiting();
}

// MARK: - The end

/// Asks the debugger, here the emulator, to end the program with a status.
void tiny_board_exit(int status) {
  uint32_t block[2] = {0x20026, (uint32_t)status};
  register uint32_t operation __asm__("r0") = 0x20;
  register void *argument __asm__("r1") = block;
  __asm__ volatile("bkpt 0xab" ::"r"(operation), "r"(argument) : "memory");
  while (true) {}
}
