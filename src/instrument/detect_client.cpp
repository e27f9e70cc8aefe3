#include "instrument/detect_client.h"

#include <utility>

#include "base/ascii.h"

namespace xtrace {

namespace {

constexpr std::size_t kMostBytes = 256U * 1024U;

// A metadata service is on this machine or its link: no proxy of the environment's leads there, and
// credentials sent to it go nowhere else.
FinalizedClientConfig configure(const MetadataClient::Options& options) {
  ClientConfig config;
  config.name = "metadata";
  config.proxy = ProxyConfig{};
  config.redirects.are_followed = false;
  config.decoding.is_on = false;
  config.keeps_alive = false;
  config.timeouts.connect = options.connect;
  config.max_buffered_body = kMostBytes;
  config.tls.ca_file = options.ca_file;
  // Nothing here can be wrong: files are read later.
  return finalize_config(std::move(config)).value();
}

}  // namespace

Expected<Url> metadata_url(std::string_view base, std::string_view path) {
  std::string text{base};
  while (text.ends_with('/')) text.pop_back();
  text += path;
  Expected<Url> url = Url::parse(text);
  if (url && !url->host_is_ip()) {
    return Error{Error::Code::invalid_config, Phase::none,
                 "ask " + url->redacted() + ": the host of a metadata service is an IP address"};
  }
  return url;
}

Expected<std::string> body_of(Expected<MetadataAnswer> answer) {
  if (const Error* error = answer.if_error()) return *error;
  const int status = answer->status;
  if (status == 200) return std::move(answer->body);
  std::string message = answer->question;
  message += ": answered ";
  message += std::to_string(status);
  if (status >= 300 && status < 400) message += ", and redirects are not followed";
  const Error::Code code = status == 401 || status == 403 ? Error::Code::service_denied
                           : status >= 500                ? Error::Code::service_unavailable
                                                          : Error::Code::service_refused;
  return Error{code, Phase::none, std::move(message)};
}

std::string token_in(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return std::string{trim(text)};
}

MetadataClient::MetadataClient(Loop& loop, const Options& options)
    : client_(loop, configure(options)) {}

MetadataClient::~MetadataClient() = default;

void MetadataClient::ask(std::string method, Url url, Headers headers,
                         Callback<void(Expected<MetadataAnswer>)> on_answer) {
  Request request(std::move(url));
  request.method = std::move(method);
  request.headers = std::move(headers);
  const auto question = questions_.emplace(questions_.end());
  question->text = request.method + " " + request.url.redacted();
  question->on_answer = std::move(on_answer);
  question->call = client_.start(std::move(request), {}, [this, question](Exchange exchange) {
    on_done(question, std::move(exchange));
  });
}

void MetadataClient::on_done(std::list<Question>::iterator question, Exchange exchange) {
  Question done = std::move(*question);
  questions_.erase(question);
  if (exchange.error) return done.on_answer(exchange.error->with_prefix(done.text));
  done.on_answer(MetadataAnswer{.question = done.text,
                                .status = exchange.response->status,
                                .body = std::move(exchange.response->body)});
}

std::vector<Error> MetadataClient::give_up() {
  std::vector<Error> errors;
  for (const Question& question : questions_) {
    errors.push_back({Error::Code::call_timeout, Phase::none,
                      question.text + ": not answered within the time there was"});
  }
  questions_.clear();
  return errors;
}

}  // namespace xtrace
