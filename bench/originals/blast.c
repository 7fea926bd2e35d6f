// Sends datagrams to a port of this machine, at a rate or as fast as it can, with as few system calls as can be.
// Arguments: port, bytes of a datagram, datagrams a second (0 for as many as it can), seconds.
// Says how many were sent, in how many seconds, and when it began, in nanoseconds of the monotonic clock.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { AT_A_TIME = 64, MOST_BYTES = 65507, NANOS = 1000000000 };

static long long monotonic(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long long)now.tv_sec * NANOS + now.tv_nsec;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

int main(int count, char **arguments) {
  if (count != 5) {
    fprintf(stderr, "blast: 4 arguments are needed: port, bytes, rate, seconds\n");
    return 2;
  }
  static char datagram[MOST_BYTES];
  size_t bytes = (size_t)atol(arguments[2]);
  double rate = atof(arguments[3]);
  double seconds = atof(arguments[4]);
  struct sockaddr_in target = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(arguments[1]))};
  target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int out = socket(AF_INET, SOCK_DGRAM, 0);
  if (out < 0 || bytes > sizeof datagram || connect(out, (struct sockaddr *)&target, sizeof target) < 0) fail("blast");

  struct iovec piece = {datagram, bytes};
  struct mmsghdr batch[AT_A_TIME];
  memset(batch, 0, sizeof batch);
  for (int i = 0; i < AT_A_TIME; i++) {
    batch[i].msg_hdr.msg_iov = &piece;
    batch[i].msg_hdr.msg_iovlen = 1;
  }
  long long start = monotonic(), sent = 0;
  double time = 0;
  for (; time < seconds; time = (double)(monotonic() - start) / NANOS) {
    long long due = rate == 0 ? AT_A_TIME : (long long)(time * rate) + 1 - sent;
    if (due <= 0) {
      struct timespec pause = {0, 50000};
      nanosleep(&pause, NULL);
      continue;
    }
    int done = sendmmsg(out, batch, due < AT_A_TIME ? (unsigned)due : AT_A_TIME, 0);
    // Nobody listens yet, or the queue is full: the receiver's business.
    if (done < 0 && errno != ECONNREFUSED && errno != ENOBUFS) fail("sendmmsg");
    if (done > 0) sent += done;
  }
  printf("%lld %f %lld\n", sent, time, start);
  return 0;
}
