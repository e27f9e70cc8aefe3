#pragma once

/// Every hook of `ClientTrace` with its name and its fields as text: the one list that whatever
/// concerns all hooks goes through. A hook that is missing here does not compile.

#include <functional>
#include <string_view>
#include <tuple>

#include <xtrace/client_trace.h>

#include "client/event_text.h"

namespace xtrace {

/// `describe` takes an `EventText&` and what the hook is told.
template <class Describe, class... Args>
struct Hook {
  std::function<void(Args...)> ClientTrace::*member;
  std::string_view name;
  Describe describe;
};

template <class Describe, class... Args>
constexpr Hook<Describe, Args...> make_hook(std::function<void(Args...)> ClientTrace::*member,
                                            std::string_view name, Describe describe) {
  return {member, name, describe};
}

template <class... Args>
constexpr auto make_hook(std::function<void(Args...)> ClientTrace::*member, std::string_view name) {
  return make_hook(member, name, [](EventText&, Args...) {});
}

inline constexpr auto kConnectionHooks = std::tuple(
    make_hook(&ClientTrace::get_conn, "get_conn",
              [](EventText& text, std::string_view host_port) { text.add("host", host_port); }),
    make_hook(&ClientTrace::got_conn, "got_conn",
              [](EventText& text, const GotConnInfo& info) {
                text.add_flag("reused", info.reused);
                text.add_flag("was_idle", info.was_idle);
                if (info.was_idle) text.add_milliseconds("idle_ms", info.idle_time);
                text.add("local", info.local.to_string());
                text.add("remote", info.remote.to_string());
              }),
    make_hook(&ClientTrace::got_conn_failed, "got_conn_failed",
              [](EventText& text, const Error& error) { text.add_error(&error); }),
    make_hook(&ClientTrace::put_idle_conn, "put_idle_conn",
              [](EventText& text, const Error* error) { text.add_error(error); }),
    make_hook(&ClientTrace::dns_start, "dns_start",
              [](EventText& text, std::string_view host) { text.add("host", host); }),
    make_hook(&ClientTrace::dns_done, "dns_done",
              [](EventText& text, const DnsDoneInfo& info) {
                text.add_hosts("addresses", info.addresses);
                text.add_flag("coalesced", info.coalesced);
                text.add_error(info.error);
              }),
    make_hook(&ClientTrace::connect_start, "connect_start",
              [](EventText& text, std::string_view network, const Address& address) {
                text.add("network", network);
                text.add("address", address.to_string());
              }),
    make_hook(
        &ClientTrace::connect_done, "connect_done",
        [](EventText& text, std::string_view network, const Address& address, const Error* error) {
          text.add("network", network);
          text.add("address", address.to_string());
          text.add_error(error);
        }),
    make_hook(&ClientTrace::proxy_start, "proxy_start",
              [](EventText& text, std::string_view proxy) { text.add("proxy", proxy); }),
    make_hook(&ClientTrace::proxy_done, "proxy_done",
              [](EventText& text, const Error* error) { text.add_error(error); }),
    make_hook(&ClientTrace::tls_handshake_start, "tls_handshake_start"),
    make_hook(&ClientTrace::tls_handshake_done, "tls_handshake_done",
              [](EventText& text, const TlsInfo* info, const Error* error) {
                text.add_error(error);
                if (info == nullptr) return;
                text.add("version", info->version);
                text.add("cipher", info->cipher);
                text.add_flag("resumed", info->resumed);
                text.add("alpn", info->alpn);
                text.add_flag("verified", info->verified);
              }));

inline constexpr auto kExchangeHooks = std::tuple(
    // Values may be secrets.
    make_hook(
        &ClientTrace::wrote_header_field, "wrote_header_field",
        [](EventText& text, std::string_view name, std::string_view) { text.add("name", name); }),
    make_hook(&ClientTrace::wrote_headers, "wrote_headers"),
    make_hook(&ClientTrace::wait_100_continue, "wait_100_continue"),
    make_hook(&ClientTrace::wrote_request, "wrote_request",
              [](EventText& text, const WroteRequestInfo& info) { text.add_error(info.error); }),
    make_hook(&ClientTrace::got_first_response_byte, "got_first_response_byte"),
    make_hook(
        &ClientTrace::got_1xx_response, "got_1xx_response",
        [](EventText& text, int status, const Headers&) { text.add_number("status", status); }),
    make_hook(&ClientTrace::got_100_continue, "got_100_continue"),
    make_hook(&ClientTrace::got_response_head, "got_response_head",
              [](EventText& text, const Response& response) {
                text.add_number("status", response.status);
              }),
    make_hook(&ClientTrace::request_done, "request_done",
              [](EventText& text, const Timeline& timeline) {
                text.add_milliseconds("total_ms", timeline.total);
                text.add_error(timeline.error ? &*timeline.error : nullptr);
              }),
    make_hook(&ClientTrace::redirected, "redirected",
              [](EventText& text, int status, const Url& to) {
                text.add_number("status", status);
                text.add("to", to.redacted());
              }),
    make_hook(&ClientTrace::retry_scheduled, "retry_scheduled",
              [](EventText& text, const RetryInfo& info) {
                text.add_number("attempt", info.attempt);
                text.add_milliseconds("delay_ms", info.delay);
                text.add_error(info.error);
              }),
    make_hook(&ClientTrace::race_started, "race_started",
              [](EventText& text, const RaceInfo& info) {
                text.add_number("attempt", info.attempt);
                text.add_number("racing", info.racing);
                text.add_milliseconds("after_ms", info.after);
              }),
    make_hook(&ClientTrace::attempt_redundant, "attempt_redundant",
              [](EventText& text, int attempt) { text.add_number("attempt", attempt); }));

inline constexpr auto kHooks = std::tuple_cat(kConnectionHooks, kExchangeHooks);

static_assert(sizeof(ClientTrace) ==
                  std::tuple_size_v<decltype(kHooks)> * sizeof(std::function<void()>),
              "every hook of ClientTrace stands here once");

/// Calls `visit` with each `Hook`.
template <class Visit>
void for_each_hook(Visit visit) {
  std::apply([&visit](const auto&... hook) { (visit(hook), ...); }, kHooks);
}

}  // namespace xtrace
