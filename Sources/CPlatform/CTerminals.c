// Serial ports and other terminals. A file of its own: any speed, not just those that have a name, takes the kernel's own
// headers, and they do not get along with the library's.
#define _GNU_SOURCE
#include "CSockets.h"

#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void make_raw(struct termios2 *terminal) {
  terminal->c_iflag &= ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON | IXOFF | IXANY);
  terminal->c_oflag &= ~OPOST;
  terminal->c_lflag &= ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
  terminal->c_cflag &= ~(CSIZE | PARENB);
  terminal->c_cflag |= CS8;
  terminal->c_cc[VMIN] = 1;
  terminal->c_cc[VTIME] = 0;
}

int platform_set_serial(int descriptor, const struct platform_serial *settings) {
  static const tcflag_t sizes[] = {CS5, CS6, CS7, CS8};
  if (settings->speed == 0 || settings->data_bits < 5 || settings->data_bits > 8 || settings->stop_bits < 1 ||
      settings->stop_bits > 2)
    return -EINVAL;
  struct termios2 terminal;
  if (ioctl(descriptor, TCGETS2, &terminal) < 0) return -errno;
  make_raw(&terminal);
  terminal.c_cflag &= ~(CBAUD | (CBAUD << IBSHIFT) | CSIZE | CSTOPB | PARENB | PARODD | CRTSCTS);
  terminal.c_cflag |= BOTHER | (BOTHER << IBSHIFT) | CREAD | CLOCAL | sizes[settings->data_bits - 5];
  terminal.c_ispeed = terminal.c_ospeed = settings->speed;
  if (settings->stop_bits == 2) terminal.c_cflag |= CSTOPB;
  if (settings->parity != 'n') terminal.c_cflag |= PARENB;
  if (settings->parity == 'o') terminal.c_cflag |= PARODD;
  if (settings->flow == 'h') terminal.c_cflag |= CRTSCTS;
  if (settings->flow == 's') terminal.c_iflag |= IXON | IXOFF;
  return ioctl(descriptor, TCSETS2, &terminal) < 0 ? -errno : 0;
}

int platform_open_serial(const char *path, const struct platform_serial *settings) {
  int port = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (port < 0) return -errno;
  int error = platform_set_serial(port, settings);
  if (error < 0) {
    close(port);
    return error;
  }
  return port;
}

long platform_serial_speed(int descriptor) {
  struct termios2 terminal;
  if (ioctl(descriptor, TCGETS2, &terminal) < 0) return -errno;
  return (long)terminal.c_ospeed;
}

size_t platform_terminal_size(void) { return sizeof(struct termios2); }

int platform_make_raw(int descriptor, void *saved) {
  struct termios2 terminal;
  if (ioctl(descriptor, TCGETS2, &terminal) < 0) return -errno;
  memcpy(saved, &terminal, sizeof terminal);
  make_raw(&terminal);
  return ioctl(descriptor, TCSETS2, &terminal) < 0 ? -errno : 0;
}

int platform_restore_terminal(int descriptor, const void *saved) {
  return ioctl(descriptor, TCSETS2, saved) < 0 ? -errno : 0;
}

int platform_open_pty(char *path) {
  int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (master < 0) return -errno;
  int unlocked = 0, number = 0;
  if (ioctl(master, TIOCSPTLCK, &unlocked) < 0 || ioctl(master, TIOCGPTN, &number) < 0) {
    int error = -errno;
    close(master);
    return error;
  }
  snprintf(path, 64, "/dev/pts/%d", number);
  return master;
}
