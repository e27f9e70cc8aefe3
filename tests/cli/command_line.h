#pragma once

/// Short ways to give a test a command line, an environment and files.

#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "cli/options.h"
#include "cli/process.h"

namespace xtrace::testing {

inline Expected<cli::GetOptions> parse(std::initializer_list<std::string_view> words,
                                       std::string_view verb = "get") {
  return cli::parse_get_options(verb, std::span(words.begin(), words.size()));
}

/// The options of a command line that must be right.
inline cli::GetOptions parsed(std::initializer_list<std::string_view> words,
                              std::string_view verb = "get") {
  auto options = parse(words, verb);
  if (const auto* error = options.if_error()) FAIL(error->message);
  return std::move(options).value();
}

/// The sentence that refuses a command line; empty where nothing refuses it.
inline std::string refusal(std::initializer_list<std::string_view> words,
                           std::string_view verb = "get") {
  auto options = parse(words, verb);
  const auto* error = options.if_error();
  return error == nullptr ? std::string() : error->message;
}

/// An environment of these variables and no others.
inline cli::Environment environment(std::map<std::string, std::string> variables = {}) {
  return [variables = std::move(variables)](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
}

}  // namespace xtrace::testing
