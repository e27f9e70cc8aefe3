"""Checks who includes whom (docs/architecture.md): `check_layers.py [ROOT]`.

A file includes its own layer and those below it. A public header includes public headers and the
standard library. A foreign library's headers come in by its own door only.
"""

import pathlib
import re
import sys

BELOW = {"base": set(), "loop": {"base"}, "xray": {"base"}}
BELOW["net"] = BELOW["loop"] | {"loop"}
BELOW["http"] = BELOW["net"] | {"net"}
BELOW["client"] = BELOW["http"] | {"http"}
BELOW["instrument"] = BELOW["client"] | {"client", "xray"}
BELOW["collect"] = BELOW["instrument"] | {"instrument"}
BELOW["cli"] = BELOW["collect"] | {"collect"}

# Foreign headers, and the files that may include them: a pattern on the path from the root.
TEST = r"tests/|"
DOORS = {
    r"uv\.h": TEST + r"src/(loop|net|collect)/|src/http/server|examples/embed/",
    r"(mbedtls|psa)/.*": r"src/net/tls|tests/support/tls|tests/net/tls|examples/scripted_server/tls",
    r"llhttp\.h": r"src/http/(request_)?parser",
    r"uriparser/.*": r"src/http/url",
    r"zlib\.h|brotli/.*|zstd\.h": r"src/http/body_decoder_",
    r"cxxopts\.hpp": r"src/cli/options|examples/microservices/",
    r"nlohmann/.*": TEST
    + r"src/(cli|collect)/|src/xray/json_|src/instrument/(daemon_|detect_json)|examples/microservices/",
    r"openssl/.*": r"(include/xtrace|tests)/adapters/curl",
    r"curl/.*": TEST + r"include/xtrace/adapters/curl|examples/curl/",
    r"httplib\.h": r"include/xtrace/adapters/httplib|examples/httplib/",
    r"boost/.*": r"include/xtrace/adapters/beast|examples/(beast|asio)/",
    r"prometheus/.*": TEST + r"src/instrument/prometheus_|examples/",
    r"doctest/.*": r"tests/",
    r"fmt/.*": TEST + r"src/cli/",
}
# The layer of a public header is the folder that has a .cpp of its name; these have none.
HEADERS_WITHOUT_SOURCE = {"callback": "base", "expected": "base", "http": "http", "tls": "net"}
HEADERS_WITHOUT_SOURCE |= {"body": "net", "server_says": "http", "client_config": "client"}
HEADERS_WITHOUT_SOURCE |= {"metrics_sink": "base"}
HEADERS_WITHOUT_SOURCE |= {"capture": "xray", "scalar": "xray", "service_environment": "xray"}
HEADERS_WITHOUT_SOURCE |= {"xtrace": "xray"}

# Headers for services that have the library they adapt: nothing of ours includes them.
BELOW["adapters"] = BELOW["instrument"] | {"instrument"}
ADAPTERS = "include/xtrace/adapters/"

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)
# <vector>, <cstdint>; of C's own what the C interface is written in.
STANDARD = re.compile(r"[a-z0-9_]+$|std(bool|def|int)\.h$")


def layers_of_public_headers(root):
    """Which layer each public header belongs to, by the folder of its source."""
    layers = dict(HEADERS_WITHOUT_SOURCE)
    for source in sorted((root / "src").glob("*/*.cpp")):
        if (root / "include/xtrace" / f"{source.stem}.h").exists():
            layers[source.stem] = source.parent.name
    return layers


def layer_of_include(name, layers):
    """The layer that an include names, or None for what is not ours."""
    folder, _, file = name.rpartition("/")
    if folder == "xtrace/adapters":
        return "adapters"
    return layers.get(pathlib.PurePath(file).stem) if folder == "xtrace" else folder or None


def is_adapted(path, name):
    """Whether an adapter includes the library that it is for: it has passed that one's door."""
    is_foreign = any(re.fullmatch(header, name) for header in DOORS)
    return path.startswith(ADAPTERS) and is_foreign


def complaint(path, is_system, name, layers):
    """What is wrong with one include of the file `path` (relative to the root), or None."""
    for header, door in DOORS.items():
        if re.fullmatch(header, name) and not re.match(door, path):
            return f"<{name}> has another door ({door.strip('|')})"
    if path.startswith("include/"):
        is_seen = name.startswith("xtrace/") or STANDARD.match(name)
        if not is_system or not (is_seen or is_adapted(path, name)):
            return f"a public header sees only <xtrace/...> and the standard library, not {name}"
        own = "adapters" if path.startswith(ADAPTERS) else layers.get(pathlib.PurePath(path).stem)
    elif path.startswith("src/"):
        own = path.split("/")[1]
    else:
        return None
    other = layer_of_include(name, layers)
    if own is None or other not in BELOW or other == own or other in BELOW[own]:
        return None
    return f"{own} may not include {name}, which belongs to {other}"


def check(root):
    """All complaints about the tree, and how many files were read."""
    layers = layers_of_public_headers(root)
    complaints = []
    files = [f for top in ("include", "src", "tests", "examples") for f in (root / top).rglob("*")]
    files = sorted(f for f in files if f.suffix in (".h", ".cpp"))
    for file in files:
        path = file.relative_to(root).as_posix()
        is_public = path.startswith("include/") and not path.startswith(ADAPTERS)
        if is_public and file.stem not in layers:
            unknown = f"no layer has a {file.stem}.cpp, so tools/check_layers.py must be told"
            complaints.append(f"{path}: {unknown}")
        for bracket, name in INCLUDE.findall(file.read_text(encoding="utf-8")):
            wrong = complaint(path, bracket == "<", name, layers)
            if wrong:
                complaints.append(f"{path}: {wrong}")
    return complaints, len(files)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    complaints, files = check(root if root.is_dir() else root.parent.parent)
    for text in complaints:
        print(text)
    if files == 0:
        print("there is no source to check")
        return 1
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
