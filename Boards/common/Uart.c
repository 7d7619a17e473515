// A serial line's two rings: between interrupts and coroutines.
//
// Each ring has one writer and one reader, of which one is an interrupt handler; each moves one index and only reads
// the other, so no lock is needed. Received bytes that find the ring full are counted as lost: the one who sends should
// have waited. Bytes to be sent wait in a ring too, and who finds it full waits: that is the back-pressure.

#include "Uart.h"

#define RING_BYTES 128u  // A power of two, so that indices can run on and overflow.

typedef struct {
  volatile uint32_t written;
  volatile uint32_t taken;
  uint8_t bytes[RING_BYTES];
} ring;

static ring incoming;
static ring outgoing;
static uint8_t *received_flag;
static uint8_t *sent_flag;
static volatile uint32_t lost;
static bool is_open;

// Where no program opens the line, the linker knows that this is false, and leaves rings and handlers out.
bool uart_is_open(void) { return is_open; }

static bool put(ring *ring, uint8_t byte) {
  uint32_t written = ring->written;
  if (written - ring->taken == RING_BYTES) return false;
  ring->bytes[written % RING_BYTES] = byte;
  __atomic_store_n(&ring->written, written + 1, __ATOMIC_RELEASE);
  return true;
}

static bool take(ring *ring, uint8_t *byte) {
  uint32_t taken = ring->taken;
  if (taken == __atomic_load_n(&ring->written, __ATOMIC_ACQUIRE)) return false;
  *byte = ring->bytes[taken % RING_BYTES];
  __atomic_store_n(&ring->taken, taken + 1, __ATOMIC_RELEASE);
  return true;
}

void tiny_uart_open(uint8_t *received, uint8_t *sent) {
  received_flag = received;
  sent_flag = sent;
  is_open = true;
  uart_receive_interrupt(true);
}

size_t tiny_uart_read(uint8_t *bytes, size_t capacity) {
  size_t count = 0;
  while (count < capacity && take(&incoming, &bytes[count])) count++;
  return count;
}

size_t tiny_uart_write(const uint8_t *bytes, size_t count) {
  size_t done = 0;
  while (done < count && put(&outgoing, bytes[done])) done++;
  uart_send_interrupt(true);
  return done;
}

uint32_t tiny_uart_lost(void) { return lost; }

void uart_received(uint8_t byte) {
  if (!put(&incoming, byte)) lost += 1;
  if (received_flag != 0) tiny_flag_set(received_flag);
}

bool uart_next_to_send(uint8_t *byte) {
  if (!take(&outgoing, byte)) return false;
  if (sent_flag != 0 && outgoing.written - outgoing.taken == RING_BYTES / 2) tiny_flag_set(sent_flag);
  return true;
}

// Written at once and in order: what waits to be sent goes first.
void tiny_board_write(const char *bytes, size_t count) {
  if (is_open) {
    uart_send_interrupt(false);
    uint8_t waiting;
    while (uart_next_to_send(&waiting)) uart_send_now(waiting);
  }
  while (count-- > 0) uart_send_now((uint8_t)*bytes++);
}
