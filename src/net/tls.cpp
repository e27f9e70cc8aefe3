#include "net/tls.h"

#include <string_view>
#include <utility>

#include "net/tls_client_engine.h"
#include "net/tls_server_engine.h"
#include "net/tls_stream.h"

namespace xtrace {

namespace {

// `[::1]` and `example.com.` are ways to write a host; certificates hold `::1` and `example.com`.
std::string certificate_name(const HandshakeOptions& options) {
  std::string name = options.server_name.empty() ? options.host : options.server_name;
  if (name.size() > 2 && name.front() == '[' && name.back() == ']') {
    name = name.substr(1, name.size() - 2);
  }
  if (name.size() > 1 && name.back() == '.') name.pop_back();
  return name;
}

// Of hosts that share a name to be checked, each has its own sessions.
std::string session_key(const HandshakeOptions& options, std::string_view name) {
  std::string key = options.host;
  key.append(" ").append(std::to_string(options.port)).append(" ").append(name);
  return key;
}

class StreamHandshake final : public Handshake {
 public:
  StreamHandshake(std::unique_ptr<TlsStream> stream, Callback<void(Expected<TlsSession>)> on_done)
      : stream_(std::move(stream)), on_done_(std::move(on_done)) {
    stream_->shake_hands([this](Expected<TlsInfo> info) { finish(std::move(info)); });
  }

 private:
  void finish(Expected<TlsInfo> info) {
    auto stream = std::move(stream_);
    auto on_done = std::move(on_done_);
    if (const Error* error = info.if_error()) {
      stream.reset();  // closes the connection before the failure is told
      on_done(*error);
      return;
    }
    on_done(TlsSession{std::move(stream), std::move(*info)});
  }

  std::unique_ptr<TlsStream> stream_;
  Callback<void(Expected<TlsSession>)> on_done_;
};

}  // namespace

std::unique_ptr<Handshake> shake_hands(Loop& loop, const std::shared_ptr<const TlsContext>& context,
                                       std::unique_ptr<Stream> inner,
                                       const HandshakeOptions& options,
                                       Callback<void(Expected<TlsSession>)> on_done) {
  std::string name = certificate_name(options);
  std::string key = session_key(options, name);
  auto engine = std::make_unique<TlsClientEngine>(
      context, TlsPeer{.name = std::move(name), .session_key = std::move(key)});
  return std::make_unique<StreamHandshake>(
      std::make_unique<TlsStream>(loop, std::move(inner), std::move(engine)), std::move(on_done));
}

std::unique_ptr<Handshake> accept_tls(Loop& loop,
                                      const std::shared_ptr<const TlsServerContext>& context,
                                      std::unique_ptr<Stream> inner,
                                      Callback<void(Expected<TlsSession>)> on_done) {
  auto engine = std::make_unique<TlsServerEngine>(context, inner->remote_address().to_string());
  return std::make_unique<StreamHandshake>(
      std::make_unique<TlsStream>(loop, std::move(inner), std::move(engine)), std::move(on_done));
}

}  // namespace xtrace
