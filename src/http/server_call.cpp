#include <memory>
#include <utility>

#include <xtrace/clock.h>
#include <xtrace/server_call.h>

#include "http/server_connection.h"
#include "http/server_exchange.h"

namespace xtrace {

ServerCall::ServerCall(ServerExchange& exchange) : exchange_(&exchange) {
  exchange.set_call(this);
}

ServerCall::ServerCall(ServerCall&& other) noexcept
    : exchange_(std::exchange(other.exchange_, nullptr)) {
  if (exchange_ != nullptr) exchange_->set_call(this);
}

ServerCall& ServerCall::operator=(ServerCall&& other) noexcept {
  if (this == &other) return *this;
  let_go();
  exchange_ = std::exchange(other.exchange_, nullptr);
  if (exchange_ != nullptr) exchange_->set_call(this);
  return *this;
}

ServerCall::~ServerCall() {
  let_go();
}

void ServerCall::let_go() {
  if (ServerExchange* exchange = std::exchange(exchange_, nullptr)) exchange->give_up();
}

const IncomingRequest& ServerCall::request() const {
  static const IncomingRequest none;
  return exchange_ != nullptr ? exchange_->request() : none;
}

Address ServerCall::peer() const {
  return exchange_ != nullptr ? exchange_->connection().stream().remote_address() : Address();
}

Address ServerCall::local() const {
  return exchange_ != nullptr ? exchange_->connection().stream().local_address() : Address();
}

bool ServerCall::is_encrypted() const {
  return exchange_ != nullptr && exchange_->connection().is_encrypted();
}

TimePoint ServerCall::started() const {
  TimePoint present = now();
  if (exchange_ == nullptr) return present;
  present.wall -= present.tick - exchange_->started();
  present.tick = exchange_->started();
  return present;
}

bool ServerCall::is_open() const {
  return exchange_ != nullptr;
}

void ServerCall::set_body_limit(std::uint64_t bytes) {
  if (exchange_ != nullptr) exchange_->set_body_limit(bytes);
}

void ServerCall::read_body(Callback<Flow(Expected<std::span<const std::byte>>)> on_data) {
  if (exchange_ != nullptr) exchange_->read_body(std::move(on_data));
}

void ServerCall::resume() {
  if (exchange_ != nullptr) exchange_->resume();
}

void ServerCall::collect_body(Callback<void(Expected<std::string>)> on_body) {
  if (exchange_ != nullptr) exchange_->collect_body(std::move(on_body));
}

void ServerCall::add_header(std::string_view name, std::string_view value) {
  if (exchange_ != nullptr) exchange_->add_header(name, value);
}

void ServerCall::respond(int status, std::string_view content_type, std::string_view body) {
  if (exchange_ != nullptr) exchange_->respond(status, content_type, body);
}

void ServerCall::respond(ServerResponse response) {
  if (exchange_ != nullptr) exchange_->respond(std::move(response));
}

void ServerCall::abort() {
  if (exchange_ != nullptr) exchange_->abort();
}

void ServerCall::on_end(Callback<void(const ServerEnd&)> on_end) {
  if (exchange_ != nullptr) exchange_->on_end(std::move(on_end));
}

void collect_body(ServerCall call, Callback<void(ServerCall, Expected<std::string>)> on_body) {
  const auto held = std::make_shared<ServerCall>(std::move(call));
  held->collect_body([held, on_body = std::move(on_body)](Expected<std::string> body) mutable {
    on_body(std::move(*held), std::move(body));
  });
}

}  // namespace xtrace
