// A serial line whose other end is the test: bytes come and go in interrupts that come again and again.
#ifndef CLINE_H
#define CLINE_H

#include <stddef.h>
#include <stdint.h>

/// Connects the line, with an interrupt every so many microseconds.
void line_begin(uint32_t microseconds);
void line_end(void);
/// These bytes come from now on: with each interrupt a few, up to `burst`.
void line_feed(const uint8_t *bytes, size_t count, uint32_t burst);
/// How many of them have not come yet.
size_t line_unfed(void);
/// With each interrupt so many bytes are sent; they are kept.
void line_pace(uint32_t count);
/// What was sent since this was called last. It stays where it is until more is sent.
const uint8_t *line_sent(size_t *count);
/// How many bytes that is at most; more are an error, and are counted here.
size_t line_overrun(void);

#endif
