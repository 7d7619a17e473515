// Sockets, pipes and terminals as the system has them: each function makes its system call and returns what came of it,
// or minus the error number. None of them blocks.
#ifndef CSOCKETS_H
#define CSOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// An address, in a form without unions: `kind` says which.
struct platform_address {
  /// 0 has none, 1 is a path, 4 and 6 are Internet addresses.
  uint8_t kind;
  /// How many bytes of the path there are; it may begin with a zero byte (an abstract name).
  uint8_t length;
  uint16_t port;
  uint32_t scope;
  uint8_t bytes[108];
};

enum platform_socket_option {
  PLATFORM_NO_DELAY,
  PLATFORM_KEEP_ALIVE,
  PLATFORM_KEEP_ALIVE_IDLE,
  PLATFORM_KEEP_ALIVE_INTERVAL,
  PLATFORM_KEEP_ALIVE_COUNT,
  PLATFORM_REUSE_ADDRESS,
  PLATFORM_REUSE_PORT,
  PLATFORM_ONLY_V6,
  PLATFORM_BROADCAST,
  PLATFORM_RECEIVE_BUFFER,
  PLATFORM_SEND_BUFFER,
  PLATFORM_RESET_ON_CLOSE,
  PLATFORM_MULTICAST_LOOP_4,
  PLATFORM_MULTICAST_LOOP_6,
  PLATFORM_MULTICAST_HOPS_4,
  PLATFORM_MULTICAST_HOPS_6,
};

/// A non-blocking socket that children do not inherit.
int platform_socket(int kind, bool datagrams);
int platform_bind(int socket, const struct platform_address *address);
int platform_listen(int socket, int backlog);
int platform_connect(int socket, const struct platform_address *address);
int platform_accept(int socket, struct platform_address *peer);
/// Two sockets that are connected with each other.
int platform_socket_pair(int ends[2]);
int platform_local_address(int socket, struct platform_address *address);
int platform_peer_address(int socket, struct platform_address *address);
/// The error that the socket has met since it was last asked, as a positive number; 0 is none.
int platform_socket_error(int socket);
int platform_set_option(int socket, enum platform_socket_option option, int value);
int platform_get_option(int socket, enum platform_socket_option option);
int platform_join_group(int socket, const struct platform_address *group, const char *interface, bool join);
int platform_shutdown_write(int socket);

long platform_receive(int socket, void *bytes, size_t count);
long platform_send(int socket, const void *bytes, size_t count);
long platform_receive_from(int socket, void *bytes, size_t count, struct platform_address *from, bool *truncated);
/// To where the socket is connected if `to` is null.
long platform_send_to(int socket, const void *bytes, size_t count, const struct platform_address *to);

long platform_read(int descriptor, void *bytes, size_t count);
/// Writes to a pipe or terminal without a SIGPIPE where nobody reads any more.
long platform_write(int descriptor, const void *bytes, size_t count);
int platform_close(int descriptor);
/// Where `count` bytes contain `length` others: an offset, or -1.
long platform_find(const void *bytes, size_t count, const void *pattern, size_t length);
/// Opens nothing (`/dev/null`) in the place of standard input, output and error where the program was started without:
/// the next socket would have that number, and what is printed would be sent.
void platform_occupy_standard_descriptors(void);
/// A pipe: ends[0] is read, ends[1] written.
int platform_pipe(int ends[2]);
/// What a descriptor is: 's' a socket, 't' a terminal, 'p' a pipe, 'r' a regular file or block device, 'c' another
/// character device.
int platform_kind(int descriptor);
/// Opens what a descriptor refers to once more, non-blocking, so that others who have the descriptor do not notice.
int platform_reopen(int descriptor, bool for_reading, bool for_writing);
/// Makes a descriptor non-blocking or blocking. Returns whether it was non-blocking before.
int platform_set_nonblocking(int descriptor, bool nonblocking);
/// Duplicates a descriptor; children do not inherit it.
int platform_duplicate(int descriptor);
int platform_unlink(const uint8_t *path, size_t length);
/// Whether a path is a socket.
bool platform_is_socket_path(const char *path);

/// Reads an Internet address as people write it, an IPv6 one with or without `%interface`.
bool platform_parse_address(const char *text, struct platform_address *address);
/// Writes an Internet address as people do; `text` has room for 80 bytes.
void platform_format_address(const struct platform_address *address, char *text);
/// Looks a name up; this one blocks, for seconds if it must. Returns how many addresses it has written, at most
/// `capacity`, or minus the resolver's error number, `*system_error` being set where that refers to it.
int platform_look_up(const char *host, int kind, bool passive, struct platform_address *addresses, int capacity,
                     int *system_error);
/// The resolver's text for its error number.
const char *platform_look_up_text(int error);

/// How a serial port is set.
struct platform_serial {
  uint32_t speed;
  uint8_t data_bits;
  uint8_t stop_bits;
  /// 'n', 'e' or 'o'.
  uint8_t parity;
  /// 'n', 'h' (RTS/CTS) or 's' (XON/XOFF).
  uint8_t flow;
};
/// Opens a serial port or another terminal, non-blocking, without making it the process's own, in raw mode.
int platform_open_serial(const char *path, const struct platform_serial *settings);
int platform_set_serial(int descriptor, const struct platform_serial *settings);
/// The speed at which the port sends, in bits a second.
long platform_serial_speed(int descriptor);
/// Turns a terminal's raw mode on; what it was before is written to `saved`, which has room for
/// `platform_terminal_size` bytes.
int platform_make_raw(int descriptor, void *saved);
int platform_restore_terminal(int descriptor, const void *saved);
size_t platform_terminal_size(void);
/// A pseudo-terminal: the number of its master's side, and the path of the other, which has room for 64 bytes.
int platform_open_pty(char *path);

#endif
