#pragma once

/// The tracer behind the C interface's handle.

#include <cstddef>

#include <xtrace/c_tracer.h>
#include <xtrace/tracer.h>

// NOLINTNEXTLINE(readability-identifier-naming): the type that C knows
struct xtrace_tracer {
  explicit xtrace_tracer(const xtrace::FinalizedTracerConfig& config)
      : tracer(config), document_limit(config.values().limits.bytes) {}

  // mutable: what asks it for numbers has a tracer that it may not change.
  mutable xtrace::Tracer tracer;
  const std::size_t document_limit;
};
