#include "client/proxy_rules.h"
#include "fuzz/target.h"

/// A proxy and a list of exceptions, a line each: what is understood prints as what it is, and a
/// host that is put on the list is reached directly.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xtrace;
  const std::string_view input = testing::as_text(data, size);
  const std::size_t line = std::min(input.find('\n'), input.size());
  const std::string list(input.substr(std::min(line + 1, input.size())));
  const Expected<Proxy> proxy = Proxy::parse(input.substr(0, line));
  if (proxy) {
    Proxy bare = *proxy;
    bare.user = bare.password = {};
    testing::require(*Proxy::parse(proxy->redacted()) == bare);
  }
  ProxyConfig config{.http = "p.test", .https = "p.test", .no_proxy = list};
  const ProxyRules rules = *ProxyRules::make(config);
  for (const char* text : {"http://a.b.test/", "https://10.1.2.3/", "http://[2001:db8::1]:81/"}) {
    const Url url = *Url::parse(text);
    const bool is_direct = rules.choose(url) == nullptr;
    config.no_proxy = list + "," + url.host();
    testing::require(ProxyRules::make(config)->choose(url) == nullptr);
    config.no_proxy = list + ",other.test";
    testing::require((ProxyRules::make(config)->choose(url) == nullptr) == is_direct);
  }
  return 0;
}
