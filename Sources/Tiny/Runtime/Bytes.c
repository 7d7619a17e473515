// What compiled code takes for granted of a C library, on a machine that has none.
//
// The compiler is told (-fno-builtin) not to make calls of these functions out of their own loops.

#include "CTiny.h"

/// From the first byte to the last, whole words where both are aligned; the areas may overlap if `to` is the lower one.
static void copy_upwards(char *target, const char *source, size_t count) {
  if ((((uintptr_t)target | (uintptr_t)source) & 3) == 0) {
    for (; count >= 4; count -= 4, target += 4, source += 4) *(uint32_t *)target = *(const uint32_t *)source;
  }
  while (count-- > 0) *target++ = *source++;
}

void *memcpy(void *restrict to, const void *restrict from, size_t count) {
  copy_upwards(to, from, count);
  return to;
}

void *memmove(void *to, const void *from, size_t count) {
  char *target = to;
  const char *source = from;
  if (target <= source || target >= source + count) {
    copy_upwards(target, source, count);
    return to;
  }
  while (count-- > 0) target[count] = source[count];
  return to;
}

void *memset(void *to, int value, size_t count) {
  char *target = to;
  while (count-- > 0) *target++ = (char)value;
  return to;
}

int memcmp(const void *one, const void *other, size_t count) {
  const unsigned char *left = one;
  const unsigned char *right = other;
  for (; count > 0; count--, left++, right++) {
    if (*left != *right) return *left - *right;
  }
  return 0;
}

size_t strlen(const char *text) {
  size_t count = 0;
  while (text[count] != 0) count++;
  return count;
}

// The names that the ARM compiler uses for the same.
#ifdef __arm__
void __aeabi_memcpy(void *to, const void *from, size_t count) { memcpy(to, from, count); }
void __aeabi_memcpy4(void *to, const void *from, size_t count) { memcpy(to, from, count); }
void __aeabi_memcpy8(void *to, const void *from, size_t count) { memcpy(to, from, count); }
void __aeabi_memmove(void *to, const void *from, size_t count) { memmove(to, from, count); }
void __aeabi_memmove4(void *to, const void *from, size_t count) { memmove(to, from, count); }
void __aeabi_memmove8(void *to, const void *from, size_t count) { memmove(to, from, count); }
void __aeabi_memset(void *to, size_t count, int value) { memset(to, value, count); }
void __aeabi_memset4(void *to, size_t count, int value) { memset(to, value, count); }
void __aeabi_memset8(void *to, size_t count, int value) { memset(to, value, count); }
void __aeabi_memclr(void *to, size_t count) { memset(to, 0, count); }
void __aeabi_memclr4(void *to, size_t count) { memset(to, 0, count); }
void __aeabi_memclr8(void *to, size_t count) { memset(to, 0, count); }
#endif

/// Swift's `print` writes through this.
int putchar(int character) {
  char byte = (char)character;
  tiny_board_write(&byte, 1);
  return character;
}

/// Seeds the hash of sets and dictionaries. There is nobody here to keep it secret from.
void arc4random_buf(void *bytes, size_t count) { memset(bytes, 0x5a, count); }

static void write_text(const char *text) {
  size_t count = 0;
  while (text[count] != 0) count++;
  tiny_board_write(text, count);
}

void tiny_panic(const char *message) {
  write_text("panic: ");
  write_text(message);
  write_text("\n");
  tiny_board_exit(70);
}
