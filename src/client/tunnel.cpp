#include "client/tunnel.h"

#include <utility>
#include <vector>

#include "client/tunnel_stream.h"
#include "client/tunnel_talk.h"
#include "net/next_turn.h"

namespace xtrace {

namespace {

std::unique_ptr<TunnelTalk> make_talk(TunnelRequest request) {
  switch (request.proxy.kind) {
    case Proxy::Kind::socks5:
    case Proxy::Kind::socks5h:
      return make_socks_talk(std::move(request));
    default:
      return make_connect_talk(std::move(request));
  }
}

// Carries the talk over the stream. The stream is handed on only when the last word is written: a
// proxy may answer before it has read the whole question.
class Tunnel final : public Tunnelling {
 public:
  Tunnel(Loop& loop, std::unique_ptr<Stream> to_proxy, TunnelRequest request,
         Callback<void(Expected<std::unique_ptr<Stream>>)> on_done)
      : loop_(loop),
        proxy_(request.proxy),
        stream_(std::move(to_proxy)),
        talk_(make_talk(std::move(request))),
        on_done_(std::move(on_done)),
        next_turn_(loop) {}

  void start();

 private:
  Flow on_data(const Expected<std::span<const std::byte>>& piece);
  void say(std::string words);
  void on_written(const Expected<void>& result);
  void finish();
  void fail(Error error);
  Error broken(const Error& error) const {
    return proxy_error(proxy_, Error::Code::proxy_failed, ": " + error.message);
  }

  Loop& loop_;
  const Proxy proxy_;
  std::string saying_;              // what the stream below is sending
  std::string next_;                // what is said after it
  std::vector<std::byte> first_;    // the target's bytes that came with the proxy's
  std::unique_ptr<Stream> stream_;  // reads `saying_` until it is gone
  std::unique_ptr<TunnelTalk> talk_;
  Callback<void(Expected<std::unique_ptr<Stream>>)> on_done_;
  NextTurn next_turn_;
  bool is_open_ = false;
};

void Tunnel::start() {
  Expected<std::string> words = talk_->begin();
  if (const Error* error = words.if_error()) {
    return next_turn_.call([this, failure = *error] { fail(failure); });
  }
  stream_->start_reading(
      [this](const Expected<std::span<const std::byte>>& piece) { return on_data(piece); });
  say(std::move(words).value());
}

// What it calls last may destroy this.
Flow Tunnel::on_data(const Expected<std::span<const std::byte>>& piece) {
  const Error* error = piece.if_error();
  if (error != nullptr || piece->empty()) {
    fail(error != nullptr ? broken(*error) : talk_->end());
    return Flow::pause;
  }
  Expected<TunnelTalk::Progress> progress = talk_->take(*piece);
  if (const Error* refusal = progress.if_error()) {
    fail(*refusal);
    return Flow::pause;
  }
  if (!progress->reply.empty()) say(std::move(progress->reply));
  if (!progress->is_open) return Flow::proceed;
  const auto rest = piece->subspan(progress->taken);
  first_.assign(rest.begin(), rest.end());
  is_open_ = true;
  if (saying_.empty()) finish();
  return Flow::pause;
}

void Tunnel::say(std::string words) {
  if (!saying_.empty()) {
    next_ += words;
    return;
  }
  saying_ = std::move(words);
  stream_->write(std::as_bytes(std::span(saying_)),
                 [this](const Expected<void>& result) { on_written(result); });
}

void Tunnel::on_written(const Expected<void>& result) {
  saying_.clear();
  if (const Error* error = result.if_error()) return fail(broken(*error));
  if (!next_.empty()) return say(std::exchange(next_, {}));
  if (is_open_) finish();
}

void Tunnel::finish() {
  auto on_done = std::move(on_done_);
  std::unique_ptr<Stream> stream = std::move(stream_);
  if (!first_.empty()) {
    stream = std::make_unique<TunnelStream>(loop_, std::move(stream), std::move(first_));
  }
  on_done(std::move(stream));
}

void Tunnel::fail(Error error) {
  auto on_done = std::move(on_done_);
  stream_.reset();
  on_done(std::move(error));
}

}  // namespace

std::unique_ptr<Tunnelling> open_tunnel(Loop& loop, std::unique_ptr<Stream> to_proxy,
                                        TunnelRequest request,
                                        Callback<void(Expected<std::unique_ptr<Stream>>)> on_done) {
  auto tunnel =
      std::make_unique<Tunnel>(loop, std::move(to_proxy), std::move(request), std::move(on_done));
  tunnel->start();
  return tunnel;
}

Error proxy_error(const Proxy& proxy, Error::Code code, std::string_view deed) {
  return {code, Phase::proxy, "proxy " + proxy.redacted() + std::string(deed)};
}

std::string target_of(const TunnelRequest& request) {
  const std::string host = request.host.substr(0, request.host.find('%'));
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(request.port);
}

}  // namespace xtrace
