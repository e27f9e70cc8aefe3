// The C interface from several threads at once, on the same handles; for the thread sanitizer, too.

#define _POSIX_C_SOURCE 200809L

#include <pthread.h>

#include "c_api_support.h"

enum { THREADS = 4, ROUNDS = 200 };

static const char kPiece[] = "\"name\":\"piece\"";
static const char kDocument[] = "{\"name\":\"py\",\"id\":\"" PARENT "\",\"trace_id\":\"" ROOT
                                "\",\"start_time\":1.5,\"end_time\":2}";

/// What every thread has.
struct shared {
  xtrace_tracer* tracer;
  xtrace_segment* segment;
  xtrace_segment* unsampled;
  pthread_mutex_t mutex;
  // Under the mutex.
  uint64_t documents;
  int pieces;
  int mistakes;
};

static void count_document(void* user, const char* json, size_t length) {
  struct shared* shared = user;
  int pieces = 0;
  for (const char* at = json; (at = strstr(at, kPiece)) != NULL; ++at) ++pieces;
  pthread_mutex_lock(&shared->mutex);
  ++shared->documents;
  shared->pieces += pieces;
  if (strlen(json) != length) ++shared->mistakes;
  pthread_mutex_unlock(&shared->mutex);
}

static void record_facts(xtrace_segment* segment, int round) {
  const xtrace_http_request request = {.size = sizeof request, .method = "GET", .url = "http://a/"};
  const xtrace_exception exception = {.size = sizeof exception, .type = "T", .message = "m"};
  xtrace_set_http_request(segment, &request);
  xtrace_set_http_response(segment, 200, round);
  xtrace_set_flags(segment, round % 2 == 0 ? XTRACE_FAULT : 0);
  xtrace_set_user(segment, "alice");
  xtrace_set_namespace(segment, XTRACE_REMOTE);
  xtrace_annotate_integer(segment, "round", round);
  xtrace_set_metadata_json(segment, "space", "list", "[1]");
  if (round == 0) xtrace_add_exception(segment, &exception, NULL, 0);
}

/// How many of the segment's answers are not what they are for every thread.
static int ask(const xtrace_segment* segment) {
  char id[XTRACE_TRACE_ID_SIZE];
  char header[XTRACE_TRACE_HEADER_SIZE];
  int mistakes = xtrace_trace_id(segment, id, sizeof id) != strlen(ROOT) || strcmp(id, ROOT) != 0;
  mistakes += xtrace_trace_header(segment, header, sizeof header) <= strlen("Root=" ROOT);
  mistakes += xtrace_traceparent(segment, NULL, 0) != 55;
  xtrace_get_flags(segment);
  xtrace_explain_decision(segment, header, sizeof header);
  return mistakes + xtrace_is_ended(segment);
}

static int do_round(struct shared* shared, int round) {
  xtrace_stats stats = {.size = sizeof stats};
  xtrace_error error;
  int mistakes = ask(shared->segment) + !xtrace_is_recorded(shared->segment);
  mistakes += xtrace_is_recorded(shared->unsampled) + !xtrace_is_ended(shared->unsampled);
  record_facts(shared->segment, round);
  record_facts(shared->unsampled, round);
  xtrace_push_current(shared->segment);
  xtrace_segment* piece = xtrace_begin_subsegment_here(shared->tracer, "piece", NULL);
  mistakes += ask(xtrace_current());
  xtrace_pop_current();
  xtrace_segment* again = xtrace_refer(piece);
  record_facts(piece, round);
  xtrace_end(piece);
  mistakes += !xtrace_is_ended(again);
  xtrace_end(again);
  xtrace_end(xtrace_begin_segment(shared->tracer, NULL));
  mistakes += !xtrace_emit_document(shared->tracer, kDocument, strlen(kDocument), NULL);
  mistakes += !xtrace_tracer_stats(shared->tracer, &stats);
  mistakes += xtrace_tracer_last_error(shared->tracer, &error);
  return mistakes;
}

static void* record_much(void* argument) {
  struct shared* shared = argument;
  int mistakes = 0;
  for (int round = 0; round < ROUNDS; ++round) mistakes += do_round(shared, round);
  pthread_mutex_lock(&shared->mutex);
  shared->mistakes += mistakes;
  pthread_mutex_unlock(&shared->mutex);
  return NULL;
}

static void* end_segment(void* segment) {
  xtrace_end(segment);
  return NULL;
}

static void every_thread_may_use_the_same_handles(void) {
  struct shared shared = {.mutex = PTHREAD_MUTEX_INITIALIZER};
  const xtrace_tracer_config config = {.size = sizeof config,
                                       .emitter = XTRACE_EMIT_TO_CALLBACK,
                                       .on_document = count_document,
                                       .sampling = XTRACE_SAMPLE_BY_RATE,
                                       .sampling_rate = 1,
                                       .user = &shared};
  shared.tracer = xtrace_tracer_create(&config, NULL);
  shared.segment = begin_with(shared.tracer, "Root=" ROOT ";Sampled=1");
  shared.unsampled = begin_with(shared.tracer, "Root=" ROOT ";Sampled=0");
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; ++i) {
    CHECK(pthread_create(&threads[i], NULL, record_much, &shared) == 0);
  }
  for (int i = 0; i < THREADS; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
  // Where it was not begun.
  CHECK(pthread_create(&threads[0], NULL, end_segment, shared.segment) == 0);
  CHECK(pthread_join(threads[0], NULL) == 0);
  xtrace_end(shared.unsampled);
  xtrace_stats stats = {.size = sizeof stats};
  CHECK(xtrace_tracer_stats(shared.tracer, &stats) && stats.documents == shared.documents);
  CHECK(stats.segments == THREADS * ROUNDS + 2 && stats.late_values == 0);
  CHECK(shared.pieces == THREADS * ROUNDS && shared.mistakes == 0);
  xtrace_tracer_destroy(shared.tracer);
}

void test_threads(void) {
  run("every_thread_may_use_the_same_handles", every_thread_may_use_the_same_handles);
}
