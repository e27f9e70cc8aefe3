#include "microservices/fetcher.h"

#include <utility>

namespace xtrace::examples {

namespace {

constexpr std::string_view kFetchPath = "/fetch/";

/// A path has no brackets: clients write those around an IPv6 address as %5B and %5D.
void restore_brackets(std::string& url) {
  const std::size_t begin = url.find("://") + 3;
  std::string authority = url.substr(begin, url.find_first_of("/?", begin) - begin);
  const std::size_t size = authority.size();
  for (const auto& [written, meant] : {std::pair{"%5B", "["}, {"%5D", "]"}}) {
    const std::size_t at = authority.rfind(written);
    if (at != std::string::npos) authority.replace(at, 3, meant);
  }
  if (authority.find("@[") != std::string::npos || authority.starts_with('[')) {
    url.replace(begin, size, authority);
  }
}

/// The rest of the path, and the query, which is the target's. Whoever leaves the scheme out means
/// some path of ours rather than a URL.
Expected<Url> target_of(const IncomingRequest& request) {
  std::string text(request.path.substr(kFetchPath.size()));
  if (!request.query.empty()) text.append("?").append(request.query);
  if (text.find("://") == std::string::npos) {
    return Error{Error::Code::invalid_url, Phase::none,
                 "what follows /fetch/ is no URL such as http://example.com/page"};
  }
  restore_brackets(text);
  return Url::parse(text);
}

Expected<FinalizedClientConfig> settings_of_targets(const FetcherConfig& config) {
  ClientConfig settings;
  settings.name = "targets";
  settings.user_agent = "xtrace-fetcher";
  settings.timeouts.total = config.target_timeout;
  settings.max_buffered_body = config.target_limit;
  return finalize_config(std::move(settings));
}

Expected<FinalizedClientConfig> settings_of_archiver() {
  ClientConfig settings;
  settings.name = "archiver";
  settings.user_agent = "xtrace-fetcher";
  settings.timeouts.total = std::chrono::seconds(10);
  settings.redirects.are_followed = false;
  return finalize_config(std::move(settings));
}

}  // namespace

Expected<Url> parse_peer(std::string_view text) {
  auto url = Url::parse("http://" + std::string(text));
  if (url && url->path() == "/" && url->query().empty() && !url->userinfo()) return url;
  return Error{Error::Code::invalid_config, Phase::none,
               "'" + std::string(text) + "' is not HOST:PORT, such as 127.0.0.1:8080"};
}

Expected<std::unique_ptr<Fetcher>> Fetcher::start(Loop& loop, const FetcherConfig& config) {
  const auto targets = settings_of_targets(config);
  if (const auto* error = targets.if_error()) return *error;
  const auto archiver = settings_of_archiver();
  if (const auto* error = archiver.if_error()) return *error;
  const auto peer = parse_peer(config.archiver);
  if (const auto* error = peer.if_error()) return *error;
  auto archive = peer->resolve("/archive");
  if (const auto* error = archive.if_error()) return *error;
  std::unique_ptr<Fetcher> fetcher(
      new Fetcher(loop, *targets, *archiver, std::move(archive).value()));
  Fetcher& self = *fetcher;
  auto service = Service::start(
      loop, config.service,
      {{"GET", std::string(kFetchPath), [&self](Visit visit) { self.take(std::move(visit)); }}});
  if (const auto* error = service.if_error()) return *error;
  fetcher->service_ = std::move(service).value();
  return fetcher;
}

Fetcher::Fetcher(Loop& loop, const FinalizedClientConfig& targets,
                 const FinalizedClientConfig& archiver, Url archive)
    : targets_(loop, targets),
      archiver_(loop, archiver),
      clients_{TracedClient(targets_), TracedClient(archiver_), std::move(archive)} {}

Fetcher::~Fetcher() = default;

void Fetcher::take(Visit visit) {
  auto target = target_of(visit.call().request());
  if (const auto* error = target.if_error()) {
    return visit.refuse({400, "invalid_request", error->message, {}});
  }
  const std::uint64_t number = ++last_fetch_;
  // Also where the client goes away first: then nobody wants the answer any more.
  visit.call().on_end([this, number](const ServerEnd&) { fetches_.erase(number); });
  auto& fetch = fetches_[number];
  fetch = std::make_unique<Fetch>(clients_, std::move(visit), std::move(target).value(),
                                  [this, number] { fetches_.erase(number); });
  fetch->start();
}

}  // namespace xtrace::examples
