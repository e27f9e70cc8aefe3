#include "microservices/flags.h"

#include <charconv>
#include <csignal>
#include <cstdio>
#include <system_error>

#include <cxxopts.hpp>

#include "cli/exit_code.h"
#include "cli/option_values.h"
#include "stage/daemon_log.h"

namespace xtrace::examples {

namespace {

Error invalid_flag(std::string sentence) {
  return {Error::Code::invalid_config, Phase::none, std::move(sentence)};
}

Error invalid_flag(std::string_view flag, const std::string& value, std::string_view reason) {
  return invalid_flag("--" + std::string(flag) + ": '" + value + "' is not " + std::string(reason));
}

cxxopts::Options make_options(const ProgramSyntax& syntax) {
  cxxopts::Options options(syntax.name, syntax.summary);
  // cxxopts shows operands only where it has names for them.
  options.custom_help(std::string("[FLAGS]") + (*syntax.operands == '\0' ? "" : " ") +
                      syntax.operands);
  auto add = options.add_options();
  for (const FlagSpec& flag : syntax.flags) {
    if (*flag.value == '\0') {
      add(flag.names, flag.about);
    } else if (*flag.fallback == '\0') {
      add(flag.names, flag.about, cxxopts::value<std::string>(), flag.value);
    } else {
      add(flag.names, flag.about, cxxopts::value<std::string>()->default_value(flag.fallback),
          flag.value);
    }
  }
  add("h,help", "show this");
  return options;
}

/// cxxopts quotes as typographers do.
std::string in_ascii(std::string text) {
  for (const std::string_view quote : {"\u2018", "\u2019"}) {
    for (std::size_t at = text.find(quote); at != std::string::npos; at = text.find(quote)) {
      text.replace(at, quote.size(), "'");
    }
  }
  return text;
}

std::string_view long_name(std::string_view names) {
  return names.substr(names.find(',') + 1);  // the whole where there is no comma
}

}  // namespace

Expected<Flags> Flags::parse(const ProgramSyntax& syntax, int count, const char* const* words) {
  Flags flags;
  try {
    cxxopts::Options options = make_options(syntax);
    const cxxopts::ParseResult result = options.parse(count, words);
    for (const FlagSpec& flag : syntax.flags) {
      const std::string name(long_name(flag.names));
      if (*flag.value == '\0') {
        if (result.count(name) > 0) flags.values_[name];
      } else if (result.count(name) > 0 || *flag.fallback != '\0') {
        flags.values_[name] = result[name].as<std::string>();
      }
    }
    if (result.count("help") > 0) flags.values_["help"];
    flags.operands_ = result.unmatched();
    flags.help_ = options.help();
  } catch (const cxxopts::exceptions::exception& refused) {
    return invalid_flag(in_ascii(refused.what()));
  }
  if (*syntax.operands == '\0' && !flags.operands_.empty() && !flags.wants_help()) {
    return invalid_flag("'" + flags.operands_.front() + "' is one word too many");
  }
  return flags;
}

std::string Flags::text(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string() : found->second;
}

Expected<Duration> Flags::duration(std::string_view name) const {
  const auto parsed = cli::parse_duration(text(name));
  if (parsed && *parsed > Duration::zero()) return *parsed;
  return invalid_flag(name, text(name), "a time such as 2, 1.5s, 200ms or 1m");
}

Expected<std::uint64_t> Flags::bytes(std::string_view name) const {
  const std::string digits = text(name);
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool is_number = failure == std::errc() && end == digits.data() + digits.size();
  if (is_number && value > 0) return value;
  return invalid_flag(name, digits, "a number of bytes");
}

Expected<Address> Flags::listen(std::string_view name) const {
  const std::string whole = text(name);
  const std::size_t colon = whole.rfind(':');
  if (colon != std::string::npos) {
    const std::string host = whole.substr(0, colon);
    std::uint16_t port = 0;
    const char* const last = whole.data() + whole.size();
    const auto [end, failure] = std::from_chars(whole.data() + colon + 1, last, port);
    const bool is_port = failure == std::errc() && end == last;
    const auto address = Address::from_ip(host == "localhost" ? "127.0.0.1" : host, port);
    if (is_port && address) return *address;
  }
  return invalid_flag(name, whole, "an address to listen on, such as 127.0.0.1:8080");
}

Expected<DaemonEndpoint> Flags::daemon(std::string_view name) const {
  const auto daemon = has(name) ? parse_daemon_address(text(name)) : find_daemon();
  if (daemon) return daemon->udp;
  return has(name) ? daemon.error().with_prefix("--" + std::string(name)) : daemon.error();
}

int run_program(const ProgramSyntax& syntax, int count, char** words,
                const std::function<Expected<int>(const Flags&)>& run) {
  // Who reads what is said here may go away; a client that does is told by EPIPE.
  std::signal(SIGPIPE, SIG_IGN);
  const auto flags = Flags::parse(syntax, count, words);
  if (flags && flags->wants_help()) {
    std::fputs(flags->help().c_str(), stdout);
    return 0;
  }
  const auto code = flags ? run(*flags) : Expected<int>(flags.error());
  if (code) return *code;
  const Error& error = code.error();
  // 69 for a busy port, as `xtrace listen` has it.
  const cli::ExitCode kind = error.code == Error::Code::listen_failed ? cli::ExitCode::not_emitted
                                                                      : cli::exit_code_of(error);
  std::string sentence = std::string(syntax.name) + ": " + error.message;
  if (kind == cli::ExitCode::usage) sentence += std::string(" (see ") + syntax.name + " --help)";
  std::fprintf(stderr, "%s\n", sentence.c_str());
  return cli::to_int(kind);
}

}  // namespace xtrace::examples
