#pragma once

/// `record_into` hooks everything a request tells, for tests of what is told and in which order.

#include <string>
#include <vector>

#include <xtrace/client_trace.h>

namespace xtrace::testing {

using Events = std::vector<std::string>;

/// Writes every event down by its hook's name, with what tells one call from another.
inline ClientTrace record_into(Events& events) {
  const auto failed = [](const Error* error) {
    return error == nullptr ? std::string() : " " + std::string(to_string(error->code));
  };
  ClientTrace trace;
  trace.get_conn = [&events](std::string_view) { events.emplace_back("get_conn"); };
  trace.got_conn = [&events](const GotConnInfo& info) {
    events.emplace_back(info.reused ? "got_conn reused" : "got_conn");
  };
  trace.got_conn_failed = [&events](const Error&) { events.emplace_back("got_conn_failed"); };
  trace.put_idle_conn = [&events, failed](const Error* error) {
    events.push_back("put_idle_conn" + failed(error));
  };
  trace.dns_start = [&events](std::string_view host) {
    events.push_back("dns_start " + std::string(host));
  };
  trace.dns_done = [&events, failed](const DnsDoneInfo& info) {
    events.push_back("dns_done " + std::to_string(info.addresses.size()) + failed(info.error));
  };
  trace.connect_start = [&events](std::string_view network, const Address&) {
    events.push_back("connect_start " + std::string(network));
  };
  trace.connect_done = [&events, failed](std::string_view network, const Address&,
                                         const Error* error) {
    events.push_back("connect_done " + std::string(network) + failed(error));
  };
  trace.proxy_start = [&events](std::string_view) { events.emplace_back("proxy_start"); };
  trace.proxy_done = [&events, failed](const Error* error) {
    events.push_back("proxy_done" + failed(error));
  };
  trace.tls_handshake_start = [&events] { events.emplace_back("tls_handshake_start"); };
  trace.tls_handshake_done = [&events, failed](const TlsInfo*, const Error* error) {
    events.push_back("tls_handshake_done" + failed(error));
  };
  trace.wrote_header_field = [&events](std::string_view name, std::string_view value) {
    if (name == "X-Test") events.push_back("wrote_header_field " + std::string(value));
  };
  trace.wrote_headers = [&events] { events.emplace_back("wrote_headers"); };
  trace.wait_100_continue = [&events] { events.emplace_back("wait_100_continue"); };
  trace.wrote_request = [&events, failed](const WroteRequestInfo& info) {
    events.push_back("wrote_request" + failed(info.error));
  };
  trace.got_first_response_byte = [&events] { events.emplace_back("got_first_response_byte"); };
  trace.got_1xx_response = [&events](int status, const Headers&) {
    events.push_back("got_1xx_response " + std::to_string(status));
  };
  trace.got_100_continue = [&events] { events.emplace_back("got_100_continue"); };
  trace.got_response_head = [&events](const Response& response) {
    events.push_back("got_response_head " + std::to_string(response.status));
  };
  trace.redirected = [&events](int status, const Url& to) {
    events.push_back("redirected " + std::to_string(status) + " " + to.path());
  };
  trace.retry_scheduled = [&events](const RetryInfo& retry) {
    events.push_back("retry_scheduled " + std::to_string(retry.attempt));
  };
  trace.race_started = [&events](const RaceInfo& race) {
    events.push_back("race_started " + std::to_string(race.attempt));
  };
  trace.attempt_redundant = [&events](int attempt) {
    events.push_back("attempt_redundant " + std::to_string(attempt));
  };
  trace.request_done = [&events](const Timeline& timeline) {
    events.emplace_back(timeline.error ? "request_done failed" : "request_done");
  };
  return trace;
}

}  // namespace xtrace::testing
