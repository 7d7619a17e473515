// Where a Cortex-M4 begins: the vector table, and what has to be in place before `main`.

#include "../common/Board.h"
#include "CTiny.h"

extern char data_source[], data_start[], data_end[], bss_start[], bss_end[], stack_top[];

int main(int argc, char **argv);
void clock_interrupt(void);
void alarm_interrupt(void);
void uart_receive_handler(void);
void uart_send_handler(void);
/// For the board's other timer, where a program uses it.
__attribute__((weak)) void other_interrupt(void) { tiny_panic("unexpected interrupt"); }

_Noreturn void start_of_program(void) {
  char *from = data_source;
  for (char *to = data_start; to < data_end;) *to++ = *from++;
  for (char *to = bss_start; to < bss_end;) *to++ = 0;
  board_start();
  tiny_board_exit(main(0, 0));
}

static void fault(void) { tiny_panic("processor fault"); }

#define FAULTS fault, fault, fault, fault, fault, 0, 0, 0, 0, fault, fault, 0, fault, fault
#define INTERRUPTS uart_receive_handler, uart_send_handler, fault, fault, fault, fault, fault, fault, \
                   clock_interrupt, alarm_interrupt, other_interrupt

typedef void (*vector)(void);

__attribute__((section(".vectors"), used)) static const struct {
  char *stack;
  vector entries[26];
} vectors = {stack_top, {(vector)start_of_program, FAULTS, INTERRUPTS}};
