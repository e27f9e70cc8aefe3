#include <algorithm>
#include <cstdlib>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <typeinfo>

#include <cxxabi.h>

#include <xtrace/segment_context.h>

#include "xray/recording.h"

namespace xtrace {

namespace {

constexpr std::size_t kMaxExceptions = 32;
constexpr std::size_t kMaxFrames = 32;

std::size_t count_of(const List<ExceptionRecord>& exceptions) {
  std::size_t count = 0;
  for ([[maybe_unused]] const ExceptionRecord& exception : exceptions) ++count;
  return count;
}

void keep_stack(SegmentTree& tree, ExceptionRecord& record, std::span<const StackFrame> stack) {
  for (const StackFrame& frame : stack.first(std::min(stack.size(), kMaxFrames))) {
    FrameRecord& kept = record.stack.append(tree.memory);
    keep_short_text(tree, kept.path, frame.path);
    kept.line = frame.line;
    keep_short_text(tree, kept.label, frame.label);
  }
  record.cut_frames = stack.size() - std::min(stack.size(), kMaxFrames);
}

/// Keeps the exception and those it wraps, outermost first. Returns the id of the first.
SegmentId keep_exceptions(SegmentTree& tree, SegmentNode& node, const ExceptionFacts& outermost) {
  node.flags.fault = true;
  SegmentId first{};
  std::size_t count = count_of(node.exceptions);
  ExceptionRecord* wrapper = nullptr;
  for (const ExceptionFacts* at = &outermost; at != nullptr; at = at->cause) {
    if (count == kMaxExceptions) {
      ++node.cut_exceptions;
      ++tree.corrected;
      continue;
    }
    ExceptionRecord& record = node.exceptions.append(tree.memory);
    ++count;
    record.id = SegmentId::generate();
    keep_short_text(tree, record.type, at->type);
    record.message.assign(tree.memory, at->message);
    record.origin = at->origin;
    keep_stack(tree, record, at->stack);
    if (wrapper != nullptr) wrapper->has_cause = true;
    wrapper = &record;
    if (at == &outermost) first = record.id;
  }
  return first;
}

std::string type_name(const std::exception& exception) {
  const char* mangled = typeid(exception).name();
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> readable{
      abi::__cxa_demangle(mangled, nullptr, nullptr, &status), &std::free};
  return status == 0 ? readable.get() : mangled;
}

using AddChain = const std::function<void(const ExceptionFacts*)>&;

/// Calls `add` with the facts of the exception and of those nested in it. Recursion keeps each
/// nested exception alive while it is read.
void describe_innermost_first(const std::exception& exception, std::size_t depth, AddChain add);

void describe_nested(const std::exception& exception, std::size_t depth, AddChain add) {
  if (depth == kMaxExceptions) return add(nullptr);
  try {
    std::rethrow_if_nested(exception);
  } catch (const std::exception& nested) {
    return describe_innermost_first(nested, depth + 1, add);
  } catch (...) {
    const ExceptionFacts unknown{.type = "unknown", .message = "not a std::exception"};
    return add(&unknown);
  }
  add(nullptr);
}

void describe_innermost_first(const std::exception& exception, std::size_t depth, AddChain add) {
  const std::string type = type_name(exception);
  describe_nested(exception, depth, [&](const ExceptionFacts* nested) {
    const ExceptionFacts facts{.type = type, .message = exception.what(), .cause = nested};
    add(&facts);
  });
}

}  // namespace

SegmentId SegmentContext::add_exception(const ExceptionFacts& exception) const {
  SegmentId id{};
  record(tree_, node_, [&id, &exception](SegmentTree& tree, SegmentNode& node) {
    id = keep_exceptions(tree, node, exception);
  });
  return id;
}

SegmentId SegmentContext::add_exception(std::string_view type, std::string_view message,
                                        ExceptionOrigin origin) const {
  return add_exception({.type = type, .message = message, .origin = origin});
}

SegmentId SegmentContext::add_exception(const std::exception& exception) const {
  SegmentId id{};
  if (node_ == nullptr) return id;
  describe_innermost_first(
      exception, 1, [this, &id](const ExceptionFacts* facts) { id = add_exception(*facts); });
  return id;
}

void SegmentContext::refer_to_exception(const SegmentId& exception) const {
  record(tree_, node_, [&exception](SegmentTree&, SegmentNode& node) {
    node.flags.fault = true;
    node.cause_elsewhere = exception;
  });
}

}  // namespace xtrace
