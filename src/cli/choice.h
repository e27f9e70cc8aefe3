#pragma once

/// A flag whose value is one of a few words.

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <xtrace/expected.h>

namespace xtrace::cli {

template <class Choice>
struct Word {
  std::string_view text;
  Choice choice;
};

/// What `text` means, or `invalid_config`: `"x" is not one of a, b or c`, and `remark`.
template <class Choice, std::size_t kCount>
Expected<Choice> choose(const std::array<Word<Choice>, kCount>& words, std::string_view text,
                        std::string_view remark = {}) {
  std::string list;
  for (std::size_t i = 0; i < kCount; ++i) {
    if (words[i].text == text) return words[i].choice;
    if (i != 0) list += i + 1 == kCount ? " or " : ", ";
    list += words[i].text;
  }
  return Error{Error::Code::invalid_config, Phase::none,
               "\"" + std::string(text) + "\" is not one of " + list + std::string(remark)};
}

}  // namespace xtrace::cli
