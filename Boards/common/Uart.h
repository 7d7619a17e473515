// What a board's serial line and Uart.c need of each other.
#ifndef UART_H
#define UART_H

#include "CTiny.h"

// From the board.

/// Allows or forbids the interrupt that comes when a byte has.
void uart_receive_interrupt(bool allowed);
/// Allows or forbids the interrupt that comes when a byte can be sent. Allowing it while one can calls it at once.
void uart_send_interrupt(bool allowed);
/// Sends a byte, waiting until that is possible.
void uart_send_now(uint8_t byte);

// For the board's interrupt handlers.

/// Whether the program uses the line; before, there is nothing to be done in an interrupt.
bool uart_is_open(void);
/// A byte has come.
void uart_received(uint8_t byte);
/// Whether there is another byte to send, and which.
bool uart_next_to_send(uint8_t *byte);

#endif
