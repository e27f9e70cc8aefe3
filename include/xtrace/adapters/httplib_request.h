#pragma once

/// `HttplibRequestFacts` tells a `ServerTrace` what cpp-httplib read of a request.

#include <iterator>
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
    facts_.path = path_of_target(request.target);
    facts_.peer_ip = request.remote_addr;
    const auto named = [&request](const char* name) { return fields_of(request.headers, name); };
    const auto value_of = [](const auto& field) -> std::string_view { return field.second; };
    read_header_fields(named, value_of, facts_, joined_);
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

  template <class Headers, class Iterator = typename Headers::const_iterator>
  static std::pair<Iterator, Iterator> fields_of(const Headers& headers, const char* name) {
    const std::pair<Iterator, Iterator> fields = headers.equal_range(name);
    // Some versions keep fields in a hash table and lose their order: then nobody can say which
    // entry of an X-Forwarded-For is whose.
    if constexpr (requires { headers.bucket_count(); }) {
      const auto [first, last] = fields;
      if (first != last && std::next(first) != last) return {last, last};
    }
    return fields;
  }

  ServerRequestFacts facts_{};
  JoinedFields joined_{};
};

}  // namespace xtrace
