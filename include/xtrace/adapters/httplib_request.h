#pragma once

/// `HttplibRequestFacts` tells a `ServerTrace` what cpp-httplib read of a request.

#include <string>
#include <string_view>
#include <utility>

#include <httplib.h>

#include <xtrace/adapters/request_facts.h>
#include <xtrace/server_trace.h>

namespace xtrace {

/// Views into the request and into this, which must both live.
class HttplibRequestFacts {
 public:
  explicit HttplibRequestFacts(const httplib::Request& request) {
    facts_.method = request.method;
    facts_.scheme = is_encrypted(request) ? "https" : "http";
    facts_.host = value(request, "Host", host_);
    facts_.path = path_of_target(request.target);
    facts_.user_agent = value(request, "User-Agent", user_agent_);
    facts_.peer_ip = request.remote_addr;
    facts_.forwarded_for = value(request, "X-Forwarded-For", forwarded_for_);
    facts_.trace_header = value(request, "X-Amzn-Trace-Id", trace_header_);
    facts_.traceparent = value(request, "traceparent", traceparent_);
    facts_.tracestate = value(request, "tracestate", tracestate_);
  }
  HttplibRequestFacts(const HttplibRequestFacts&) = delete;
  HttplibRequestFacts& operator=(const HttplibRequestFacts&) = delete;
  ~HttplibRequestFacts() = default;

  const ServerRequestFacts& facts() const { return facts_; }

 private:
  template <class Request>
  static bool is_encrypted(const Request& request) {
    // Only there in builds of httplib with TLS.
    if constexpr (requires { request.ssl != nullptr; }) {
      return request.ssl != nullptr;
    } else {
      return false;
    }
  }

  template <class Request>
  static std::string_view value(const Request& request, const char* name, std::string& storage) {
    const auto fields = request.headers.equal_range(name);
    // Some versions keep fields in a hash table and lose their order: then nobody can say which
    // entry of an X-Forwarded-For is whose.
    if constexpr (requires { request.headers.bucket_count(); }) {
      if (fields.first != fields.second && std::next(fields.first) != fields.second) return {};
    }
    const auto value_of = [](const auto& field) -> std::string_view { return field.second; };
    return joined_fields(std::pair(fields.first, fields.second), value_of, storage);
  }

  ServerRequestFacts facts_{};
  std::string host_, user_agent_, forwarded_for_, trace_header_, traceparent_, tracestate_;
};

}  // namespace xtrace
