#include "http/server_exchange.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/life.h"
#include "http/server_connection.h"

namespace xtrace {

namespace {

// Copying this much costs less than a second packet; the writer of messages has the same limit.
constexpr std::size_t kSmallBody = std::size_t{16} * 1024;
// A connection keeps the memory of its answers' heads, but none for bodies.
constexpr std::size_t kMostHeadKept = std::size_t{32} * 1024;
constexpr int kFailed = 500;

}  // namespace

ServerExchange::~ServerExchange() {
  let_call_go();
}

void ServerExchange::begin(const IncomingRequest* request, Tick started) {
  request_ = request;
  started_ = started;
  extra_fields_.clear();
  end_ = {};
}

// -- the request's body ---------------------------------------------------------------------------

void ServerExchange::set_body_limit(std::uint64_t bytes) {
  connection_.set_body_limit(bytes);
}

void ServerExchange::read_body(Callback<Flow(Expected<std::span<const std::byte>>)> on_data) {
  XTRACE_ASSERT(!reader_);
  reader_ = std::move(on_data);
  resume();
}

void ServerExchange::resume() {
  is_reading_ = true;
  connection_.on_body_wanted();
}

void ServerExchange::collect_body(Callback<void(Expected<std::string>)> on_body) {
  collected_.clear();
  if (const auto length = request_->content_length) {
    collected_.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*length, kMostHeadKept)));
  }
  on_collected_ = std::move(on_body);
  read_body([this](const Expected<std::span<const std::byte>>& piece) {
    if (piece && !piece->empty()) {
      collected_.append(reinterpret_cast<const char*>(piece->data()), piece->size());
      return Flow::proceed;
    }
    Callback<void(Expected<std::string>)> on_collected = std::move(on_collected_);
    if (const Error* error = piece.if_error()) {
      on_collected(*error);
    } else {
      on_collected(std::move(collected_));
    }
    return Flow::pause;
  });
}

void ServerExchange::give_body(std::span<const std::byte> piece) {
  tell_reader(piece);
}

void ServerExchange::end_body() {
  tell_reader(std::span<const std::byte>());
}

void ServerExchange::tell_reader(Expected<std::span<const std::byte>> piece) {
  const Life::Watch watch(connection_.life());
  const bool is_last = !piece || piece->empty();
  auto reader = std::move(reader_);
  is_reading_ = false;  // so that a `resume` of the reader itself shows
  const Flow flow = reader(std::move(piece));
  if (watch.is_over() || is_last) return;
  reader_ = std::move(reader);
  if (flow == Flow::proceed) is_reading_ = true;
}

void ServerExchange::refuse(int status, Error reason) {
  const Life::Watch watch(connection_.life());
  let_call_go();
  end_.error = reason;
  if (reader_) tell_reader(reason);
  if (watch.is_over() || is_answered()) return;
  extra_fields_.clear();
  respond(status, "text/plain; charset=utf-8", std::move(reason.message) + "\n");
}

// -- the answer -----------------------------------------------------------------------------------

void ServerExchange::add_header(std::string_view name, std::string_view value) {
  if (!is_servers_own_field(name)) append_field(extra_fields_, name, value);
}

void ServerExchange::respond(int status, std::string_view content_type, std::string_view body) {
  XTRACE_ASSERT(!is_answered());
  body_.clear();
  write_head(status, {.content_length = body.size()});
  if (!content_type.empty()) append_field(head_, "Content-Type", content_type);
  head_ += "\r\n";
  if (is_head_request() || !may_have_body(status)) body = {};
  const bool is_small = body.size() <= kSmallBody;
  (is_small ? head_ : body_).append(body);
  start_answer(status, nullptr, is_small ? body.size() : 0);
}

void ServerExchange::respond(ServerResponse response) {
  XTRACE_ASSERT(!is_answered());
  AnswerFraming framing{.content_length = response.body.size()};
  if (response.source) {
    framing.content_length = response.source->size();
    framing.is_chunked = !framing.content_length && request_->version_minor > 0;
  }
  const bool has_body = !is_head_request() && may_have_body(response.status);
  if (has_body && !framing.content_length && !framing.is_chunked) connection_.close_after_answer();
  write_head(response.status, framing);
  for (const Header& field : response.headers) {
    if (!is_servers_own_field(field.name)) append_field(head_, field.name, field.value);
  }
  head_ += "\r\n";
  body_ = has_body && !response.source ? std::move(response.body) : std::string();
  start_answer(response.status, has_body ? std::move(response.source) : nullptr);
}

void ServerExchange::write_head(int status, const AnswerFraming& framing) {
  XTRACE_ASSERT(status >= 200 && status <= 999);
  head_.clear();
  begin_head(head_, status, connection_.date());
  if (may_have_body(status)) append_framing(head_, framing);
  const bool is_old = request_ != nullptr && request_->version_minor == 0;
  if (!connection_.decide_keep_alive()) {
    head_ += "Connection: close\r\n";
  } else if (is_old) {
    head_ += "Connection: keep-alive\r\n";
  }
  head_ += extra_fields_;
}

void ServerExchange::start_answer(int status, std::unique_ptr<BodySource> source,
                                  std::size_t body_in_head) {
  end_.status = status;
  const bool has_source = source != nullptr;
  const bool ends_with_connection = has_source && !source->size() && request_->version_minor == 0;
  writer_.emplace(
      connection_.loop(), connection_.stream(), head_, body_, std::move(source),
      MessageWriter::Events{
          .on_head_sent = [] {},
          .on_sent = [this](const Expected<void>& sent) { connection_.on_answer_sent(sent); }});
  if (ends_with_connection) writer_->end_with_connection();
  writer_->count_in_head(body_in_head);
  connection_.when_writable([this] { writer_->start(MessageWriter::Body::follows); });
}

void ServerExchange::abort() {
  connection_.count_unanswered();
  connection_.break_off(
      Error{Error::Code::unanswered, Phase::none, "the handler closed the connection"});
}

void ServerExchange::give_up() {
  call_ = nullptr;
  if (is_answered()) return;
  fail(Error{Error::Code::unanswered, Phase::none,
             "the handler dropped the call without an answer"});
}

bool ServerExchange::may_replace_answer() const {
  return !writer_->has_sent_anything() && !writer_->is_writing() && end_.status != kFailed;
}

void ServerExchange::fail(Error reason) {
  const auto source = take_source();
  writer_.reset();
  connection_.count_unanswered();
  end_.error = std::move(reason);
  extra_fields_.clear();
  respond(kFailed, "text/plain; charset=utf-8", "The service gave no answer.\n");
}

// -- the end --------------------------------------------------------------------------------------

void ServerExchange::end(std::optional<Error> error, std::uint64_t request_body_bytes) {
  let_call_go();
  end_.request_body_bytes = request_body_bytes;
  end_.response_body_bytes = bytes_sent();
  if (error) end_.error = std::move(error);
  auto source = take_source();
  writer_.reset();
  request_ = nullptr;
  if (body_.capacity() > kMostHeadKept) std::string().swap(body_);
  // All of it leaves first: what is called, or goes, may destroy this.
  auto reader = std::move(reader_);
  is_reading_ = false;
  const ServerEnd how = std::move(end_);
  auto listeners = std::move(on_end_);
  on_end_.clear();
  const Life::Watch watch(connection_.life());
  source.reset();
  if (reader) {
    const Error unread = how.error.value_or(
        Error{Error::Code::cancelled, Phase::none, "the request was answered before its end"});
    reader(unread);
  }
  for (auto& listener : listeners) listener(how);
  reader = nullptr;
  listeners.clear();
  if (watch.is_over()) return;
  on_end_ = std::move(listeners);  // the memory
  if (collected_.capacity() > kMostHeadKept) std::string().swap(collected_);
}

std::unique_ptr<BodySource> ServerExchange::take_source() {
  return writer_ ? writer_->take_source() : nullptr;
}

void ServerExchange::let_call_go() {
  if (call_ != nullptr) call_->exchange_ = nullptr;
  call_ = nullptr;
}

}  // namespace xtrace
