#pragma once

/// The trace headers of a request as the front of the application's own header list. Part of
/// adapters/curl.h.

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <curl/curl.h>

#include <xtrace/http.h>
#include <xtrace/segment_context.h>
#include <xtrace/trace_header.h>
#include <xtrace/trace_id.h>

namespace xtrace {

/// libcurl reads a list of headers when it sends a request, and neither copies nor frees it. So the
/// nodes in front are ours, the application's list hangs behind them untouched, and the id of the
/// parent is written over in place before each physical request. Stays where it is while a handle
/// has its list.
class CurlHeaders {
 public:
  CurlHeaders() = default;
  CurlHeaders(const CurlHeaders&) = delete;
  CurlHeaders& operator=(const CurlHeaders&) = delete;
  ~CurlHeaders() = default;

  /// What to give to CURLOPT_HTTPHEADER for a request below `parent`, with `own` behind it. Trace
  /// headers that `own` has are left out, as other clients' adapters replace them.
  curl_slist* begin(const SegmentContext& parent, curl_slist* own, bool with_traceparent) {
    count_ = 0;
    std::string& text = next("X-Amzn-Trace-Id: ");
    parent.append_trace_header(text);
    const std::size_t at = text.find(";Parent=");
    parent_at_ = at == std::string::npos ? at : at + 8;
    traceparent_at_ = std::string::npos;
    if (with_traceparent) add_traceparent(parent);
    curl_slist* tail = without_ours(own);
    for (std::size_t i = count_; i > 0; --i) {
      nodes_[i - 1] = {.data = texts_[i - 1].data(), .next = tail};
      tail = &nodes_[i - 1];
    }
    return tail;
  }

  /// Names the next physical request's parent.
  void name(const SegmentId& id) {
    if (parent_at_ != std::string::npos) {
      texts_[0].replace(parent_at_, SegmentId::kLength, id.text());
    }
    if (traceparent_at_ != std::string::npos) {
      texts_[1].replace(traceparent_at_, SegmentId::kLength, id.text());
    }
  }

 private:
  static constexpr std::size_t kMost = 3;
  static constexpr std::size_t kFlags = 3;  // `-01`, the end of a traceparent

  std::string& next(std::string_view beginning) {
    std::string& text = texts_[count_++];
    text = beginning;
    return text;
  }

  // W3C has no trace without a parent, recorded or not.
  void add_traceparent(const SegmentContext& parent) {
    TraceHeader header = parent.trace_header();
    if (header.parent.empty()) header.parent = SegmentId::generate().text();
    const std::string own = header.to_traceparent();
    if (own.empty()) return;
    next("traceparent: ") += own;
    traceparent_at_ = texts_[1].size() - kFlags - SegmentId::kLength;
    const std::string state = header.to_tracestate();
    if (!state.empty()) next("tracestate: ") += state;
  }

  bool is_ours(std::string_view line) const {
    const std::string_view name = line.substr(0, line.find_first_of(":;"));
    for (std::size_t i = 0; i < count_; ++i) {
      const std::string_view text = texts_[i];
      if (equals_ignoring_case(name, text.substr(0, text.find(':')))) return true;
    }
    return traceparent_at_ != std::string::npos && equals_ignoring_case(name, "tracestate");
  }

  curl_slist* without_ours(curl_slist* own) {
    std::size_t length = 0;
    bool has_ours = false;
    for (const curl_slist* node = own; node != nullptr; node = node->next, ++length) {
      has_ours = has_ours || is_ours(node->data);
    }
    if (!has_ours) return own;
    others_.clear();
    others_.reserve(length);
    for (const curl_slist* node = own; node != nullptr; node = node->next) {
      if (is_ours(node->data)) continue;
      others_.push_back({.data = node->data, .next = nullptr});
      if (others_.size() > 1) others_[others_.size() - 2].next = &others_.back();
    }
    return others_.empty() ? nullptr : others_.data();
  }

  std::array<std::string, kMost> texts_{};
  std::array<curl_slist, kMost> nodes_{};
  std::size_t count_ = 0;
  std::size_t parent_at_ = std::string::npos;       // in texts_[0]
  std::size_t traceparent_at_ = std::string::npos;  // in texts_[1]
  std::vector<curl_slist> others_{};
};

}  // namespace xtrace
