// The C interface's tracer: settings, emitters, samplers, documents of others, late ones, NULL and
// fork.

#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "c_api_support.h"

static struct kept kept;

static bool refuses(const xtrace_tracer_config* config, int code, const char* word) {
  xtrace_error error = {0};
  xtrace_tracer* tracer = xtrace_tracer_create(config, &error);
  xtrace_tracer_destroy(tracer);
  if (tracer == NULL && error.code == code && strstr(error.message, word) != NULL) return true;
  printf("%d %s\n", error.code, error.message);
  return false;
}

static void settings_that_make_no_sense_are_refused_by_name(void) {
  xtrace_tracer_config config = config_into(&kept);
  config.sampling_rate = 1.5;
  CHECK(refuses(&config, XTRACE_INVALID_CONFIG, "sampling_rate"));
  config.sampling = XTRACE_SAMPLE_BY_MANIFEST;
  config.sampling_manifest = "{\"version\":2,\"rules\":[]}";
  CHECK(refuses(&config, XTRACE_INVALID_CONFIG, "sampling_manifest"));
  config.sampling = 7;
  CHECK(refuses(&config, XTRACE_INVALID_CONFIG, "sampling"));
  config = config_into(&kept);
  config.on_document = NULL;
  CHECK(refuses(&config, XTRACE_INVALID_CONFIG, "on_document"));
  config.emitter = XTRACE_EMIT_TO_FILE;
  config.emit_file = "/nowhere/at/all";
  CHECK(refuses(&config, XTRACE_EMIT_FAILED, "/nowhere/at/all"));
  config = config_into(&kept);
  config.daemon_address = "host:port:2000";
  CHECK(refuses(&config, XTRACE_INVALID_CONFIG, "daemon_address"));
  CHECK(setenv("AWS_XRAY_SDK_ENABLED", "perhaps", 1) == 0);
  CHECK(refuses(NULL, XTRACE_INVALID_CONFIG, "AWS_XRAY_SDK_ENABLED"));
  CHECK(unsetenv("AWS_XRAY_SDK_ENABLED") == 0);
  CHECK(kept.released == 0);
}

static void a_struct_may_be_of_another_version(void) {
  struct {
    xtrace_tracer_config known;
    void* newer;
  } config = {config_into(&kept), NULL};
  config.known.size = sizeof config;
  xtrace_tracer* tracer = xtrace_tracer_create(&config.known, NULL);
  CHECK(tracer != NULL);
  config.newer = &config;
  CHECK(refuses(&config.known, XTRACE_INVALID_CONFIG, "newer version"));
  // A caller that knows the name alone.
  xtrace_segment_options options = {.size = offsetof(xtrace_segment_options, trace_header),
                                    .name = "first",
                                    .trace_header = "Root=" ROOT ";Sampled=0"};
  xtrace_end(xtrace_begin_segment(tracer, &options));
  CHECK(kept.count == 1 && has(&kept, "\"name\":\"first\""));
  xtrace_stats stats = {.size = offsetof(xtrace_stats, sampled), .sampled = 77};
  CHECK(xtrace_tracer_stats(tracer, &stats) && stats.segments == 1 && stats.sampled == 77);
  stats.size = 0;
  CHECK(xtrace_tracer_stats(tracer, &stats) && stats.sampled == 1 && stats.size == sizeof stats);
  struct {
    xtrace_stats known;
    uint64_t newer;
  } more = {.known = {.size = sizeof more}, .newer = 77};
  CHECK(xtrace_tracer_stats(tracer, &more.known) && more.known.sampled == 1 && more.newer == 0);
  xtrace_tracer_destroy(tracer);
}

static void a_manifest_decides_by_what_is_asked_for(void) {
  xtrace_tracer_config config = config_into(&kept);
  config.sampling = XTRACE_SAMPLE_BY_MANIFEST;
  config.sampling_manifest =
      "{\"version\":2,\"rules\":[{\"host\":\"shop.*\",\"http_method\":\"GET\",\"url_path\":\"/a\","
      "\"fixed_target\":0,\"rate\":1}],\"default\":{\"fixed_target\":0,\"rate\":0}}";
  xtrace_tracer* tracer = xtrace_tracer_create(&config, NULL);
  xtrace_segment_options options = {.size = sizeof options, .method = "GET", .host = "shop.x"};
  options.path = "/a";
  xtrace_segment* sampled = xtrace_begin_segment(tracer, &options);
  options.path = "/b";
  xtrace_segment* other = xtrace_begin_segment(tracer, &options);
  options.path = "/a";
  options.host = "bank.x";
  xtrace_end(xtrace_begin_segment(tracer, &options));
  CHECK(xtrace_is_recorded(sampled) && other != NULL && !xtrace_is_recorded(other));
  xtrace_end(sampled);
  xtrace_end(other);
  xtrace_stats stats = {.size = sizeof stats};
  CHECK(xtrace_tracer_stats(tracer, &stats));
  CHECK(stats.segments == 3 && stats.sampled == 1 && stats.documents == 1 && stats.sent == 1);
  CHECK(stats.bytes == kept.length - 1 && !stats.knows_receiver_drops);
  xtrace_tracer_destroy(tracer);
}

static void a_file_gets_a_line_for_each_document(void) {
  char path[] = "/tmp/xtrace-c-api-XXXXXX";
  CHECK(close(mkstemp(path)) == 0);
  xtrace_tracer_config config = config_into(&kept);
  config.emitter = XTRACE_EMIT_TO_FILE;
  config.emit_file = path;
  xtrace_tracer* tracer = xtrace_tracer_create(&config, NULL);
  xtrace_end(xtrace_begin_segment(tracer, NULL));
  xtrace_end(xtrace_begin_segment(tracer, NULL));
  xtrace_tracer_destroy(tracer);
  FILE* file = fopen(path, "r");
  char line[1024];
  int lines = 0;
  while (fgets(line, sizeof line, file) != NULL) lines += strstr(line, "\"orders\"") != NULL;
  CHECK(lines == 2);
  fclose(file);
  unlink(path);
}

static void the_daemon_gets_a_datagram_for_each_document(void) {
  const int receiver = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t length = sizeof address;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(bind(receiver, (struct sockaddr*)&address, length) == 0);
  CHECK(getsockname(receiver, (struct sockaddr*)&address, &length) == 0);
  const struct timeval limit = {.tv_sec = 10};
  CHECK(setsockopt(receiver, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0);
  char text[64];
  snprintf(text, sizeof text, "127.0.0.1:%d", ntohs(address.sin_port));
  CHECK(setenv("AWS_XRAY_DAEMON_ADDRESS", text, 1) == 0);
  CHECK(setenv("AWS_XRAY_CONTEXT_MISSING", "RUNTIME_ERROR", 1) == 0);
  xtrace_tracer* tracer = xtrace_tracer_create(NULL, NULL);
  CHECK(unsetenv("AWS_XRAY_DAEMON_ADDRESS") == 0 && unsetenv("AWS_XRAY_CONTEXT_MISSING") == 0);
  CHECK(xtrace_begin_subsegment_here(tracer, "nobody asked", NULL) == NULL);
  xtrace_end(begin_with(tracer, "Root=" ROOT ";Sampled=1"));
  xtrace_tracer_flush(tracer);
  CHECK(xtrace_tracer_drain(tracer, INT64_MAX));
  char datagram[2048] = "";
  const ssize_t got = recv(receiver, datagram, sizeof datagram - 1, 0);
  const char* header = "{\"format\":\"json\",\"version\":1}\n{";
  CHECK(got > 0 && strncmp(datagram, header, strlen(header)) == 0);
  CHECK(strstr(datagram, "\"trace_id\":\"" ROOT "\"") != NULL);
  xtrace_stats stats = {.size = sizeof stats};
  CHECK(xtrace_tracer_stats(tracer, &stats) && stats.sent == 1 && stats.missing_contexts == 1);
  xtrace_error error;
  CHECK(!xtrace_tracer_last_error(tracer, &error));
  xtrace_tracer_destroy(tracer);
  close(receiver);
}

static bool is_refused(xtrace_tracer* tracer, const char* json, const char* word) {
  xtrace_error error = {0};
  const bool is_taken = xtrace_emit_document(tracer, json, strlen(json), &error);
  if (!is_taken && error.code == XTRACE_INVALID_DOCUMENT && strstr(error.message, word))
    return true;
  printf("%d %s\n", error.code, error.message);
  return false;
}

#define DOCUMENT(end) \
  "{\"name\":\"py\",\"id\":\"" PARENT "\",\"trace_id\":\"" ROOT "\",\"start_time\":1.5" end

static void a_document_of_others_is_checked_before_it_is_sent(void) {
  xtrace_tracer_config config = config_into(&kept);
  config.max_document_bytes = 4096;
  xtrace_tracer* tracer = xtrace_tracer_create(&config, NULL);
  const char* good = " " DOCUMENT(",\"end_time\":2}") "\n";
  CHECK(xtrace_emit_document(tracer, good, strlen(good), NULL));
  CHECK(kept.count == 1 && strncmp(kept.text, good + 1, strlen(good) - 2) == 0);
  CHECK(is_refused(tracer, DOCUMENT("}"), "end_time"));
  CHECK(is_refused(tracer, DOCUMENT(""), "ends"));
  CHECK(is_refused(tracer, DOCUMENT(",}"), "byte"));
  CHECK(is_refused(tracer, DOCUMENT(",\"end_time\":2}{}"), "behind"));
  CHECK(is_refused(tracer, "", "object"));
  CHECK(kept.count == 1);
  char large[12000];
  const int head = snprintf(large, sizeof large, "%s",
                            DOCUMENT(",\"end_time\":2,\"metadata\":{\"default\":{\"a\":\""));
  memset(large + head, 'x', 10000);
  memcpy(large + head + 10000, "\"}}}", 5);
  CHECK(xtrace_emit_document(tracer, large, strlen(large), NULL));
  CHECK(kept.count == 2 && has(&kept, "[10000 bytes, cut]"));
  xtrace_stats stats = {.size = sizeof stats};
  CHECK(xtrace_tracer_stats(tracer, &stats) && stats.truncated == 1 && stats.documents == 2);
  xtrace_tracer_destroy(tracer);
}

static void what_outlives_its_parent_is_a_document_of_its_own(void) {
  xtrace_tracer* tracer = tracer_into(&kept);
  xtrace_segment* segment = xtrace_begin_segment(tracer, NULL);
  xtrace_announce(segment);
  CHECK(kept.count == 1 && has(&kept, "\"in_progress\":true"));
  const xtrace_subsegment_options options = {.size = sizeof options, .may_outlive_parent = true};
  xtrace_segment* late = xtrace_begin_subsegment(segment, "late", &options);
  xtrace_end(segment);
  CHECK(kept.count == 2 && !xtrace_is_ended(late));
  xtrace_tracer_destroy(tracer);
  CHECK(kept.released == 0);
  xtrace_end(late);
  CHECK(kept.count == 3 && kept.released == 1 && has(&kept, "\"type\":\"subsegment\""));
}

static void a_facade_is_not_sent_and_its_subsegments_are(void) {
  xtrace_tracer* tracer = tracer_into(&kept);
  xtrace_segment* facade = xtrace_begin_facade(tracer, "Root=" ROOT ";Parent=" PARENT ";Sampled=1");
  xtrace_end(xtrace_begin_subsegment(facade, "work", NULL));
  xtrace_end(facade);
  CHECK(kept.count == 1 && has(&kept, "\"parent_id\":\"" PARENT "\""));
  xtrace_tracer_destroy(tracer);
}

static void nothing_is_a_handle_too(void) {
  xtrace_tracer_config config = config_into(&kept);
  config.is_disabled = true;
  xtrace_tracer* tracer = xtrace_tracer_create(&config, NULL);
  CHECK(xtrace_tracer_is_disabled(tracer) && xtrace_begin_segment(tracer, NULL) == NULL);
  xtrace_tracer_destroy(tracer);
  char text[8] = "before";
  CHECK(xtrace_begin_segment(NULL, NULL) == NULL && xtrace_begin_facade(NULL, NULL) == NULL);
  CHECK(xtrace_begin_subsegment(NULL, "a", NULL) == NULL && xtrace_refer(NULL) == NULL);
  CHECK(xtrace_trace_header(NULL, text, sizeof text) == 0 && text[0] == '\0');
  CHECK(xtrace_add_exception(NULL, NULL, text, 0) == 0 && xtrace_get_flags(NULL) == 0);
  CHECK(!xtrace_emit_document(NULL, "{}", 2, NULL) && !xtrace_tracer_stats(NULL, NULL));
  xtrace_error error = {.code = -1, .message = "before"};
  CHECK(!xtrace_emit_document(NULL, "{}", 2, &error) && error.code == XTRACE_OK);
  CHECK(error.message[0] == '\0');
  CHECK(xtrace_is_ended(NULL) && !xtrace_is_recorded(NULL) && xtrace_tracer_drain(NULL, 0));
  xtrace_annotate_text(NULL, "a", "b");
  xtrace_set_metadata_json(NULL, NULL, NULL, NULL);
  xtrace_set_status(NULL, 500);
  xtrace_announce(NULL);
  xtrace_end(NULL);
  xtrace_tracer_flush(NULL);
  xtrace_tracer_destroy(NULL);
}

static void after_a_fork_an_open_segment_is_the_parents(void) {
  xtrace_tracer* tracer = tracer_into(&kept);
  xtrace_segment* segment = begin_with(tracer, "Root=" ROOT ";Sampled=1");
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    const size_t length = xtrace_trace_header(segment, NULL, 0);
    xtrace_annotate_text(segment, "who", "child");
    xtrace_end(segment);
    const bool is_silent = kept.count == 0 && length > strlen("Root=" ROOT);
    xtrace_end(xtrace_begin_segment(tracer, NULL));
    _exit(is_silent && kept.count == 1 ? 0 : 1);
  }
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child && status == 0);
  xtrace_end(segment);
  CHECK(kept.count == 1 && strstr(kept.text, "child") == NULL);
  xtrace_tracer_destroy(tracer);
}

void test_tracers(void) {
#define RUN(test) run(#test, test)
  RUN(settings_that_make_no_sense_are_refused_by_name);
  RUN(a_struct_may_be_of_another_version);
  RUN(a_manifest_decides_by_what_is_asked_for);
  RUN(a_file_gets_a_line_for_each_document);
  RUN(the_daemon_gets_a_datagram_for_each_document);
  RUN(a_document_of_others_is_checked_before_it_is_sent);
  RUN(what_outlives_its_parent_is_a_document_of_its_own);
  RUN(a_facade_is_not_sent_and_its_subsegments_are);
  RUN(nothing_is_a_handle_too);
  RUN(after_a_fork_an_open_segment_is_the_parents);
}
