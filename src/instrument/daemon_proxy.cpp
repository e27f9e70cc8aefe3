#include "instrument/daemon_proxy.h"

#include <utility>

#include "base/assert.h"
#include "instrument/daemon_replies.h"

namespace xtrace {

namespace {

// The daemon is a neighbour, whom no proxy of the environment's leads to; what it answers is taken
// as it is.
FinalizedClientConfig client_config(const DaemonLimits& limits) {
  ClientConfig config;
  config.name = "xray-daemon";
  config.proxy = ProxyConfig{};
  config.redirects.are_followed = false;
  config.decoding.is_on = false;
  config.keeps_alive = false;
  config.timeouts.total = limits.total;
  config.max_buffered_body = limits.reply_bytes;
  Expected<FinalizedClientConfig> finalized = finalize_config(std::move(config));
  XTRACE_ASSERT(finalized.has_value());
  return std::move(finalized).value();
}

Error::Code code_of(int status, const ServiceComplaint& complaint) {
  if (status == 429 || complaint.is_throttling()) return Error::Code::service_throttled;
  if (status == 401 || status == 403) return Error::Code::service_denied;
  return status >= 500 ? Error::Code::service_unavailable : Error::Code::service_refused;
}

Error refusal(const Response& response, const DaemonEndpoint& endpoint) {
  const ServiceComplaint complaint = read_complaint(response);
  std::string message = endpoint.to_string();
  message += " answered with status ";
  message += std::to_string(response.status);
  if (!complaint.type.empty()) {
    message += ", ";
    message += complaint.type;
  }
  if (!complaint.message.empty()) {
    message += ": ";
    message += complaint.message;
  }
  return {code_of(response.status, complaint), Phase::response, std::move(message)};
}

}  // namespace

DaemonProxy::DaemonProxy(Loop& loop, DaemonEndpoint endpoint, const DaemonLimits& limits)
    : endpoint_(std::move(endpoint)), next_turn_(loop), client_(loop, client_config(limits)) {}

DaemonProxy::~DaemonProxy() = default;

void DaemonProxy::post(std::string_view path, std::string body,
                       Callback<void(Expected<std::string>)> on_reply) {
  questions_.push_back({path, std::move(body), std::move(on_reply)});
  if (questions_.size() == 1) ask_first();
}

void DaemonProxy::ask_first() {
  Question& question = questions_.front();
  const std::string base = "http://" + endpoint_.to_string();
  Expected<Url> url = Url::parse(base + std::string(question.path));
  if (const Error* error = url.if_error()) {
    next_turn_.call([this, broken = *error] { answer_first(broken); });
    return;
  }
  Request request(std::move(url).value());
  request.method = "POST";
  request.headers.add("Content-Type", "application/json");
  request.body = std::move(question.body);
  call_ = client_.start(std::move(request), {},
                        [this](Exchange exchange) { on_done(std::move(exchange)); });
}

void DaemonProxy::on_done(Exchange exchange) {
  call_ = Call();
  answer_first(judge(std::move(exchange)));
}

// The callback may destroy the proxy, so it comes last.
void DaemonProxy::answer_first(Expected<std::string> reply) {
  Question question = std::move(questions_.front());
  questions_.pop_front();
  if (!questions_.empty()) ask_first();
  if (!reply) reply = reply.error().with_prefix("POST " + std::string(question.path));
  Callback<void(Expected<std::string>)> on_reply = std::move(question.on_reply);
  on_reply(std::move(reply));
}

Expected<std::string> DaemonProxy::judge(Exchange exchange) const {
  if (exchange.error) return *exchange.error;
  if (exchange.response->status != 200) return refusal(*exchange.response, endpoint_);
  return std::move(exchange.response->body);
}

bool is_temporary(const Error& error) {
  using enum Error::Code;
  switch (error.code) {
    case invalid_url:
    case invalid_host_name:
    case invalid_request:
    case service_refused:
      return false;
    default:
      return true;
  }
}

}  // namespace xtrace
