#include <algorithm>
#include <utility>

#include "instrument/detect_client.h"
#include "instrument/detect_json.h"
#include "instrument/detect_search.h"

namespace xtrace {

namespace {

constexpr std::string_view kTokenPath = "/latest/api/token";
constexpr std::string_view kIdentityPath = "/latest/dynamic/instance-identity/document";

/// An instance's own metadata service answers within a millisecond. Elsewhere the address is
/// nobody's, and the packets to it may vanish.
Duration connect_limit(Duration limit) {
  return std::min<Duration>(limit / 4, std::chrono::milliseconds(250));
}

class Ec2Search final : public Search {
 public:
  Ec2Search(Loop& loop, const DetectorOptions& options)
      : options_(options), client_(loop, {.connect = connect_limit(options.limit)}) {
    ask_for_token();
  }

  bool is_done() const override { return !client_.is_waiting(); }

  Finding finish() override {
    for (Error& error : client_.give_up()) finding_.failures.push_back(std::move(error));
    return std::move(finding_);
  }

 private:
  void ask_for_token() {
    Expected<Url> url = metadata_url(options_.ec2_url, kTokenPath);
    if (const Error* error = url.if_error()) return finding_.failures.push_back(*error);
    client_.ask("PUT", *url, {{"X-aws-ec2-metadata-token-ttl-seconds", "60"}},
                [this](Expected<MetadataAnswer> answer) { on_token(std::move(answer)); });
  }

  void on_token(Expected<MetadataAnswer> answer) {
    // The service of an instance knows tokens, whether it wants them or not. Who answers 404 to the
    // question for one is one of the look-alikes of other clouds and of emulators.
    if (answer && answer->status == 404) return ask_for_identity({});
    const Expected<std::string> token = body_of(std::move(answer));
    if (const Error* error = token.if_error()) return finding_.failures.push_back(*error);
    ask_for_identity({{"X-aws-ec2-metadata-token", token_in(*token)}});
  }

  void ask_for_identity(Headers headers) {
    Expected<Url> url = metadata_url(options_.ec2_url, kIdentityPath);
    if (const Error* error = url.if_error()) return finding_.failures.push_back(*error);
    client_.ask("GET", *url, std::move(headers),
                [this](Expected<MetadataAnswer> answer) { on_identity(std::move(answer)); });
  }

  void on_identity(Expected<MetadataAnswer> answer) {
    const std::string question = answer ? answer->question : std::string{};
    const Expected<std::string> body = body_of(std::move(answer));
    if (const Error* error = body.if_error()) return finding_.failures.push_back(*error);
    const std::optional<Ec2Identity> identity = read_ec2_identity(*body);
    if (!identity || identity->instance_id.empty()) {
      finding_.failures.push_back(not_understood(question, "the answer names no instance"));
      return;
    }
    finding_.origin = "AWS::EC2::Instance";
    BlockWriter block("ec2");
    block.text("instance_id", identity->instance_id)
        .text("availability_zone", identity->availability_zone)
        .text("instance_size", identity->instance_type)
        .text("ami_id", identity->image_id);
    finding_.blocks.push_back(block.finish());
    if (identity->account_id.empty()) return;
    finding_.blocks.push_back(text_block("account_id", identity->account_id));
  }

  const DetectorOptions& options_;
  Finding finding_;
  MetadataClient client_;
};

}  // namespace

std::unique_ptr<Search> search_ec2(Loop& loop, const DetectorOptions& options) {
  return std::make_unique<Ec2Search>(loop, options);
}

}  // namespace xtrace
