#pragma once

/// `ServerExchange` is one request and its answer on a connection: what a `ServerCall` stands for.
///
/// A connection has one, used again for each request with the memory it has. It knows the handler's
/// side (who reads the body, what is answered, who wants to know the end); the connection knows the
/// bytes. What it calls may destroy the connection, and this with it.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/server_call.h>

#include "http/message_writer.h"
#include "http/server_head.h"

namespace xtrace {

class ServerConnection;

class ServerExchange {
 public:
  explicit ServerExchange(ServerConnection& connection) : connection_(connection) {}
  ServerExchange(const ServerExchange&) = delete;
  ServerExchange& operator=(const ServerExchange&) = delete;
  ~ServerExchange();

  // -- for the connection ----------------------------------------------------------------------
  /// A request came; `request` stays as it is until the exchange is over. Null where its head was
  /// refused.
  void begin(const IncomingRequest* request, Tick started);
  ServerCall make_call() { return ServerCall(*this); }

  /// Somebody reads the body and takes more of it now.
  bool wants_body() const { return is_reading_ && reader_; }
  bool has_body_reader() const { return static_cast<bool>(reader_); }
  void give_body(std::span<const std::byte> piece);
  /// The body is complete.
  void end_body();
  /// The body broke the rules or a limit: tells its reader, and answers if nobody has.
  void refuse(int status, Error reason);

  /// Answers with 500, instead of what was to be sent and came to nothing.
  void fail(Error reason);
  /// Nothing of the answer has left, nor is on its way.
  bool may_replace_answer() const;

  bool is_answered() const { return writer_.has_value(); }
  /// The server answers, since the handler's own answer came to nothing.
  bool has_failed() const { return end_.error.has_value(); }
  bool is_waiting_for_source() const { return writer_ && writer_->waits_for_source(); }
  /// Of the answer under way nothing but the end of the connection tells the end.
  bool ends_with_connection() const { return writer_ && writer_->ends_with_connection(); }
  /// Body bytes of the answer that the kernel took.
  std::uint64_t bytes_sent() const { return writer_ ? writer_->body_bytes_sent() : 0; }
  /// The exchange is over: whole, or for `error`. Tells the body's reader, where it waits, and who
  /// asked for the end.
  void end(std::optional<Error> error, std::uint64_t request_body_bytes);

  // -- for the call ------------------------------------------------------------------------------
  const IncomingRequest& request() const { return *request_; }
  const ServerConnection& connection() const { return connection_; }
  Tick started() const { return started_; }
  void set_body_limit(std::uint64_t bytes);
  void read_body(Callback<Flow(Expected<std::span<const std::byte>>)> on_data);
  void collect_body(Callback<void(Expected<std::string>)> on_body);
  void resume();
  void add_header(std::string_view name, std::string_view value);
  void respond(int status, std::string_view content_type, std::string_view body);
  void respond(ServerResponse response);
  void abort();
  void on_end(Callback<void(const ServerEnd&)> on_end) { on_end_.push_back(std::move(on_end)); }
  /// The call goes, or is somewhere else now.
  void set_call(ServerCall* call) { call_ = call; }
  void give_up();

 private:
  void write_head(int status, const AnswerFraming& framing);
  void start_answer(int status, std::unique_ptr<BodySource> source, std::size_t body_in_head = 0);
  void tell_reader(Expected<std::span<const std::byte>> piece);
  void let_call_go();
  std::unique_ptr<BodySource> take_source();
  bool is_head_request() const { return request_ != nullptr && request_->method == "HEAD"; }

  ServerConnection& connection_;
  const IncomingRequest* request_ = nullptr;
  ServerCall* call_ = nullptr;  // the handler's handle, while it has one
  Tick started_{};

  Callback<Flow(Expected<std::span<const std::byte>>)> reader_;
  bool is_reading_ = false;
  std::string collected_;
  Callback<void(Expected<std::string>)> on_collected_;

  std::string extra_fields_;  // of `add_header`
  std::string head_;          // and small bodies
  std::string body_;
  std::optional<MessageWriter> writer_;  // from the answer's beginning to its end
  ServerEnd end_;
  std::vector<Callback<void(const ServerEnd&)>> on_end_;
};

}  // namespace xtrace
