#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/ascii.h"
#include "collect/udp_receiver.h"
#include "net/descriptor.h"

namespace xtrace::collect {

namespace {

using Bytes = std::vector<std::uint8_t>;

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

/// A file of /proc, which has no size before it is read; empty where there is none.
std::string read_proc_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 16384> part;  // NOLINT(*-member-init)
  while (file.is_open()) {
    const ssize_t got = ::read(file.get(), part.data(), part.size());
    if (got <= 0) break;
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  return text;
}

/// Calls `visit(name)` for what is in a folder until it returns false.
template <typename Visit>
void visit_folder(const std::string& path, Visit&& visit) {
  const std::unique_ptr<DIR, CloseFolder> folder(::opendir(path.c_str()));
  while (folder != nullptr) {
    const dirent* entry = ::readdir(folder.get());
    if (entry == nullptr || !visit(std::string_view(entry->d_name))) break;
  }
}

std::string_view cut_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

template <typename Number>
std::optional<Number> from_hex(std::string_view digits) {
  Number value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  const bool is_whole = read.ec == std::errc{} && read.ptr == digits.data() + digits.size();
  return is_whole ? std::optional(value) : std::nullopt;
}

/// The kernel prints an address in words of its own byte order.
Bytes printed_address(std::string_view digits) {
  Bytes bytes;
  for (; digits.size() >= 8; digits.remove_prefix(8)) {
    const std::optional<std::uint32_t> word = from_hex<std::uint32_t>(digits.substr(0, 8));
    if (!word) return {};
    const auto* begin = reinterpret_cast<const std::uint8_t*>(&*word);
    bytes.insert(bytes.end(), begin, begin + sizeof *word);
  }
  return bytes;
}

bool is_any_address(const Bytes& address) {
  return std::ranges::all_of(address, [](std::uint8_t byte) { return byte == 0; });
}

/// IPv4 as IPv6 has it.
Bytes mapped(const Bytes& address) {
  if (address.size() != 4) return address;
  Bytes bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  bytes.insert(bytes.end(), address.begin(), address.end());
  return bytes;
}

Bytes bytes_in(const Address& address) {
  const auto ipv4 = address.ipv4();
  const auto ipv6 = address.ipv6();
  return address.family() == Address::Family::ipv4 ? Bytes(ipv4.begin(), ipv4.end())
                                                   : Bytes(ipv6.begin(), ipv6.end());
}

/// The inode of the socket in a line of /proc/net, where that is in the way of the address.
std::string_view inode_in(std::string_view line, const Address& address, bool is_udp) {
  cut_word(line);
  const std::string_view local = cut_word(line);
  const std::size_t colon = local.find(':');
  if (colon == std::string_view::npos) return {};
  if (from_hex<std::uint16_t>(local.substr(colon + 1)) != address.port()) return {};
  const Bytes held = printed_address(local.substr(0, colon));
  const Bytes wanted = bytes_in(address);
  if (!is_any_address(held) && !is_any_address(wanted) && mapped(held) != mapped(wanted)) return {};
  cut_word(line);
  constexpr std::string_view kListening = "0A";
  if (const std::string_view state = cut_word(line); !is_udp && state != kListening) return {};
  for (int passed = 0; passed < 5; ++passed) cut_word(line);
  return cut_word(line);
}

/// As a link below /proc/PID/fd names the socket; empty where there is none.
std::string find_socket(const Address& address, bool is_udp) {
  for (const std::string_view suffix : {"", "6"}) {
    const std::string text = read_proc_file(
        std::string(is_udp ? "/proc/net/udp" : "/proc/net/tcp") + std::string(suffix));
    std::string_view rest = text;
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      const std::string_view inode = inode_in(line, address, is_udp);
      if (!inode.empty() && inode != "0") return "socket:[" + std::string(inode) + "]";
    }
  }
  return {};
}

bool holds(const std::string& process, std::string_view socket) {
  bool is_held = false;
  visit_folder(process + "/fd", [&](std::string_view name) {
    std::array<char, 64> target;  // NOLINT(*-member-init)
    const std::string link = process + "/fd/" + std::string(name);
    const ssize_t size = ::readlink(link.c_str(), target.data(), target.size());
    is_held = size > 0 && std::string_view(target.data(), static_cast<std::size_t>(size)) == socket;
    return !is_held;
  });
  return is_held;
}

}  // namespace

std::string holder_of_port(const Address& address, bool is_udp) {
  if (address.family() == Address::Family::local) return {};
  const std::string socket = find_socket(address, is_udp);
  std::string holder;
  if (socket.empty()) return holder;
  visit_folder("/proc", [&](std::string_view name) {
    const std::string process = "/proc/" + std::string(name);
    if (!is_digit(name.front()) || !holds(process, socket)) return true;
    std::string command = read_proc_file(process + "/comm");
    if (command.ends_with('\n')) command.pop_back();
    holder = "held by " + command + " (pid " + std::string(name) + ")";
    return false;
  });
  return holder;
}

}  // namespace xtrace::collect
