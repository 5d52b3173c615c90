#include "CHTTP.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>

static pthread_once_t initialized = PTHREAD_ONCE_INIT;

static void initialize(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

static size_t header(char *line, size_t size, size_t count, void *context) {
  const chttp_request *request = context;
  return request->on_header(request->context, line, size * count) ? 0 : size * count;
}

static size_t body(char *bytes, size_t size, size_t count, void *context) {
  const chttp_request *request = context;
  const unsigned char *data = (const unsigned char *)bytes;
  return request->on_body(request->context, data, size * count) ? 0 : size * count;
}

static int progress(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total,
                    curl_off_t up_now) {
  (void)total, (void)now, (void)up_total, (void)up_now;
  const chttp_request *request = context;
  return request->should_stop(request->context);
}

static chttp_outcome outcome(CURLcode code) {
  switch (code) {
  case CURLE_OK:
    return CHTTP_DONE;
  case CURLE_WRITE_ERROR:
  case CURLE_ABORTED_BY_CALLBACK:
    return CHTTP_STOPPED;
  case CURLE_URL_MALFORMAT:
  case CURLE_UNSUPPORTED_PROTOCOL:
  case CURLE_TOO_MANY_REDIRECTS:
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CACERT_BADFILE:
  case CURLE_OUT_OF_MEMORY:
  case CURLE_FAILED_INIT:
    return CHTTP_REFUSED;
  default:
    return CHTTP_BROKEN;
  }
}

chttp_outcome chttp_get(const chttp_request *request, char *message, size_t message_size) {
  pthread_once(&initialized, initialize);
  char error[CURL_ERROR_SIZE] = "";
  CURLcode code = CURLE_FAILED_INIT;
  struct curl_slist *headers = NULL;
  CURL *curl = curl_easy_init();
  if (!curl) goto done;

  code = CURLE_OUT_OF_MEMORY;
  for (size_t i = 0; i < request->header_count; i++) {
    struct curl_slist *longer = curl_slist_append(headers, request->headers[i]);
    if (!longer) goto done;
    headers = longer;
  }
#define SET(option, value)                                                                         \
  do {                                                                                             \
    if ((code = curl_easy_setopt(curl, option, value)) != CURLE_OK) goto done;                     \
  } while (0)
  SET(CURLOPT_ERRORBUFFER, error);
  SET(CURLOPT_URL, request->url);
  SET(CURLOPT_HTTPHEADER, headers);
  SET(CURLOPT_USERAGENT, request->user_agent);
  if (request->direct) SET(CURLOPT_PROXY, "");
  SET(CURLOPT_FOLLOWLOCATION, 1L);
  SET(CURLOPT_MAXREDIRS, 10L);
#if LIBCURL_VERSION_NUM >= 0x075500
  SET(CURLOPT_PROTOCOLS_STR, "http,https");
  SET(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
  SET(CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
  SET(CURLOPT_REDIR_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
  // No signals for time-outs: they do not mix with threads.
  SET(CURLOPT_NOSIGNAL, 1L);
  SET(CURLOPT_CONNECTTIMEOUT, request->connect_seconds);
  SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
  SET(CURLOPT_LOW_SPEED_TIME, request->stall_seconds);
  SET(CURLOPT_BUFFERSIZE, 256L * 1024);
  SET(CURLOPT_HEADERFUNCTION, header);
  SET(CURLOPT_HEADERDATA, (void *)request);
  SET(CURLOPT_WRITEFUNCTION, body);
  SET(CURLOPT_WRITEDATA, (void *)request);
  SET(CURLOPT_XFERINFOFUNCTION, progress);
  SET(CURLOPT_XFERINFODATA, (void *)request);
  SET(CURLOPT_NOPROGRESS, 0L);
#undef SET
  code = curl_easy_perform(curl);

done:
  if (code == CURLE_OK) error[0] = 0;
  snprintf(message, message_size, "%s",
           code == CURLE_OK ? "" : error[0] ? error : curl_easy_strerror(code));
  curl_slist_free_all(headers);
  if (curl) curl_easy_cleanup(curl);
  return outcome(code);
}
