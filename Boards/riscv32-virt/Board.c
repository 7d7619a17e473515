// RISC-V, 32 bits, as QEMU's machine `virt`: timer, serial line, waiting, the end.
//
// The timer is 64 bits wide and runs at 10 MHz, so a tick is 100 ns; its two halves are read until the upper one has
// not moved meanwhile. The serial line is a 16550.

#include "../common/Board.h"
#include "../common/Uart.h"

#define WORD(address) (*(volatile uint32_t *)(address))
#define BYTE(address) (*(volatile uint8_t *)(address))

#define ALARM_LOW WORD(0x02004000)
#define ALARM_HIGH WORD(0x02004004)
#define TIME_LOW WORD(0x0200bff8)
#define TIME_HIGH WORD(0x0200bffc)
#define NS_PER_TICK 100

#define UART_DATA BYTE(0x10000000)
#define UART_INTERRUPTS BYTE(0x10000001)
#define UART_FIFO BYTE(0x10000002)
#define UART_STATE BYTE(0x10000005)
#define INTERRUPT_RECEIVED 1u
#define INTERRUPT_SENT 2u
#define STATE_RECEIVED 1u
#define STATE_CAN_SEND 32u

#define UART_SOURCE 10
#define UART_PRIORITY WORD(0x0c000000 + 4 * UART_SOURCE)
#define SOURCES_ENABLE WORD(0x0c002000)
#define SOURCES_THRESHOLD WORD(0x0c200000)
#define SOURCE_CLAIM WORD(0x0c200004)

#define FINISHER WORD(0x00100000)
#define FINISHER_PASS 0x5555u
#define FINISHER_FAIL 0x3333u

#define STATUS_INTERRUPTS 8u  // In mstatus.
#define ENABLE_TIMER 0x80u    // In mie.
#define ENABLE_OUTSIDE 0x800u

#ifdef TINY_TEST_HOOKS
void other_interrupt(void);
#define CAUSE_OUTSIDE 11
#endif

static inline uint32_t hold_interrupts(void) {
  uint32_t before;
  __asm__ volatile("csrrci %0, mstatus, 8" : "=r"(before)::"memory");
  return before & STATUS_INTERRUPTS;
}

static inline void allow_interrupts(uint32_t before) { __asm__ volatile("csrs mstatus, %0" ::"r"(before) : "memory"); }

void board_start(void) {
  UART_FIFO = 1;
  UART_PRIORITY = 1;
  SOURCES_ENABLE = 1u << UART_SOURCE;
  SOURCES_THRESHOLD = 0;
  uint32_t enabled = ENABLE_OUTSIDE;
  __asm__ volatile("csrw mie, %0\n csrsi mstatus, 8" ::"r"(enabled) : "memory");
}

void board_set_clock(uint64_t ticks) {
  TIME_LOW = 0;
  TIME_HIGH = (uint32_t)(ticks >> 32);
  TIME_LOW = (uint32_t)ticks;
}

// MARK: - Clock

static uint64_t ticks_now(void) {
  uint32_t high, low;
  do {
    high = TIME_HIGH;
    low = TIME_LOW;
  } while (high != TIME_HIGH);
  return (uint64_t)high << 32 | low;
}

int64_t tiny_board_now(void) { return (int64_t)(ticks_now() * NS_PER_TICK); }

static void set_alarm(uint64_t ticks) {
  // Never lower than meant on the way: an alarm for the past would come at once.
  ALARM_HIGH = UINT32_MAX;
  ALARM_LOW = (uint32_t)ticks;
  ALARM_HIGH = (uint32_t)(ticks >> 32);
}

void tiny_board_wait(int64_t nanoseconds) {
  uint32_t before = hold_interrupts();
  // From here on an interrupt does not run, but it ends `wfi`, even one that is there already: nothing is overslept.
  if (!tiny_has_mail()) {
    uint32_t timer = ENABLE_TIMER;
    if (nanoseconds >= 0) {
      set_alarm(ticks_now() + (uint64_t)nanoseconds / NS_PER_TICK + 1);
      __asm__ volatile("csrs mie, %0" ::"r"(timer) : "memory");
    }
    board_about_to_wait();
    __asm__ volatile("wfi" ::: "memory");
    // The alarm has done its work by ending the wait; it is taken back before it could be delivered.
    __asm__ volatile("csrc mie, %0" ::"r"(timer) : "memory");
  }
  allow_interrupts(before);
}

// An interrupt that sets a flag has ended the wait by coming.
void tiny_board_wake(void) {}

// MARK: - Serial line

static void set_interrupt(uint8_t which, bool allowed) {
  UART_INTERRUPTS = allowed ? UART_INTERRUPTS | which : UART_INTERRUPTS & (uint8_t)~which;
}

void uart_receive_interrupt(bool allowed) {
  uint32_t before = hold_interrupts();
  set_interrupt(INTERRUPT_RECEIVED, allowed);
  allow_interrupts(before);
}

void uart_send_interrupt(bool allowed) {
  uint32_t before = hold_interrupts();
  set_interrupt(INTERRUPT_SENT, allowed);
  allow_interrupts(before);
}

void uart_send_now(uint8_t byte) {
  while (!(UART_STATE & STATE_CAN_SEND)) {}
  UART_DATA = byte;
}

static void serve_uart(void) {
  while (UART_STATE & STATE_RECEIVED) uart_received(UART_DATA);
  if (!(UART_INTERRUPTS & INTERRUPT_SENT)) return;
  uint8_t byte;
  while (UART_STATE & STATE_CAN_SEND) {
    if (!uart_next_to_send(&byte)) {
      set_interrupt(INTERRUPT_SENT, false);
      return;
    }
    UART_DATA = byte;
  }
}

/// Called by Start.S for everything that interrupts; `cause` is negative for what comes from outside the program.
void board_trap(int32_t cause) {
  if (cause >= 0) tiny_panic("processor fault");
#ifdef TINY_TEST_HOOKS
  if ((cause & 0xff) != CAUSE_OUTSIDE) return other_interrupt();
#endif
  uint32_t source = SOURCE_CLAIM;
  if (source == UART_SOURCE && uart_is_open()) serve_uart();
#ifdef TINY_TEST_HOOKS
  if (source != UART_SOURCE && source != 0) other_interrupt();
#endif
  if (source != 0) SOURCE_CLAIM = source;
}

// MARK: - The end

void tiny_board_exit(int status) {
  FINISHER = status == 0 ? FINISHER_PASS : (uint32_t)status << 16 | FINISHER_FAIL;
  while (true) {}
}
