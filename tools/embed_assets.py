"""Makes a C++ source of the page's files: `embed_assets.py FOLDER OUTPUT DEPFILE`.

Every file below FOLDER of a known type becomes an entry of `page_assets()`
(src/collect/page_assets.h): its bytes as they are and with gzip, its content type and a tag made
of its bytes. DEPFILE names what was looked at, the folders included, so that a new file is met by
the next build. The same files make the same source.
"""

import gzip
import hashlib
import pathlib
import sys

# By the end of a name. What has none of these is not for browsers: README.md, package.json.
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
# Folders that are for those who work on the page.
NOT_SERVED = {"node_modules", "test", "tests"}
# Packing that saves less is not worth the time to unpack.
WORTH_PACKING = 0.9


def is_served(folder, path):
    parts = path.relative_to(folder).parts
    is_hidden = any(part.startswith(".") or part in NOT_SERVED for part in parts)
    return path.suffix in CONTENT_TYPES and not is_hidden


def pack(body):
    packed = gzip.compress(body, compresslevel=9, mtime=0)
    return packed if len(packed) < len(body) * WORTH_PACKING else b""


def escape(byte):
    """One byte of a string literal: octal where it would mean anything else."""
    letter = chr(byte)
    is_plain = 32 <= byte < 127 and letter not in '"\\?'
    return letter if is_plain else f"\\{byte:03o}"


ESCAPED = [escape(byte) for byte in range(256)]


def literal(body):
    """A literal in lines, as compilers and people who look for an error like it."""
    lines = [body[at : at + 100] for at in range(0, len(body), 100)] or [b""]
    return "\n".join(f'    "{"".join(ESCAPED[byte] for byte in line)}"' for line in lines)


def source_of(assets):
    yield "// Made by tools/embed_assets.py.\n"
    yield '#include "collect/page_assets.h"\n'
    yield "#include <array>\n"
    yield '#pragma GCC diagnostic ignored "-Woverlength-strings"\n'
    yield "namespace xtrace::collect {\n"
    yield "namespace {\n"
    for index, (_, body) in enumerate(assets):
        yield f"constexpr char kBody{index}[] =\n{literal(body)};"
        yield f"constexpr char kPacked{index}[] =\n{literal(pack(body))};"
    yield f"constexpr std::array<PageAsset, {len(assets)}> kAssets{{{{"
    for index, (name, body) in enumerate(assets):
        kind = CONTENT_TYPES[pathlib.PurePosixPath(name).suffix]
        tag = hashlib.sha256(body).hexdigest()[:16]
        bodies = ", ".join(
            f"{{{array}{index}, sizeof {array}{index} - 1}}" for array in ("kBody", "kPacked")
        )
        yield f'    {{"{name}", "{kind}", "\\"{tag}\\"", {bodies}}},'
    yield "}};\n"
    yield "}  // namespace\n"
    yield "std::span<const PageAsset> page_assets() { return kAssets; }\n"
    yield "}  // namespace xtrace::collect"


def main():
    folder, output, depfile = (pathlib.Path(argument) for argument in sys.argv[1:])
    seen = sorted(folder.rglob("*"))
    served = [path for path in seen if path.is_file() and is_served(folder, path)]
    assets = sorted((p.relative_to(folder).as_posix(), p.read_bytes()) for p in served)
    output.write_text("\n".join(source_of(assets)) + "\n", encoding="ascii")
    looked_at = served + [folder] + [path for path in seen if path.is_dir()]
    names = " ".join(str(path).replace(" ", "\\ ") for path in looked_at)
    depfile.write_text(f"{output}: {names}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
