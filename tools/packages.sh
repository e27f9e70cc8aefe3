# Sourced by tools/run and tools/test: which Debian and Ubuntu packages each deed needs, and how they get here.
#
# `a|b` means that either will do; the first one that the distribution has is installed. Everything is said on stderr, in one
# sentence a matter. XTRACE_NO_INSTALL=1 leaves the machine as it is and trusts that everything is there.

run_packages="g++ meson ninja-build pkg-config python3 ca-certificates libllhttp-dev|node-llhttp libuv1-dev \
  libmbedtls-dev liburiparser-dev zlib1g-dev libbrotli-dev libzstd-dev libcxxopts-dev nlohmann-json3-dev"
test_packages="$run_packages g++-12 doctest-dev git python3-jsonschema nginx-light openssl dnsmasq-base iproute2 nftables \
  squid microsocks dante-server curl nodejs npm prometheus-cpp-dev prometheus \
  libboost-dev libcpp-httplib-dev libcurl4-openssl-dev libssl-dev chromium-headless-shell|chromium awscli python3-aws-xray-sdk"
bench_packages="$run_packages nginx-light openssl curl wrk hey nodejs npm libcurl4-openssl-dev chromium-headless-shell|chromium"
all_test_packages="$test_packages clang-14 libclang-rt-14-dev clang-format-14 clang-tidy-14"

# example_packages NAME: what that example needs beside run_packages.
example_packages() {
  case $1 in
    asio | beast) echo libboost-dev ;;
    curl) echo libcurl4-openssl-dev ;;
    httplib) echo libcpp-httplib-dev ;;
  esac
}

# require_packages ASKER PACKAGE...: installs what is missing, or says what is and returns 1.
require_packages() {
  asker=$1
  shift
  [ -z "${XTRACE_NO_INSTALL:-}" ] || return 0
  if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
    echo "$asker: this system has no apt-get, so please install what Debian calls $(spelled_out "$@")" \
      "and call again with XTRACE_NO_INSTALL=1." >&2
    return 1
  fi
  # What a package provides is there as much as the package: nodejs from elsewhere than Debian brings npm along.
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}, ${Provides}\n' 2>/dev/null |
    sed -n 's/([^)]*)//g; s/,/ /g; s/^installed \(.*\)/ \1 /p')
  missing=
  for wanted in "$@"; do
    is_installed "$wanted" || missing="$missing $wanted"
  done
  # shellcheck disable=SC2086 # package names are words
  [ -z "$missing" ] || install_packages "$asker" $missing
}

spelled_out() {
  echo "$*" | sed 's/|/ or /g; s/\([^ ]* or [^ ]*\)/(\1)/g'
}

is_installed() {
  choices=$1
  while :; do
    case $installed in *" ${choices%%|*} "*) return 0 ;; esac
    case $choices in *"|"*) choices=${choices#*|} ;; *) return 1 ;; esac
  done
}

install_packages() {
  asker=$1
  shift
  as_root=
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
      echo "$asker: the packages $(spelled_out "$@") are missing, and only root may install them" \
        "(there is no sudo here)." >&2
      return 1
    fi
    as_root="sudo"
    [ -t 0 ] || as_root="sudo -n"
  fi
  echo "$asker: installing $(spelled_out "$@")" >&2
  log=$(mktemp) || return 1
  # A failed update is no reason to stop: the lists that are there may do.
  $as_root apt-get -q update </dev/null >"$log" 2>&1 || true
  # shellcheck disable=SC2046 # package names are words
  if $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install \
    $(available_choices "$@") </dev/null >>"$log" 2>&1; then
    rm -f "$log"
    return 0
  fi
  reason=$(grep -E '^(E:|Err:|sudo:)' "$log" | tail -n 1)
  rm -f "$log"
  echo "$asker: apt-get could not install $(spelled_out "$@"): ${reason:-it gave no reason}" >&2
  return 1
}

# The first alternative that apt knows; the last one where it knows none, so that apt's complaint names it.
available_choices() {
  for wanted in "$@"; do
    while :; do
      case $wanted in *"|"*) ;; *) break ;; esac
      apt-cache show "${wanted%%|*}" >/dev/null 2>&1 && break
      wanted=${wanted#*|}
    done
    echo "${wanted%%|*}"
  done
}
