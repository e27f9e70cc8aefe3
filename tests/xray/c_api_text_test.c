// The C interface's texts: headers in and out, ids, sentences.

#include <stdio.h>

#include "c_api_support.h"

static struct kept kept;

static void a_trace_goes_on_from_header_to_header(void) {
  xtrace_tracer* tracer = tracer_into(&kept);
  xtrace_segment* segment =
      begin_with(tracer, "Root=" ROOT ";Parent=" PARENT ";Sampled=1;Lineage=a");
  const xtrace_subsegment_options options = {
      .size = sizeof options, .name_space = XTRACE_REMOTE, .id = "00c0ffee00c0ffee"};
  xtrace_segment* call = xtrace_begin_subsegment(segment, "payment.example.com", &options);
  char text[XTRACE_TRACE_HEADER_SIZE];
  const char* expected = "Root=" ROOT ";Parent=00c0ffee00c0ffee;Sampled=1;Lineage=a";
  CHECK(xtrace_trace_header(call, text, sizeof text) == strlen(expected));
  CHECK(strcmp(text, expected) == 0);
  CHECK(xtrace_traceparent(call, text, XTRACE_TRACEPARENT_SIZE) == XTRACE_TRACEPARENT_SIZE - 1);
  CHECK(strcmp(text, "00-58ed602714afb2e09172c337713486c0-00c0ffee00c0ffee-01") == 0);
  CHECK(xtrace_tracestate(call, text, sizeof text) > 0 && strcmp(text, "xtrace=Lineage:a") == 0);
  CHECK(xtrace_trace_id(call, text, XTRACE_TRACE_ID_SIZE) == XTRACE_TRACE_ID_SIZE - 1);
  CHECK(strcmp(text, ROOT) == 0);
  CHECK(xtrace_explain_decision(segment, text, sizeof text) > 0 && strstr(text, "caller") != NULL);
  CHECK(xtrace_answer_header(segment, text, sizeof text) == 0 && text[0] == '\0');
  xtrace_end(call);
  CHECK(kept.count == 0);
  xtrace_end(segment);
  CHECK(kept.count == 1);
  CHECK(has(&kept, "\"parent_id\":\"" PARENT "\"") && has(&kept, "\"namespace\":\"remote\""));
  xtrace_tracer_destroy(tracer);
  CHECK(kept.released == 1);
}

static void a_header_of_many_fields_goes_on_whole(void) {
  xtrace_tracer* tracer = tracer_into(&kept);
  char incoming[1024] = "Root=" ROOT ";Parent=" PARENT ";Sampled=1";
  for (int i = 0; i < 94; ++i) sprintf(incoming + strlen(incoming), ";%c=%c", '!' + i, '!' + i);
  xtrace_segment* segment = begin_with(tracer, incoming);
  char text[XTRACE_TRACE_HEADER_SIZE];
  CHECK(xtrace_trace_header(segment, text, sizeof text) == 338 && strlen(text) == 338);
  xtrace_end(segment);
  xtrace_tracer_destroy(tracer);
}

static void the_answer_says_what_was_decided_where_it_was_asked(void) {
  xtrace_tracer* tracer = tracer_into(&kept);
  xtrace_segment* segment = begin_with(tracer, "Root=" ROOT ";Sampled=?");
  xtrace_segment* reference = xtrace_refer(segment);
  char text[XTRACE_TRACE_HEADER_SIZE];
  CHECK(xtrace_answer_header(reference, text, sizeof text) > 0);
  CHECK(strcmp(text, "Root=" ROOT ";Sampled=1") == 0);
  xtrace_end(segment);
  CHECK(kept.count == 1 && xtrace_is_ended(reference));
  xtrace_end(reference);
  CHECK(kept.count == 1);
  xtrace_tracer_destroy(tracer);
}

static void w3c_headers_continue_a_trace(void) {
  xtrace_tracer* tracer = tracer_into(&kept);
  const xtrace_segment_options options = {
      .size = sizeof options, .traceparent = "00-58ed602714afb2e09172c337713486c0-" PARENT "-00"};
  xtrace_segment* segment = xtrace_begin_segment(tracer, &options);
  char text[XTRACE_TRACE_HEADER_SIZE];
  CHECK(!xtrace_is_recorded(segment));
  CHECK(xtrace_trace_header(segment, text, sizeof text) > 0);
  CHECK(strcmp(text, "Root=" ROOT ";Sampled=0") == 0);
  xtrace_end(segment);
  CHECK(kept.count == 0);
  xtrace_tracer_destroy(tracer);
}

static void a_text_that_does_not_fit_is_not_written_at_all(void) {
  char id[XTRACE_SEGMENT_ID_SIZE] = "untouched";
  CHECK(xtrace_generate_segment_id(NULL, 0) == 16);
  CHECK(xtrace_generate_segment_id(id, 16) == 16 && id[0] == '\0');
  CHECK(xtrace_generate_segment_id(id, sizeof id) == 16 && strlen(id) == 16);
  char trace[XTRACE_TRACE_ID_SIZE];
  CHECK(xtrace_parse_trace_id(" 58ED602714AFB2E09172C337713486C0", trace, sizeof trace, NULL) ==
        35);
  CHECK(strcmp(trace, ROOT) == 0);
  xtrace_error error = {0};
  CHECK(xtrace_parse_segment_id("c0ffee", id, sizeof id, &error) == 0 && id[0] == '\0');
  CHECK(error.code == XTRACE_INVALID_DOCUMENT && strlen(error.message) > 10);
}

static void a_sentence_that_is_too_long_is_cut_between_characters(void) {
  xtrace_tracer_config config = config_into(&kept);
  char path[801] = "/";
  while (strlen(path) + 2 < sizeof path) strcat(path, "\xC3\xA9");
  config.emitter = XTRACE_EMIT_TO_FILE;
  config.emit_file = path;
  xtrace_error error;
  CHECK(xtrace_tracer_create(&config, &error) == NULL && error.code == XTRACE_EMIT_FAILED);
  CHECK(strlen(error.message) == sizeof error.message - 2);
  CHECK(strcmp(error.message + strlen(error.message) - 2, "\xC3\xA9") == 0);
}

void test_texts(void) {
#define RUN(test) run(#test, test)
  RUN(a_trace_goes_on_from_header_to_header);
  RUN(a_header_of_many_fields_goes_on_whole);
  RUN(the_answer_says_what_was_decided_where_it_was_asked);
  RUN(w3c_headers_continue_a_trace);
  RUN(a_text_that_does_not_fit_is_not_written_at_all);
  RUN(a_sentence_that_is_too_long_is_cut_between_characters);
}
