#include "microservices/fetch.h"

#include <utility>

namespace xtrace::examples {

namespace {

/// Whatever went wrong behind us is not the client's doing.
Refusal internal(std::string detail) {
  return {500, "internal", std::move(detail), {}};
}

}  // namespace

Fetch::Fetch(FetchClients& clients, Visit visit, Url target, Callback<void()> on_over)
    : clients_(clients),
      visit_(std::move(visit)),
      target_(std::move(target)),
      on_over_(std::move(on_over)) {}

Fetch::~Fetch() = default;

void Fetch::start() {
  // X-Ray's keys know no dash, so these are not remote-url and remote-status.
  visit_.segment().annotate("remote_url", target_.redacted());
  call_ = clients_.targets.start(visit_.segment(), Request(target_), {},
                                 [this](Exchange exchange) { on_target(std::move(exchange)); });
}

void Fetch::on_target(Exchange exchange) {
  if (exchange.error) {
    return refuse(
        {400,
         "bad_request",
         "the target could not be fetched: " + exchange.error->message,
         {{"url", target_.redacted()}, {"error", std::string(to_string(exchange.error->code))}}});
  }
  status_ = exchange.response->status;
  visit_.segment().annotate("remote_status", status_);
  Request request(clients_.archive);
  request.method = "POST";
  request.headers = {{"Content-Type", "application/json"}, {"X-Request-Id", visit_.id()}};
  request.body = to_json(Document{status_, std::move(exchange.response->body)});
  call_ = clients_.archiver.start(visit_.segment(), std::move(request), {},
                                  [this](const Exchange& archived) { on_archived(archived); });
}

void Fetch::on_archived(const Exchange& exchange) {
  if (exchange.error) {
    return refuse(internal("the archiver could not be reached: " + exchange.error->message));
  }
  const Response& response = *exchange.response;
  if (response.status != 200) {
    std::string detail = "the archiver answered " + std::to_string(response.status);
    const std::string reason = parse_detail(response.body);
    if (!reason.empty()) detail += ": " + reason;
    return refuse(internal(std::move(detail)));
  }
  const auto href = parse_href(response.body);
  if (const auto* error = href.if_error()) {
    return refuse(internal("the archiver answered 200 and something else: " + error->message));
  }
  finish(*href);
}

void Fetch::finish(std::string_view archive_href) {
  const std::string json = to_json_of_fetch(archive_href, status_);
  Visit visit = leave();
  visit.answer(kFetchMedia, json);
}

void Fetch::refuse(const Refusal& refusal) {
  Visit visit = leave();
  visit.refuse(refusal);
}

/// The answer may end the exchange at once, and nobody shall find the fetch then.
Visit Fetch::leave() {
  Visit visit = std::move(visit_);
  Callback<void()> on_over = std::move(on_over_);
  on_over();
  return visit;
}

}  // namespace xtrace::examples
