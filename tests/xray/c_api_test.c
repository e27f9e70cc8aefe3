// The C interface, from C: what is recorded, and what is current. The rest:
// c_api_tracer_test.c, c_api_text_test.c and c_api_threads_test.c.

#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "c_api_support.h"

static int passed, failed;
static bool is_good;

void check(bool claim, const char* text, const char* file, int line) {
  if (claim) return;
  is_good = false;
  printf("%s:%d: not true: %s\n", file, line, text);
}

void run(const char* name, void (*test)(void)) {
  is_good = true;
  test();
  if (!is_good) printf("failed: %s\n", name);
  is_good ? ++passed : ++failed;
}

static void keep_document(void* user, const char* json, size_t length) {
  struct kept* kept = user;
  CHECK(strlen(json) == length);
  if (kept->length + length + 2 > sizeof kept->text) abort();
  memcpy(kept->text + kept->length, json, length);
  kept->length += length;
  kept->text[kept->length++] = '\n';
  kept->text[kept->length] = '\0';
  ++kept->count;
}

static void keep_sentence(void* user, const char* sentence) {
  struct kept* kept = user;
  snprintf(kept->sentence, sizeof kept->sentence, "%s", sentence);
}

static void count_release(void* user) {
  ++((struct kept*)user)->released;
}

bool has(const struct kept* kept, const char* text) {
  if (strstr(kept->text, text) != NULL) return true;
  printf("%s\nlacks %s\n", kept->text, text);
  return false;
}

xtrace_tracer_config config_into(struct kept* kept) {
  xtrace_tracer_config config = {.size = sizeof config, .name = "orders"};
  memset(kept, 0, sizeof *kept);
  config.emitter = XTRACE_EMIT_TO_CALLBACK;
  config.on_document = keep_document;
  config.sampling = XTRACE_SAMPLE_BY_RATE;
  config.sampling_rate = 1;
  config.log = keep_sentence;
  config.user = kept;
  config.release = count_release;
  return config;
}

xtrace_tracer* tracer_into(struct kept* kept) {
  const xtrace_tracer_config config = config_into(kept);
  xtrace_error error;
  xtrace_tracer* tracer = xtrace_tracer_create(&config, &error);
  if (tracer == NULL) {
    printf("%s\n", error.message);
    abort();
  }
  return tracer;
}

xtrace_segment* begin_with(xtrace_tracer* tracer, const char* trace_header) {
  const xtrace_segment_options options = {.size = sizeof options, .trace_header = trace_header};
  return xtrace_begin_segment(tracer, &options);
}

static struct kept kept;

static void the_header_and_the_library_are_of_one_version(void) {
  char numbers[32];
  snprintf(numbers, sizeof numbers, "%d.%d.%d", XTRACE_VERSION_MAJOR, XTRACE_VERSION_MINOR,
           XTRACE_VERSION_PATCH);
  CHECK(strcmp(xtrace_version(), numbers) == 0);
  CHECK(xtrace_version_number() == XTRACE_VERSION_NUMBER);
}

static void every_fact_is_in_the_document(void) {
  xtrace_tracer* tracer = tracer_into(&kept);
  xtrace_segment* segment = xtrace_begin_segment(tracer, NULL);
  const xtrace_http_request request = {.size = sizeof request,
                                       .method = "POST",
                                       .url = "https://me:secret@shop.example.com/a?token=1",
                                       .client_ip = "192.0.2.7",
                                       .is_forwarded = true};
  xtrace_set_http_request(segment, &request);
  xtrace_set_http_response(segment, 429, 1234);
  xtrace_set_status(segment, 429);
  CHECK(xtrace_get_flags(segment) == (XTRACE_ERROR | XTRACE_THROTTLE));
  xtrace_set_flags(segment, XTRACE_FAULT);
  xtrace_set_user(segment, "alice");
  xtrace_set_origin(segment, "AWS::EC2::Instance");
  xtrace_set_service_version(segment, "1.2");
  xtrace_annotate_text(segment, "item", "book");
  xtrace_annotate_integer(segment, "count", INT64_MIN);
  xtrace_annotate_number(segment, "price", 1.5);
  xtrace_annotate_boolean(segment, "is_gift", true);
  xtrace_set_metadata_json(segment, "cart", "items", "[1,{\"a\":null}]");
  xtrace_set_metadata_text(segment, NULL, "note", "x");
  xtrace_set_metadata_integer(segment, "cart", "n", -3);
  xtrace_set_metadata_number(segment, "cart", "f", 0.25);
  xtrace_set_metadata_boolean(segment, "cart", "b", false);
  xtrace_add_link(segment, ROOT, PARENT);
  xtrace_segment* query = xtrace_begin_subsegment(segment, "db", NULL);
  const xtrace_sql sql = {.size = sizeof sql, .url = "postgresql://db/shop", .preparation = "call"};
  xtrace_set_sql(query, &sql);
  xtrace_set_namespace(query, XTRACE_REMOTE);
  xtrace_end(query);
  xtrace_segment* put = xtrace_begin_subsegment(segment, "S3", NULL);
  const xtrace_aws_call aws = {
      .size = sizeof aws, .operation = "PutObject", .retries = 2, .knows_retries = true};
  xtrace_set_aws_call(put, &aws);
  xtrace_set_aws_json(put, "table_names", "[\"t\"]");
  xtrace_set_namespace(put, XTRACE_AWS);
  xtrace_add_precursor(put, PARENT);
  xtrace_end_at(put, INT64_C(4102444800) * 1000000000);
  xtrace_end(segment);
  const char* const parts[] = {"\"url\":\"https://shop.example.com/a\"",
                               "\"x_forwarded_for\":true",
                               "\"content_length\":1234",
                               "\"fault\":true",
                               "\"user\":\"alice\"",
                               "\"origin\":\"AWS::EC2::Instance\"",
                               "\"version\":\"1.2\"",
                               "\"item\":\"book\"",
                               "\"count\":-9223372036854775808",
                               "\"price\":1.5",
                               "\"is_gift\":true",
                               "\"items\":[1,{\"a\":null}]",
                               "\"default\":{\"note\":\"x\"}",
                               "\"n\":-3",
                               "\"f\":0.25",
                               "\"b\":false",
                               "\"links\":[{\"trace_id\":\"" ROOT "\",\"id\":\"" PARENT "\"",
                               "\"preparation\":\"call\"",
                               "\"namespace\":\"remote\"",
                               "\"operation\":\"PutObject\"",
                               "\"retries\":2",
                               "\"table_names\":[\"t\"]",
                               "\"namespace\":\"aws\"",
                               "\"precursor_ids\":[\"" PARENT "\"]",
                               "\"end_time\":4102444800.000000"};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; ++i) CHECK(has(&kept, parts[i]));
  CHECK(strstr(kept.text, "secret") == NULL && strstr(kept.text, "throttle") == NULL);
  xtrace_tracer_destroy(tracer);
}

static void an_exception_has_its_stack_and_what_it_wraps(void) {
  xtrace_tracer* tracer = tracer_into(&kept);
  xtrace_segment* segment = xtrace_begin_segment(tracer, NULL);
  xtrace_segment* step = xtrace_begin_subsegment(segment, "step", NULL);
  xtrace_stack_frame frames[40] = {{"/srv/a.c", 7, "read_item"}, {"/srv/b.c", 0, NULL}};
  const xtrace_exception reset = {.size = sizeof reset, .type = "ECONNRESET", .is_remote = true};
  const xtrace_exception lost = {.size = sizeof lost,
                                 .type = "IoError",
                                 .message = "the item is lost",
                                 .stack = frames,
                                 .stack_length = 40,
                                 .cause = &reset};
  char id[XTRACE_SEGMENT_ID_SIZE];
  char cause[64];
  CHECK(xtrace_add_exception(step, &lost, id, sizeof id) == 16);
  xtrace_refer_to_exception(segment, id);
  CHECK(xtrace_get_flags(step) == XTRACE_FAULT && xtrace_get_flags(segment) == XTRACE_FAULT);
  xtrace_end(step);
  xtrace_end(segment);
  CHECK(has(&kept, "\"path\":\"/srv/a.c\",\"line\":7,\"label\":\"read_item\""));
  CHECK(has(&kept, "\"truncated\":8") && has(&kept, "\"message\":\"the item is lost\""));
  CHECK(has(&kept, "\"type\":\"ECONNRESET\"") && has(&kept, "\"remote\":true"));
  snprintf(cause, sizeof cause, "\"cause\":\"%s\"", id);
  CHECK(has(&kept, cause));
  xtrace_tracer_destroy(tracer);
}

static void* find_nothing_current(void* result) {
  *(xtrace_segment**)result = xtrace_current();
  xtrace_pop_current();
  return NULL;
}

static void what_is_pushed_is_current_until_it_is_popped(void) {
  xtrace_tracer* tracer = tracer_into(&kept);
  xtrace_segment* segment = begin_with(tracer, "Root=" ROOT ";Sampled=?");
  CHECK(xtrace_current() == NULL);
  xtrace_push_current(segment);
  xtrace_segment* query = xtrace_begin_subsegment_here(tracer, "query", NULL);
  xtrace_push_current(query);
  xtrace_annotate_integer(xtrace_current(), "rows", 3);
  xtrace_push_current(NULL);
  CHECK(xtrace_current() == NULL);
  xtrace_pop_current();
  char current[XTRACE_SEGMENT_ID_SIZE];
  char id[XTRACE_SEGMENT_ID_SIZE];
  CHECK(xtrace_segment_id(xtrace_current(), current, sizeof current) == 16);
  CHECK(xtrace_segment_id(query, id, sizeof id) == 16 && strcmp(current, id) == 0);
  xtrace_segment* elsewhere = segment;
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, find_nothing_current, &elsewhere) == 0);
  CHECK(pthread_join(thread, NULL) == 0 && elsewhere == NULL);
  xtrace_end(xtrace_current());
  CHECK(!xtrace_is_ended(query));
  xtrace_pop_current();
  CHECK(xtrace_answer_header(xtrace_current(), NULL, 0) > 0);
  xtrace_end(query);
  xtrace_end(segment);
  CHECK(xtrace_is_ended(xtrace_current()));
  xtrace_pop_current();
  xtrace_pop_current();
  CHECK(xtrace_current() == NULL);
  CHECK(kept.count == 1 && has(&kept, "\"rows\":3"));
  CHECK(xtrace_begin_subsegment_here(tracer, "query", NULL) == NULL);
  CHECK(strstr(kept.sentence, "no current segment") != NULL);
  xtrace_tracer_destroy(tracer);
}

int main(void) {
  const char* const variables[] = {"AWS_XRAY_CONTEXT_MISSING", "AWS_XRAY_DAEMON_ADDRESS",
                                   "AWS_XRAY_NOOP_ID",         "AWS_XRAY_SDK_DISABLED",
                                   "AWS_XRAY_SDK_ENABLED",     "AWS_XRAY_TRACING_NAME"};
  for (size_t i = 0; i < sizeof variables / sizeof *variables; ++i) unsetenv(variables[i]);
#define RUN(test) run(#test, test)
  RUN(the_header_and_the_library_are_of_one_version);
  RUN(every_fact_is_in_the_document);
  RUN(an_exception_has_its_stack_and_what_it_wraps);
  RUN(what_is_pushed_is_current_until_it_is_popped);
  test_texts();
  test_threads();
  test_tracers();
  printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
