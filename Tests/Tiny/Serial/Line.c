// A serial line whose other end is the test: see CLine.h. Linked in with --wrap, in the place of the board's own. What is
// written for people still goes to that.

#include "CLine.h"

#include <stdbool.h>

#include "../../../Boards/common/Uart.h"
#include "../Interrupts/CInterrupts.h"

static bool may_receive;
static bool may_send;
static const uint8_t *next_to_come;
static size_t unfed;
static uint32_t most_at_once;
static uint32_t pace;
static uint8_t sent[1024];
static size_t sent_count;
static size_t overrun;
static uint32_t random_state = 1;

void __wrap_uart_receive_interrupt(bool allowed) { may_receive = allowed; }
void __wrap_uart_send_interrupt(bool allowed) { may_send = allowed; }

static void send_some(void) {
  for (uint32_t count = 0; may_send && count < pace; count++) {
    uint8_t byte;
    if (!uart_next_to_send(&byte)) {
      may_send = false;
    } else if (sent_count < sizeof sent) {
      sent[sent_count++] = byte;
    } else {
      overrun += 1;
    }
  }
}

static void receive_some(void) {
  if (!may_receive || unfed == 0) return;
  random_state = random_state * 1664525 + 1013904223;
  size_t count = 1 + (random_state >> 16) % most_at_once;
  if (count > unfed) count = unfed;
  unfed -= count;
  while (count-- > 0) uart_received(*next_to_come++);
}

static void interrupt(void) {
  receive_some();
  send_some();
}

void line_begin(uint32_t microseconds) {
  test_interrupts_call(interrupt);
  test_storm_begin(microseconds);
}

void line_end(void) { test_storm_end(); }

void line_feed(const uint8_t *bytes, size_t count, uint32_t burst) {
  unfed = 0;
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  next_to_come = bytes;
  most_at_once = burst;
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  unfed = count;
}

size_t line_unfed(void) { return *(volatile size_t *)&unfed; }

void line_pace(uint32_t count) { pace = count; }

const uint8_t *line_sent(size_t *count) {
  *count = sent_count;
  sent_count = 0;
  return sent;
}

size_t line_overrun(void) { return overrun; }
