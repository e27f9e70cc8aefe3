#include <algorithm>

#include <xtrace/sampler.h>

namespace xtrace {

RuleName::RuleName(std::string_view name)
    : length_(static_cast<std::uint8_t>(std::min(name.size(), kMaxLength))) {
  std::ranges::copy(name.substr(0, kMaxLength), text_.begin());
}

}  // namespace xtrace
