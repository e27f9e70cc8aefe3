#include "cli/multipart_body.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/random.h"

namespace xtrace::cli {

namespace {

using Bytes = std::span<const std::byte>;

/// Text, then what a source gives.
struct Piece {
  std::string text{};
  std::unique_ptr<BodySource> source{};
};

class MultipartBody final : public BodySource {
 public:
  explicit MultipartBody(std::vector<Piece> pieces) : pieces_(std::move(pieces)) {}

  std::optional<std::uint64_t> size() const override {
    std::uint64_t sum = 0;
    for (const Piece& piece : pieces_) {
      sum += piece.text.size();
      if (!piece.source) continue;
      const auto size = piece.source->size();
      if (!size) return std::nullopt;
      sum += *size;
    }
    return sum;
  }

  void read(Callback<void(Expected<Bytes>)> on_read) override {
    on_read_ = std::move(on_read);
    go_on();
  }

 private:
  void go_on() {
    while (at_ < pieces_.size()) {
      Piece& piece = pieces_[at_];
      if (!std::exchange(gave_text_, true)) return deliver(std::as_bytes(std::span(piece.text)));
      if (piece.source) {
        return piece.source->read([this](Expected<Bytes> bytes) { take(std::move(bytes)); });
      }
      begin_next_piece();
    }
    deliver(Bytes());
  }

  void take(Expected<Bytes> bytes) {
    if (!bytes || !bytes->empty()) return deliver(std::move(bytes));
    begin_next_piece();
    go_on();
  }

  void begin_next_piece() {
    ++at_;
    gave_text_ = false;
  }

  void deliver(Expected<Bytes> bytes) {
    auto on_read = std::move(on_read_);
    on_read(std::move(bytes));
  }

  std::vector<Piece> pieces_;
  std::size_t at_ = 0;
  bool gave_text_ = false;  // of the piece at `at_`
  Callback<void(Expected<Bytes>)> on_read_;
};

Expected<std::unique_ptr<BodySource>> open_parts(const std::vector<MultipartPart>& parts,
                                                 const std::string& boundary, Loop& loop) {
  std::vector<Piece> pieces(1);
  for (const MultipartPart& part : parts) {
    Piece& piece = pieces.back();
    piece.text += "--" + boundary + "\r\n" + part.fields + "\r\n" + part.text;
    if (part.supply) {
      auto source = part.supply->open(loop);
      if (const auto* error = source.if_error()) return *error;
      piece.source = std::move(source).value();
      pieces.emplace_back();
    }
    pieces.back().text += "\r\n";
  }
  pieces.back().text += "--" + boundary + "--\r\n";
  return std::unique_ptr<BodySource>(std::make_unique<MultipartBody>(std::move(pieces)));
}

std::string quoted_parameter(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) {
    if (c == '"') {
      text += "%22";
    } else if (c == '\r') {
      text += "%0D";
    } else if (c == '\n') {
      text += "%0A";
    } else {
      text += c;
    }
  }
  return text + "\"";
}

}  // namespace

std::string form_fields(std::string_view name, std::string_view filename, std::string_view type) {
  std::string fields = "Content-Disposition: form-data; name=" + quoted_parameter(name);
  if (!filename.empty()) fields += "; filename=" + quoted_parameter(filename);
  fields += "\r\n";
  if (!type.empty()) fields.append("Content-Type: ").append(type).append("\r\n");
  return fields;
}

std::string make_boundary() {
  const std::array<char, 24> random = random_hex_96();
  return std::string(24, '-') + std::string(random.data(), random.size());
}

BodySupply multipart_body(std::vector<MultipartPart> parts, std::string boundary) {
  const bool is_repeatable = std::ranges::all_of(
      parts, [](const MultipartPart& part) { return !part.supply || part.supply->is_repeatable; });
  const auto shared = std::make_shared<const std::vector<MultipartPart>>(std::move(parts));
  return {.open = [shared, boundary = std::move(boundary)](
                      Loop& loop) { return open_parts(*shared, boundary, loop); },
          .is_repeatable = is_repeatable};
}

}  // namespace xtrace::cli
