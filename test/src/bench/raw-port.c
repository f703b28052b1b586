/*
 * The floor that the bench compares Negotiator with: blocking reads and writes on a virtio port, nothing in between,
 * and posix_spawn with nothing around it. Runs in the guest: raw-port DEVICE
 *
 * It takes one command a line, as raw-port.ts sends them:
 *   echo BLOCK COUNT    sends back BLOCK x COUNT bytes as they come
 *   sink BLOCK COUNT    reads so many bytes, then answers "done"
 *   source BLOCK COUNT  writes so many bytes
 *   spawn COUNT PATH    runs PATH so often and answers the microseconds of each, a line each, then "done"
 *   output COUNT PATH   runs PATH with COUNT as its argument and sends its output
 *   input COUNT PATH    runs PATH, answers "ready" when it has said a line, gives it COUNT bytes, then answers "done"
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BLOCK_MAX (32 * 1024)
#define NO_HOST_US 10000

static char block[BLOCK_MAX];

static int write_all(int port, const char *bytes, size_t count)
{
  while (count > 0) {
    ssize_t taken = write(port, bytes, count);
    if (taken <= 0) return 0;
    bytes += taken;
    count -= (size_t)taken;
  }
  return 1;
}

static int write_text(int port, const char *text)
{
  return write_all(port, text, strlen(text));
}

/* A read of 0 bytes means that no host is attached. */
static void read_line(int port, char *line, size_t size)
{
  size_t used = 0;
  for (;;) {
    char byte;
    if (read(port, &byte, 1) != 1) {
      used = 0;
      usleep(NO_HOST_US);
    } else if (byte == '\n') {
      line[used] = '\0';
      return;
    } else if (used + 1 < size) {
      line[used++] = byte;
    }
  }
}

/* Reads so many bytes and sends them back if they are to be echoed. */
static int take(int port, size_t count, int is_echo)
{
  while (count > 0) {
    ssize_t got = read(port, block, count < BLOCK_MAX ? count : BLOCK_MAX);
    if (got <= 0) return 0;
    if (is_echo && !write_all(port, block, (size_t)got)) return 0;
    count -= (size_t)got;
  }
  return 1;
}

static void give(int port, size_t size, size_t count)
{
  memset(block, 0, size);
  while (count-- > 0)
    if (!write_all(port, block, size)) return;
}

static long long now_us(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

/* A program with pipes to its input and from its output. */
struct child {
  pid_t id;
  int input;
  int output;
};

static int start(struct child *child, const char *path, const char *argument)
{
  int input[2], output[2];
  char *arguments[] = {(char *)path, (char *)argument, NULL};
  char *environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
  posix_spawn_file_actions_t actions;

  if (pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0) return 0;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input[0], 0);
  posix_spawn_file_actions_adddup2(&actions, output[1], 1);
  posix_spawn_file_actions_adddup2(&actions, output[1], 2);
  int error = posix_spawn(&child->id, path, &actions, NULL, arguments, environment);
  posix_spawn_file_actions_destroy(&actions);
  close(input[0]);
  close(output[1]);
  child->input = input[1];
  child->output = output[0];
  return error == 0;
}

/* Reads the rest of its output to the port, or to nowhere, and waits for its end. */
static int finish(struct child *child, int port)
{
  int status;
  ssize_t got;
  close(child->input);
  while ((got = read(child->output, block, BLOCK_MAX)) > 0)
    if (port >= 0) write_all(port, block, (size_t)got);
  close(child->output);
  return waitpid(child->id, &status, 0) == child->id && status == 0;
}

static int run_once(const char *path)
{
  struct child child;
  return start(&child, path, NULL) && finish(&child, -1);
}

static void output(int port, const char *count, const char *path)
{
  struct child child;
  if (start(&child, path, count)) finish(&child, port);
}

static void input(int port, size_t count, const char *path)
{
  struct child child;
  char line[64];
  if (!start(&child, path, NULL)) return;
  if (read(child.output, line, sizeof line) > 0) write_text(port, "ready\n");
  while (count > 0) {
    ssize_t got = read(port, block, count < BLOCK_MAX ? count : BLOCK_MAX);
    if (got <= 0 || !write_all(child.input, block, (size_t)got)) break;
    count -= (size_t)got;
  }
  if (finish(&child, -1)) write_text(port, "done\n");
}

static void spawn(int port, size_t count, const char *path)
{
  char line[32];
  while (count-- > 0) {
    long long started_us = now_us();
    if (!run_once(path)) break;
    snprintf(line, sizeof line, "%lld\n", now_us() - started_us);
    write_text(port, line);
  }
  write_text(port, "done\n");
}

int main(int count, char **arguments)
{
  int port = count == 2 ? open(arguments[1], O_RDWR) : -1;
  if (port < 0) {
    perror("raw-port DEVICE");
    return 1;
  }
  for (;;) {
    char line[256], text[32], path[200];
    unsigned long size, times;
    read_line(port, line, sizeof line);
    if (sscanf(line, "echo %lu %lu", &size, &times) == 2) take(port, size * times, 1);
    else if (sscanf(line, "sink %lu %lu", &size, &times) == 2) {
      if (take(port, size * times, 0)) write_text(port, "done\n");
    } else if (sscanf(line, "source %lu %lu", &size, &times) == 2 && size <= BLOCK_MAX) give(port, size, times);
    else if (sscanf(line, "spawn %lu %199s", &times, path) == 2) spawn(port, times, path);
    else if (sscanf(line, "output %31s %199s", text, path) == 2) output(port, text, path);
    else if (sscanf(line, "input %lu %199s", &size, path) == 2) input(port, size, path);
  }
}
