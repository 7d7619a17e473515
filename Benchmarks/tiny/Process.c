// What the program wants to know of its process, for Scenarios.swift.

#include <stdint.h>
#include <stdio.h>
#include <time.h>

intptr_t tiny_resident_bytes(void) {
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == 0 || fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
  if (file != 0) fclose(file);
  return pages * 4096;
}

int64_t tiny_cpu_nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}
