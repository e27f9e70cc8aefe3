// A service in C that sends X-Ray segments: nested calls, a header to send on, an exception.
// `c [REQUESTS [TRACE_HEADER]]`.

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <xtrace/xtrace.h>

// Code that knows nothing of segments but the tracer: it finds the current one by itself.
static bool read_stock(xtrace_tracer* tracer, int item) {
  const xtrace_subsegment_options options = {.size = sizeof options, .name_space = XTRACE_REMOTE};
  xtrace_segment* query = xtrace_begin_subsegment_here(tracer, "stock@db.internal", &options);
  const xtrace_sql sql = {.size = sizeof sql,
                          .url = "postgresql://db.internal/shop",
                          .sanitized_query = "SELECT amount FROM stock WHERE item = ?",
                          .database_type = "PostgreSQL"};
  xtrace_set_sql(query, &sql);
  const bool is_there = item % 10 != 9;
  if (!is_there) {
    const xtrace_stack_frame frame = {__FILE__, __LINE__, __func__};
    const xtrace_exception exception = {.size = sizeof exception,
                                        .type = "NoSuchItem",
                                        .message = "the stock has no such item",
                                        .stack = &frame,
                                        .stack_length = 1};
    xtrace_add_exception(query, &exception, NULL, 0);
  }
  xtrace_end(query);
  return is_there;
}

// A call to another service: what goes into its request is the subsegment's trace header.
static void call_payment(xtrace_segment* segment) {
  const xtrace_subsegment_options options = {.size = sizeof options, .name_space = XTRACE_REMOTE};
  xtrace_segment* call = xtrace_begin_subsegment(segment, "payment.example.com", &options);
  const xtrace_http_request request = {
      .size = sizeof request, .method = "POST", .url = "https://payment.example.com/v1/charges"};
  xtrace_set_http_request(call, &request);
  char header[XTRACE_TRACE_HEADER_SIZE];
  xtrace_trace_header(call, header, sizeof header);
  printf("POST /v1/charges  X-Amzn-Trace-Id: %s\n", header);
  xtrace_set_status(call, 201);
  xtrace_end(call);
}

static void serve(xtrace_tracer* tracer, int item, const char* trace_header) {
  const xtrace_segment_options options = {.size = sizeof options,
                                          .trace_header = trace_header,
                                          .method = "POST",
                                          .host = "shop.example.com",
                                          .path = "/orders"};
  xtrace_segment* segment = xtrace_begin_segment(tracer, &options);
  xtrace_annotate_integer(segment, "item", item);
  xtrace_push_current(segment);
  const bool is_there = read_stock(tracer, item);
  if (is_there) call_payment(segment);
  xtrace_pop_current();
  xtrace_set_status(segment, is_there ? 200 : 500);
  xtrace_end(segment);  // its document goes to the daemon
}

int main(int argc, char** argv) {
  const int requests = argc > 1 ? atoi(argv[1]) : 10;
  if (requests < 1) {
    fprintf(stderr, "c: the first argument is a number of requests, the second a trace header\n");
    return 2;
  }
  xtrace_tracer_config config = {.size = sizeof config, .name = "orders"};
  config.sampling = XTRACE_SAMPLE_BY_RATE;
  config.sampling_rate = 1;
  xtrace_error error;
  xtrace_tracer* tracer = xtrace_tracer_create(&config, &error);
  if (tracer == NULL) {
    fprintf(stderr, "c: %s\n", error.message);
    return 2;
  }
  for (int item = 0; item < requests; ++item) serve(tracer, item, argc > 2 ? argv[2] : NULL);
  xtrace_tracer_drain(tracer, INT64_C(1000000000));
  xtrace_stats stats = {.size = sizeof stats};
  xtrace_tracer_stats(tracer, &stats);
  printf("%llu documents sent, %llu not\n", (unsigned long long)stats.sent,
         (unsigned long long)(stats.refused + stats.queued));
  if (xtrace_tracer_last_error(tracer, &error)) fprintf(stderr, "c: %s\n", error.message);
  xtrace_tracer_destroy(tracer);
  return 0;
}
