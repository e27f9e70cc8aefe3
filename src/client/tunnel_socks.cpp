#include <array>
#include <optional>
#include <utility>

#include "client/tunnel_talk.h"

namespace xtrace {

namespace {

// RFC 1928 and, for the sign-in, RFC 1929.
constexpr std::uint8_t kVersion = 5;
constexpr std::uint8_t kSignInVersion = 1;
constexpr std::uint8_t kConnect = 1;
constexpr std::uint8_t kNoAuthentication = 0;
constexpr std::uint8_t kUserAndPassword = 2;
constexpr std::uint8_t kNoMethod = 0xff;
constexpr std::uint8_t kIpv4 = 1;
constexpr std::uint8_t kName = 3;
constexpr std::uint8_t kIpv6 = 4;

constexpr std::size_t kMostText = 255;
// Version, reply code, a reserved byte, the kind of address, and the first byte of that.
constexpr std::size_t kAnswerPrefix = 5;

constexpr std::array<std::string_view, 9> kReplies{
    "",
    "general failure",
    "its rules do not allow the connection",
    "network unreachable",
    "host unreachable",
    "connection refused",
    "time to live expired",
    "it does not know the command CONNECT",
    "it does not know this kind of address",
};

void append(std::string& into, std::uint8_t byte) {
  into += static_cast<char>(byte);
}

void append_text(std::string& into, std::string_view text) {
  append(into, static_cast<std::uint8_t>(text.size()));
  into += text;
}

template <class Bytes>
void append_address(std::string& into, std::uint8_t kind, const Bytes& bytes) {
  append(into, kind);
  for (const std::uint8_t byte : bytes) append(into, byte);
}

class SocksTalk final : public TunnelTalk {
 public:
  explicit SocksTalk(TunnelRequest request) : request_(std::move(request)) {}

  Expected<std::string> begin() override;
  Expected<Progress> take(std::span<const std::byte> bytes) override;
  Error end() override;

 private:
  enum class State : std::uint8_t { choosing, signing_in, connecting, open };

  Expected<void> check() const;
  std::size_t wanted() const;
  Expected<void> advance();
  Expected<void> on_method();
  Expected<void> on_verdict();
  Expected<void> on_answer();

  std::string sign_in_message() const;
  std::string connect_message() const;
  void say(State next, std::string_view message);

  bool has_credentials() const { return !request_.proxy.user.empty(); }
  std::uint8_t heard(std::size_t index) const { return static_cast<std::uint8_t>(heard_[index]); }
  Error failed(std::string_view deed) const {
    return proxy_error(request_.proxy, Error::Code::proxy_failed, deed);
  }
  Error denied(std::string_view deed) const {
    return proxy_error(request_.proxy, Error::Code::proxy_denied, deed);
  }

  TunnelRequest request_;
  State state_ = State::choosing;
  std::string heard_;  // of the message that is awaited
  std::string reply_;
};

Expected<std::string> SocksTalk::begin() {
  if (const Expected<void> checked = check(); !checked) return checked.error();
  std::string greeting;
  append(greeting, kVersion);
  append(greeting, has_credentials() ? 2 : 1);
  append(greeting, kNoAuthentication);
  if (has_credentials()) append(greeting, kUserAndPassword);
  return greeting;
}

Expected<void> SocksTalk::check() const {
  const Proxy& proxy = request_.proxy;
  if (proxy.user.size() > kMostText || proxy.password.size() > kMostText) {
    return proxy_error(proxy, Error::Code::invalid_config,
                       ": its user name or password is longer than the 255 bytes SOCKS5 carries");
  }
  if (request_.host.empty() || request_.host.size() > kMostText) {
    return proxy_error(proxy, Error::Code::invalid_host_name,
                       ": the target's name is not of the 1 to 255 bytes SOCKS5 carries");
  }
  return {};
}

Expected<TunnelTalk::Progress> SocksTalk::take(std::span<const std::byte> bytes) {
  Progress progress;
  while (progress.taken < bytes.size() && state_ != State::open) {
    heard_ += static_cast<char>(bytes[progress.taken++]);
    if (const Expected<void> advanced = advance(); !advanced) return advanced.error();
  }
  progress.reply = std::exchange(reply_, {});
  progress.is_open = state_ == State::open;
  return progress;
}

Expected<void> SocksTalk::advance() {
  const bool has_version = state_ != State::signing_in;
  if (has_version && heard(0) != kVersion) {
    return failed(" does not speak SOCKS5: its answer begins with the byte " +
                  std::to_string(heard(0)));
  }
  if (heard_.size() < wanted()) return {};
  switch (state_) {
    case State::choosing:
      return on_method();
    case State::signing_in:
      return on_verdict();
    case State::connecting:
      return on_answer();
    case State::open:
      break;
  }
  return {};
}

// As far as is known by now: how long an answer is stands in itself.
std::size_t SocksTalk::wanted() const {
  if (state_ != State::connecting || heard_.size() < 2 || heard(1) != 0) return 2;
  if (heard_.size() < kAnswerPrefix) return kAnswerPrefix;
  constexpr std::size_t kAround = 6;  // what stands before and behind the address
  switch (heard(3)) {
    case kIpv4:
      return kAround + 4;
    case kIpv6:
      return kAround + 16;
    case kName:
      return kAround + 1 + heard(4);
    default:
      return kAnswerPrefix;
  }
}

Expected<void> SocksTalk::on_method() {
  const std::uint8_t method = heard(1);
  if (method == kNoAuthentication) {
    say(State::connecting, connect_message());
    return {};
  }
  if (method == kUserAndPassword && has_credentials()) {
    say(State::signing_in, sign_in_message());
    return {};
  }
  if (method != kNoMethod) {
    return failed(" chose the authentication method " + std::to_string(method) +
                  ", which it was not offered");
  }
  return has_credentials()
             ? denied(" takes neither a user name and password nor no authentication")
             : denied(" asks for authentication, and was given no user name and password");
}

// Some proxies repeat the version of SOCKS where that of the sign-in belongs; the verdict counts.
Expected<void> SocksTalk::on_verdict() {
  if (heard(1) != 0) return denied(" refuses the user name and password it was given");
  say(State::connecting, connect_message());
  return {};
}

Expected<void> SocksTalk::on_answer() {
  if (const std::uint8_t code = heard(1); code != 0) {
    const std::string_view reason = code < kReplies.size() ? kReplies[code] : "unknown reason";
    return proxy_error(request_.proxy, Error::Code::proxy_refused,
                       " cannot connect to " + target_of(request_) + ": " + std::string(reason) +
                           " (SOCKS5 reply " + std::to_string(code) + ")");
  }
  const std::uint8_t kind = heard(3);
  if (kind != kIpv4 && kind != kIpv6 && kind != kName) {
    return failed(" answered with an address of the unknown kind " + std::to_string(kind));
  }
  state_ = State::open;
  return {};
}

std::string SocksTalk::sign_in_message() const {
  std::string message;
  append(message, kSignInVersion);
  append_text(message, request_.proxy.user);
  append_text(message, request_.proxy.password);
  return message;
}

std::string SocksTalk::connect_message() const {
  std::string message;
  for (const std::uint8_t byte : {kVersion, kConnect, std::uint8_t{0}}) append(message, byte);
  const std::string_view host = std::string_view(request_.host);
  const Expected<Address> literal = Address::from_ip(host.substr(0, host.find('%')), 0);
  const Address address = request_.resolved.value_or(literal ? *literal : Address());
  switch (address.family()) {
    case Address::Family::ipv4:
      append_address(message, kIpv4, address.ipv4());
      break;
    case Address::Family::ipv6:
      append_address(message, kIpv6, address.ipv6());
      break;
    default:
      append(message, kName);
      append_text(message, host);
  }
  append(message, static_cast<std::uint8_t>(request_.port >> 8U));
  append(message, static_cast<std::uint8_t>(request_.port & 0xffU));
  return message;
}

void SocksTalk::say(State next, std::string_view message) {
  state_ = next;
  heard_.clear();
  reply_ += message;
}

Error SocksTalk::end() {
  const std::string place = heard_.empty() ? " before" : " inside";
  switch (state_) {
    case State::choosing:
      return failed(" closed the connection" + place + " its answer to the greeting");
    case State::signing_in:
      return failed(" closed the connection" + place + " its answer to the user name and password");
    default:
      return failed(" closed the connection" + place + " its answer about " + target_of(request_));
  }
}

}  // namespace

std::unique_ptr<TunnelTalk> make_socks_talk(TunnelRequest request) {
  return std::make_unique<SocksTalk>(std::move(request));
}

}  // namespace xtrace
