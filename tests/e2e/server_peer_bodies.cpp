#include "server_peer_bodies.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace xtrace::peer {

namespace {

using Bytes = std::span<const std::byte>;
using OnRead = Callback<void(Expected<Bytes>)>;

constexpr std::string_view kLine = "the quick brown fox jumps over the lazy dog 0123456789\n";
constexpr std::size_t kPiece = std::size_t{64} * 1024;

class TextSource final : public BodySource {
 public:
  explicit TextSource(const TextBody& body) : body_(body) {}

  std::optional<std::uint64_t> size() const override {
    return body_.has_size ? std::optional(body_.bytes) : std::nullopt;
  }

  void read(OnRead on_read) override {
    if (sent_ >= body_.breaks_at) {
      return on_read(Error{Error::Code::body_source_failed, Phase::body, "the shelf is empty"});
    }
    const Bytes piece = text_from(sent_, std::min(body_.bytes, body_.breaks_at) - sent_);
    sent_ += piece.size();
    on_read(piece);
  }

 private:
  TextBody body_;
  std::uint64_t sent_ = 0;
};

/// Between the request's body, which comes, and the answer's, which is asked for.
struct Echo {
  ServerCall call;
  std::vector<std::byte> piece{};
  bool is_full = false;  // `piece` was not asked for yet
  std::optional<Error> error{};
  OnRead on_read{};

  Flow take(Expected<Bytes> data) {
    if (const Error* failed = data.if_error()) {
      error = *failed;
    } else {
      piece.assign(data->begin(), data->end());
    }
    is_full = true;
    if (on_read) give(std::exchange(on_read, nullptr));
    return Flow::pause;
  }

  void give(OnRead reader) {
    is_full = false;
    if (error) return reader(*error);
    reader(Bytes{piece});
  }
};

class EchoSource final : public BodySource {
 public:
  EchoSource(std::shared_ptr<Echo> echo, std::optional<std::uint64_t> size)
      : echo_(std::move(echo)), size_(size) {}
  ~EchoSource() override { echo_->on_read = nullptr; }

  std::optional<std::uint64_t> size() const override { return size_; }

  void read(OnRead on_read) override {
    if (echo_->is_full) return echo_->give(std::move(on_read));
    echo_->on_read = std::move(on_read);
    echo_->call.resume();
  }

 private:
  std::shared_ptr<Echo> echo_;
  std::optional<std::uint64_t> size_;
};

struct Count {
  ServerCall call;
  std::uint64_t bytes = 0;
  bool is_intact = true;

  Flow take(const Expected<Bytes>& data) {
    if (!data) return Flow::proceed;  // the server has answered, or nobody is there
    if (data->empty()) answer();
    compare(*data);
    return Flow::proceed;
  }

  void compare(Bytes data) {
    while (!data.empty()) {
      const Bytes expected = text_from(bytes, data.size());
      is_intact = is_intact && std::memcmp(expected.data(), data.data(), expected.size()) == 0;
      bytes += expected.size();
      data = data.subspan(expected.size());
    }
  }

  void answer() {
    const std::string intact = is_intact ? "true" : "false";
    call.respond(200, "application/json",
                 "{\"bytes\":" + std::to_string(bytes) + ",\"intact\":" + intact + "}");
  }
};

}  // namespace

Bytes text_from(std::uint64_t offset, std::uint64_t most) {
  static const std::string text = [] {
    std::string lines;
    while (lines.size() < kPiece + kLine.size()) lines += kLine;
    return lines;
  }();
  const auto begin = static_cast<std::size_t>(offset % kLine.size());
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(most, kPiece));
  return std::as_bytes(std::span{text}).subspan(begin, size);
}

std::unique_ptr<BodySource> make_text_body(const TextBody& body) {
  return std::make_unique<TextSource>(body);
}

void echo(ServerCall call) {
  const auto state = std::make_shared<Echo>();
  state->call = std::move(call);
  const IncomingRequest& request = state->call.request();
  ServerResponse response;
  if (const FieldView* type = request.find("Content-Type")) {
    response.headers.add("Content-Type", type->value);
  }
  const auto size =
      request.is_chunked ? std::nullopt : std::optional(request.content_length.value_or(0));
  response.source = std::make_unique<EchoSource>(state, size);
  state->call.read_body([state](Expected<Bytes> data) { return state->take(std::move(data)); });
  state->call.respond(std::move(response));
}

void count_body(ServerCall call) {
  const auto state = std::make_shared<Count>();
  state->call = std::move(call);
  state->call.read_body([state](const Expected<Bytes>& data) { return state->take(data); });
}

}  // namespace xtrace::peer
