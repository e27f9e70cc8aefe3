"""tools/run against a tree of its own, with a package manager and build tools made of shell."""

import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"
SYSTEM = "sh find mkdir mv mktemp tail cat rm sed grep chmod readlink flock env".split()

MESON = """#!/bin/sh
echo meson "$@" >>"$CALLS"
[ ! -e "$FAIL_MESON" ] || exit 1
: >"$2/build.ninja"
"""
NINJA = """#!/bin/sh
echo ninja "$@" >>"$CALLS"
if [ -e "$FAIL_NINJA" ]; then echo "main.cpp:1: error: no such luck"; exit 1; fi
mkdir -p "$2/${3%/*}"
printf '#!/bin/sh\\nfor word; do echo "<$word>"; done\\necho "in $PWD"\\n' >"$2/$3"
chmod +x "$2/$3"
"""
DPKG_QUERY = """#!/bin/sh
for name in $(cat "$INSTALLED"); do
  case $name in
    removed-*) echo "config-files ${name#removed-}, " ;;
    pkgconf) echo "installed pkgconf, pkgconf-bin, pkg-config (= 1.8.1-1)" ;;
    *) echo "installed $name, " ;;
  esac
done
"""
APT_GET = """#!/bin/sh
echo apt-get "$@" >>"$CALLS"
case " $* " in *" install "*) ;; *) exit 0 ;; esac
if [ -e "$FAIL_APT" ]; then echo "E: Unable to locate package"; exit 100; fi
for word; do case $word in -* | install) ;; *) echo " $word" >>"$INSTALLED" ;; esac; done
"""
APT_CACHE = '#!/bin/sh\n[ "$2" != libllhttp-dev ]\n'
PACKAGES = (
    "g++ meson ninja-build pkg-config python3 ca-certificates node-llhttp libuv1-dev "
    "libmbedtls-dev liburiparser-dev zlib1g-dev libbrotli-dev libzstd-dev libcxxopts-dev "
    "nlohmann-json3-dev"
)


class RunScriptTests(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.top = pathlib.Path(directory.name)
        self.root = self.top / "a tree"
        examples = ("examples/race", "examples/shared")
        for folder in ("tools", "src/cli", "include", "subprojects", *examples):
            (self.root / folder).mkdir(parents=True)
        for file in ("run", "packages.sh"):
            shutil.copy(TOOLS / file, self.root / "tools")
        for file in ("meson.build", "meson_options.txt", "examples/race/meson.build"):
            (self.root / file).touch()
        self.bin = self.top / "bin"
        self.bin.mkdir()
        for name in SYSTEM:
            (self.bin / name).symlink_to(shutil.which(name))
        self.add_program("id", "#!/bin/sh\necho 0\n")
        self.add_program("meson", MESON)
        self.add_program("ninja", NINJA)
        for name in ("c++", "pkg-config"):
            self.add_program(name, "#!/bin/sh\n")
        self.add_program("apt-get", APT_GET)
        self.add_program("apt-cache", APT_CACHE)
        self.add_program("dpkg-query", DPKG_QUERY)
        self.env = {"PATH": str(self.bin), "TMPDIR": str(self.top)}
        for name in ("CALLS", "FAIL_MESON", "FAIL_NINJA", "FAIL_APT", "INSTALLED"):
            self.env[name] = str(self.top / name)
        (self.top / "INSTALLED").write_text(PACKAGES)

    def add_program(self, name, text):
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def run_it(self, *arguments, script=None, cwd=None, **env):
        return subprocess.run(
            [script or self.root / "tools/run", *arguments],
            cwd=cwd or self.top,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def calls(self):
        """What was called since the last look."""
        path = self.top / "CALLS"
        text = path.read_text() if path.exists() else ""
        path.unlink(missing_ok=True)
        return text.splitlines()

    def assert_one_sentence(self, done, *words):
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(done.stdout, "")
        last = done.stderr.splitlines()[-1]
        for word in ("tools/run: ", *words):
            self.assertIn(word, last)

    def test_the_first_run_builds_and_the_next_one_calls_nothing(self):
        done = self.run_it("get", "two words", "")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, f"<get>\n<two words>\n<>\nin {self.top}\n")
        self.assertEqual([call.split()[0] for call in self.calls()], ["meson", "ninja"])
        done = self.run_it("get")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.calls(), [])

    def test_a_changed_file_is_built_and_nothing_is_configured_again(self):
        self.run_it()
        self.calls()
        stamp = self.root / "build/.xtrace/xtrace"
        os.utime(stamp, (1, 1))
        self.run_it()
        self.assertEqual([call.split()[0] for call in self.calls()], ["ninja"])

    def test_a_copied_tree_is_configured_anew(self):
        self.run_it()
        self.calls()
        copy = self.top / "copy"
        shutil.copytree(self.root, copy)
        os.utime(copy / "build/.xtrace/xtrace", (1, 1))
        self.assertEqual(self.run_it(script=copy / "tools/run").returncode, 0)
        self.assertIn(f"meson setup {copy}/build {copy} ", self.calls()[0] + " ")

    def test_it_runs_through_a_link_and_from_its_own_folder(self):
        (self.top / "link").symlink_to(self.root / "tools/run")
        self.assertEqual(self.run_it(script=self.top / "link").returncode, 0)
        tools = self.root / "tools"
        self.assertEqual(self.run_it("run", script="/bin/sh", cwd=tools).stdout, f"in {tools}\n")

    def test_missing_packages_are_installed_once_and_named(self):
        there = PACKAGES.replace("node-llhttp libuv1-dev", "").replace("g++", "")
        (self.top / "INSTALLED").write_text(there)
        done = self.run_it()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("installing g++ (libllhttp-dev or node-llhttp) libuv1-dev", done.stderr)
        calls = self.calls()
        self.assertEqual(calls[0], "apt-get -q update")
        self.assertTrue(calls[1].endswith("install g++ node-llhttp libuv1-dev"), calls)
        os.utime(self.root / "build/.xtrace/xtrace", (1, 1))
        self.run_it()
        self.assertEqual([call.split()[0] for call in self.calls()], ["ninja"])

    def test_what_a_package_provides_is_there_and_what_was_removed_is_not(self):
        there = PACKAGES.replace("pkg-config", "pkgconf").replace("meson", "removed-meson")
        (self.top / "INSTALLED").write_text(there)
        self.assertEqual(self.run_it().returncode, 0)
        self.assertTrue(self.calls()[1].endswith(" install meson"))

    def test_a_package_that_cannot_be_had_is_one_sentence(self):
        (self.top / "INSTALLED").write_text(PACKAGES.replace("libuv1-dev", ""))
        (self.top / "FAIL_APT").touch()
        self.assert_one_sentence(self.run_it(), "libuv1-dev", "E: Unable to locate package")

    def test_without_apt_it_names_the_packages_and_stops(self):
        (self.bin / "apt-get").unlink()
        said = ("no apt-get", "libuv1-dev", "node-llhttp", "XTRACE_NO_INSTALL=1")
        self.assert_one_sentence(self.run_it(), *said)
        self.assertEqual(self.calls(), [])
        self.assertEqual(self.run_it(XTRACE_NO_INSTALL="1").returncode, 0)

    def test_without_root_it_asks_sudo_and_says_so_where_there_is_none(self):
        self.add_program("id", "#!/bin/sh\necho 1000\n")
        (self.top / "INSTALLED").write_text(PACKAGES.replace("meson", ""))
        self.assert_one_sentence(self.run_it(), "meson", "only root", "no sudo")
        self.add_program("sudo", '#!/bin/sh\necho sudo >>"$CALLS"\nshift\nexec "$@"\n')
        self.assertEqual(self.run_it().returncode, 0)
        self.assertIn("sudo", self.calls())

    def test_a_missing_tool_is_one_sentence(self):
        (self.bin / "c++").unlink()
        self.assert_one_sentence(self.run_it(XTRACE_NO_INSTALL="1"), "c++", "not on the PATH")

    def test_a_failed_build_shows_the_end_of_its_log_and_runs_nothing(self):
        self.run_it()
        os.utime(self.root / "build/.xtrace/xtrace", (1, 1))
        (self.top / "FAIL_NINJA").touch()
        done = self.run_it()
        self.assert_one_sentence(done, "the build failed", "log")
        self.assertIn("main.cpp:1: error: no such luck", done.stderr)
        (self.top / "FAIL_NINJA").unlink()
        self.assertEqual(self.run_it().returncode, 0)

    def test_a_failed_configuration_is_tried_again(self):
        (self.top / "FAIL_MESON").touch()
        self.assert_one_sentence(self.run_it(), "could not be configured")
        (self.top / "FAIL_MESON").unlink()
        self.assertEqual(self.run_it().returncode, 0)

    def test_runs_at_the_same_time_build_once(self):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            codes = [done.returncode for done in pool.map(lambda _: self.run_it(), range(4))]
        self.assertEqual(codes, [0, 0, 0, 0])
        self.assertEqual([call.split()[0] for call in self.calls()], ["meson", "ninja"])

    def test_a_demo_is_built_and_gets_what_follows_its_name(self):
        done = self.run_it("demo", "race", "--fast", "demo")
        self.assertEqual((done.returncode, done.stdout), (0, f"<--fast>\n<demo>\nin {self.top}\n"))
        self.assertIn("examples/race/race", self.calls()[-1])
        self.run_it("demo", "race")
        self.assertEqual(self.calls(), [])

    def test_a_demo_without_a_name_is_the_one_of_everything(self):
        demo = self.root / "tools/demo"
        demo.write_text('#!/bin/sh\necho "$0"\n')
        demo.chmod(0o755)
        done = self.run_it("demo")
        self.assertEqual((done.returncode, done.stdout), (0, f"{self.root}/tools/../tools/demo\n"))
        self.assertEqual(self.calls(), [])

    def test_an_unknown_demo_lists_those_there_are(self):
        for name in ("nope", "", "../src", "race race", "shared"):
            done = self.run_it("demo", name)
            self.assertEqual(done.returncode, 2)
            self.assertRegex(done.stderr, r"^tools/run: .* race\n$")
        self.assertEqual(self.calls(), [])
