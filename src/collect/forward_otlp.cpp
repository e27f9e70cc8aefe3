#include "collect/forward_otlp.h"

#include <algorithm>
#include <utility>

#include <xtrace/server_says.h>

#include "base/json_writer.h"
#include "collect/document_facts.h"
#include "collect/otlp_export.h"
#include "collect/value_reader.h"

namespace xtrace::collect {

namespace {

constexpr std::size_t kLongestAnswer = std::size_t{1} << 20U;
// What a server may ask to be left alone for.
constexpr Duration kLongestAsked = std::chrono::minutes(2);

ClientConfig forward_client(const ForwardOtlpConfig& config) {
  ClientConfig client;
  client.name = "otlp-forward";
  client.redirects.are_followed = false;
  client.timeouts.total = config.request_limit;
  client.max_buffered_body = kLongestAnswer;
  return client;
}

/// Those that OTLP's protocol lets a client send again.
bool is_worth_retrying(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

/// `{"partialSuccess":{"rejectedSpans":"2","errorMessage":"..."}}`
std::uint64_t rejected_spans_of(std::string_view body, std::string& message) {
  std::int64_t rejected = 0;
  std::deque<std::string> decoded;
  ValueReader reader(body, decoded);
  reader.object([&](std::string_view key) {
    if (key != "partialSuccess") return reader.skip();
    reader.object([&](std::string_view member) {
      if (member == "rejectedSpans") {
        rejected = reader.count().value_or(0);
      } else if (member == "errorMessage") {
        message = reader.text();
      } else {
        reader.skip();
      }
    });
  });
  return static_cast<std::uint64_t>(rejected);
}

}  // namespace

Expected<std::unique_ptr<ForwardOtlp>> ForwardOtlp::make(Loop& loop, ForwardOtlpConfig config) {
  auto client = finalize_config(forward_client(config));
  if (const Error* error = client.if_error()) return *error;
  return std::unique_ptr<ForwardOtlp>(new ForwardOtlp(loop, std::move(config), *client));
}

ForwardOtlp::ForwardOtlp(Loop& loop, ForwardOtlpConfig config, const FinalizedClientConfig& client)
    : config_(std::move(config)),
      queue_(config_.queue_bytes),
      backoff_(config_.first_retry, config_.longest_retry),
      timer_(loop),
      limit_(loop),
      next_turn_(loop),
      client_(loop, client) {}

ForwardOtlp::~ForwardOtlp() = default;

void ForwardOtlp::take(std::string_view document) {
  ++documents_;
  queue_.push(document);
  schedule();
}

/// Where a batch is under way or waits to be sent again, its end sees to the rest.
void ForwardOtlp::schedule() {
  if (batch_ || queue_.is_empty()) return;
  const bool is_full =
      queue_.size() >= config_.batch_spans || queue_.bytes() >= config_.batch_bytes;
  if (is_full || is_closing_) {
    if (!next_turn_.is_pending()) next_turn_.call([this] { send_next(); });
  } else if (!timer_.is_armed()) {
    timer_.arm(config_.batch_delay, [this] { send_next(); });
  }
}

void ForwardOtlp::send_next() {
  if (batch_) return;
  timer_.disarm();
  build();
  if (batch_->documents > 0) return send();
  batch_.reset();
  if (!queue_.is_empty()) return schedule();
  finish_close();
}

/// Takes documents until the batch is full, or so many of them that the loop's others may go on.
void ForwardOtlp::build() {
  ForwardBatch& batch = batch_.emplace();
  batch.begun = tick_now();
  JsonWriter json(batch.body);
  json.begin_object();
  json.key("resourceSpans");
  json.begin_array();
  for (std::size_t looked = 0;
       !queue_.is_empty() && looked < config_.batch_spans && batch.spans < config_.batch_spans &&
       json.size() < config_.batch_bytes;
       ++looked) {
    const std::string document = queue_.pop();
    const DocumentFacts facts = read_document_facts(document);
    if (!facts.trace_id || facts.trace_id->is_noop()) {
      ++failed_;
      last_error_ = "a document was of no trace";
    } else if (facts.is_in_progress) {
      ++in_progress_;
    } else {
      const std::string_view view = document;
      const TraceTree tree = build_tree(std::span(&view, 1));
      batch.spans += write_resource_spans(json, {*facts.trace_id, tree});
      ++batch.documents;
    }
  }
  json.end_array();
  json.end_object();
}

void ForwardOtlp::send() {
  ++requests_;
  Request request(config_.url);
  request.method = "POST";
  request.headers.add("Content-Type", "application/json");
  request.body = batch_->body;
  call_ = client_.start(std::move(request), {},
                        [this](const Exchange& exchange) { on_done(exchange); });
}

void ForwardOtlp::on_done(const Exchange& exchange) {
  call_ = Call();
  if (exchange.error) {
    last_error_ = exchange.error->message;
    return retry_later(std::nullopt);
  }
  on_answer(*exchange.response);
}

void ForwardOtlp::on_answer(const Response& response) {
  if (response.status >= 200 && response.status <= 299) {
    std::string message;
    const std::uint64_t rejected = rejected_spans_of(response.body, message);
    rejected_spans_ += std::min<std::uint64_t>(rejected, batch_->spans);
    if (rejected > 0) last_error_ = "the collector rejected spans: " + message;
    backoff_.reset();
    return settle(sent_);
  }
  last_error_ = "the collector answered with status " + std::to_string(response.status);
  if (!is_worth_retrying(response.status)) return settle(failed_);
  const auto asked = retry_after(response.headers, now().wall);
  retry_later(asked);
}

void ForwardOtlp::retry_later(std::optional<Duration> asked) {
  if (tick_now() - batch_->begun >= config_.patience) return settle(dropped_);
  ++retries_;
  Duration delay = backoff_.take();
  if (asked) delay = std::max(delay, std::min(*asked, kLongestAsked));
  timer_.arm(delay, [this] { send(); });
}

void ForwardOtlp::settle(std::uint64_t& counter) {
  counter += batch_->documents;
  batch_.reset();
  if (queue_.is_empty()) return finish_close();
  schedule();
}

void ForwardOtlp::close(Callback<void()> on_closed) {
  on_closed_ = std::move(on_closed);
  is_closing_ = true;
  limit_.arm(config_.close_limit, [this] { give_up(); });
  if (batch_) return;
  next_turn_.call([this] { send_next(); });
}

/// May destroy this.
void ForwardOtlp::finish_close() {
  if (!is_closing_ || !on_closed_) return;
  limit_.disarm();
  timer_.disarm();
  Callback<void()> on_closed = std::move(on_closed_);
  on_closed();
}

void ForwardOtlp::give_up() {
  call_ = Call();
  dropped_ += queue_.clear();
  if (batch_) return settle(dropped_);
  finish_close();
}

std::map<std::string, std::uint64_t, std::less<>> ForwardOtlp::counters() const {
  return {{"documents", documents_},
          {"sent", sent_},
          {"failed", failed_},
          {"dropped", dropped_ + queue_.dropped()},
          {"queued", queue_.size() + (batch_ ? batch_->documents : 0)},
          {"in_progress", in_progress_},
          {"rejected_spans", rejected_spans_},
          {"requests", requests_},
          {"retries", retries_}};
}

std::string ForwardOtlp::target() const {
  const std::string url = config_.url.redacted();
  return "otlp" + url.substr(std::string_view("http").size());
}

}  // namespace xtrace::collect
