#pragma once

/// The flags of the programs here, each a table, and what `main` of each has in common.

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/address.h>
#include <xtrace/clock.h>
#include <xtrace/daemon_address.h>
#include <xtrace/expected.h>

namespace xtrace::examples {

struct FlagSpec {
  const char* names = "";     ///< `l,listen`
  const char* value = "";     ///< What stands for its value in the help; empty: it takes none.
  const char* fallback = "";  ///< Empty: it is not set unless it is given.
  const char* about = "";
};

struct ProgramSyntax {
  const char* name = "";
  const char* summary = "";
  const char* operands = "";  ///< Empty: it takes none.
  std::span<const FlagSpec> flags{};
};

/// What a command line says. Getters fail with `invalid_config`, naming the flag.
class Flags {
 public:
  /// Fails with `invalid_config`.
  static Expected<Flags> parse(const ProgramSyntax& syntax, int count, const char* const* words);

  bool wants_help() const { return has("help"); }
  const std::string& help() const { return help_; }
  const std::vector<std::string>& operands() const { return operands_; }

  /// By its long name, without dashes.
  bool has(std::string_view name) const { return values_.find(name) != values_.end(); }
  std::string text(std::string_view name) const;
  /// As `xtrace` takes them: `15`, `1.5s`, `200ms`, `1m`; more than zero.
  Expected<Duration> duration(std::string_view name) const;
  /// Bytes, 1 at the least.
  Expected<std::uint64_t> bytes(std::string_view name) const;
  /// Of an IP address, or `localhost`, and a port, 0 for a free one.
  Expected<Address> listen(std::string_view name) const;
  /// Where it is not set, what `AWS_XRAY_DAEMON_ADDRESS` says, or the daemon's default.
  Expected<DaemonEndpoint> daemon(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
  std::vector<std::string> operands_;
  std::string help_;
};

/// Reads the flags and calls `run`, or says what is wrong with them. The program's exit code.
int run_program(const ProgramSyntax& syntax, int count, char** words,
                const std::function<Expected<int>(const Flags&)>& run);

}  // namespace xtrace::examples
