#include "CBareHop.h"

void *bare_actor;
void *bare_parking;

void bare_opaque(void) { __asm__ volatile(""); }
