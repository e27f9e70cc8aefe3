#pragma once

/// What the tests of the C interface share: claims that are counted, and a tracer whose documents
/// stay here.

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <xtrace/xtrace.h>

#define ROOT "1-58ed6027-14afb2e09172c337713486c0"
#define PARENT "48af77592b6dd73f"

#define CHECK(claim) check((claim), #claim, __FILE__, __LINE__)

void check(bool claim, const char* text, const char* file, int line);

/// What one tracer gave away: its documents, one a line.
struct kept {
  char text[131072];
  size_t length;
  int count;
  int released;
  char sentence[256];
};

/// Emits to `kept`, which it clears, and records every trace.
xtrace_tracer_config config_into(struct kept* kept);
xtrace_tracer* tracer_into(struct kept* kept);
xtrace_segment* begin_with(xtrace_tracer* tracer, const char* trace_header);
/// Whether a text is in the documents; shows them where it is not.
bool has(const struct kept* kept, const char* text);

/// Of c_api_text_test.c, c_api_threads_test.c and c_api_tracer_test.c.
void test_texts(void);
void test_threads(void);
void test_tracers(void);

/// Runs one case and counts it.
void run(const char* name, void (*test)(void));
