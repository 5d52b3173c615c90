#ifndef CHTTP_H
#define CHTTP_H

#include <stddef.h>

/// One HTTP GET made by libcurl. Options of libcurl are variadic and cannot be set from Swift, hence this layer.
///
/// Redirects are followed, to http and https only. Bodies of redirects are not delivered.
typedef struct {
  const char *url;
  /// Header fields of the request, each "Name: value".
  const char *const *headers;
  size_t header_count;
  const char *user_agent;
  /// Non-zero: past the proxy that the environment names.
  int direct;
  /// Seconds to wait for a connection.
  long connect_seconds;
  /// Seconds without a byte after which the transfer is given up.
  long stall_seconds;

  void *context;
  /// One line of a response's header, status line included, of every response on the way. Non-zero stops.
  int (*on_header)(void *context, const char *line, size_t count);
  /// Some bytes of the body. Non-zero stops.
  int (*on_body)(void *context, const unsigned char *bytes, size_t count);
  /// Called at least every second or so. Non-zero stops.
  int (*should_stop)(void *context);
} chttp_request;

typedef enum {
  CHTTP_DONE = 0,
  /// A callback stopped it.
  CHTTP_STOPPED,
  /// The connection could not be made or broke, or the body ended early: trying again may help.
  CHTTP_BROKEN,
  /// It cannot work like this: an address that is none, a certificate that is refused.
  CHTTP_REFUSED,
} chttp_outcome;

/// `message` receives libcurl's own words on what went wrong, empty when all is well.
chttp_outcome chttp_get(const chttp_request *request, char *message, size_t message_size);

#endif
