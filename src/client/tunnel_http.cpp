#include <algorithm>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "client/tunnel_talk.h"
#include "http/base64.h"
#include "http/characters.h"

namespace xtrace {

namespace {

constexpr std::size_t kMostOfReason = 80;

// What a stranger wrote, as far as a message may hold it.
std::string status_text(const Response& response) {
  std::string text = std::to_string(response.status);
  if (response.reason.empty()) return text;
  text += ' ';
  for (const char c : std::string_view(response.reason).substr(0, kMostOfReason)) {
    text += is_ascii(c) && !is_control(c) ? c : '?';
  }
  return text;
}

// The schemes a proxy takes where ours is not one of them, each challenge being a field of its own
// (RFC 9110 section 11.7.1).
std::string foreign_schemes(const Headers& headers) {
  std::string schemes;
  for (const Header& field : headers) {
    if (!same_word(field.name, "Proxy-Authenticate")) continue;
    const std::string_view scheme =
        std::string_view(field.value).substr(0, field.value.find_first_of(" \t,"));
    if (same_word(scheme, "Basic")) return {};
    if (!is_token(scheme) || scheme.size() > kMostOfReason) continue;
    if (!schemes.empty()) schemes += ", ";
    schemes += scheme;
  }
  return schemes;
}

class ConnectTalk final : public TunnelTalk, private ResponseEvents {
 public:
  explicit ConnectTalk(TunnelRequest request)
      : request_(std::move(request)), parser_("CONNECT", request_.limits, *this) {}

  Expected<std::string> begin() override;
  Expected<Progress> take(std::span<const std::byte> bytes) override;
  Error end() override;

 private:
  bool has_credentials() const {
    return !request_.proxy.user.empty() || !request_.proxy.password.empty();
  }
  Error broken(const Error& error) const;
  Error denied(const Response& response) const;

  // ResponseEvents
  void on_status_line_begins() override {}
  void on_interim(Response /*response*/) override {}
  void on_head(Response response) override;
  void on_body(std::span<const std::byte> /*piece*/) override {}
  void on_complete(Headers /*trailers*/) override {}

  TunnelRequest request_;
  ResponseParser parser_;
  std::optional<Error> refusal_;
};

Expected<std::string> ConnectTalk::begin() {
  const std::string target = target_of(request_);
  std::string head = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  if (!request_.user_agent.empty()) head += "User-Agent: " + request_.user_agent + "\r\n";
  if (has_credentials()) {
    head += "Proxy-Authorization: Basic ";
    append_base64(head, {request_.proxy.user, ":", request_.proxy.password});
    head += "\r\n";
  }
  return head + "\r\n";
}

Expected<TunnelTalk::Progress> ConnectTalk::take(std::span<const std::byte> bytes) {
  const Expected<std::size_t> taken = parser_.feed(bytes);
  // A refusal stands, whatever is the matter with the page that explains it.
  if (refusal_) return *refusal_;
  if (const Error* error = taken.if_error()) return broken(*error);
  return Progress{.reply = {}, .taken = *taken, .is_open = parser_.is_complete()};
}

Error ConnectTalk::end() {
  const Expected<void> finished = parser_.finish();
  if (const Error* error = finished.if_error()) return broken(*error);
  return proxy_error(request_.proxy, Error::Code::proxy_failed, " closed the connection");
}

Error ConnectTalk::broken(const Error& error) const {
  return proxy_error(request_.proxy, Error::Code::proxy_failed,
                     ": asked for a tunnel to " + target_of(request_) + ": " + error.message);
}

Error ConnectTalk::denied(const Response& response) const {
  std::string deed = has_credentials() ? " refuses the user name and password it was given"
                                       : " asks for a user name and password, and was given none";
  deed += ": " + status_text(response);
  const std::string schemes = foreign_schemes(response.headers);
  if (!schemes.empty()) deed += " (it takes " + schemes + ", and xtrace speaks Basic only)";
  return proxy_error(request_.proxy, Error::Code::proxy_denied, deed);
}

void ConnectTalk::on_head(Response response) {
  if (response.status / 100 == 2) return;
  refusal_ = response.status == 407 ? denied(response)
                                    : proxy_error(request_.proxy, Error::Code::proxy_refused,
                                                  " refuses a tunnel to " + target_of(request_) +
                                                      ": " + status_text(response));
}

}  // namespace

std::unique_ptr<TunnelTalk> make_connect_talk(TunnelRequest request) {
  return std::make_unique<ConnectTalk>(std::move(request));
}

}  // namespace xtrace
