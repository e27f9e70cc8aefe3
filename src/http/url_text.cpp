#include "http/url_text.h"

#include <array>
#include <charconv>
#include <string_view>

namespace xtrace {

void append_authority(std::string& into, const Url& url) {
  // A zone means something on this machine only; RFC 6874 section 4 keeps it out of the Host
  // header.
  const std::string_view host = std::string_view(url.host()).substr(0, url.host().find('%'));
  const bool is_ipv6 = host.find(':') != std::string_view::npos;
  if (is_ipv6) into += '[';
  into += host;
  if (is_ipv6) into += ']';
  if (url.port() == (url.is_https() ? 443 : 80)) return;
  std::array<char, 6> text{':'};
  const auto end = std::to_chars(text.data() + 1, text.data() + text.size(), url.port()).ptr;
  into.append(text.data(), end);
}

void append_target(std::string& into, const Url& url) {
  into += url.path();
  if (url.query().empty()) return;
  into += '?';
  into += url.query();
}

std::string Url::target() const {
  std::string text;
  append_target(text, *this);
  return text;
}

std::string Url::authority() const {
  std::string text;
  append_authority(text, *this);
  return text;
}

std::string Url::host_port() const {
  const bool is_ipv6 = host_.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host_ + "]" : host_) + ":" + std::to_string(port_);
}

std::string Url::redacted() const {
  return scheme_ + "://" + authority() + path_;
}

std::string Url::full() const {
  return scheme_ + "://" + authority() + target();
}

}  // namespace xtrace
