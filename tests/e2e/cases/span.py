"""xtrace span: spans from real shell scripts."""

import os

from support import program
from support.case import Case, world
from support.scripted import ScriptedServer, answer


class Script(Case):
    """Scripts as people write them."""

    def script(self, text, *arguments, code=0, **env):
        """Runs a script of the POSIX shell in which `xtrace` is the program under test."""
        path = os.path.join(world().directory, "span.sh")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'set -eu\nxtrace() {{ "{program.binary()}" "$@"; }}\n{text}')
        done = program.run([path, *arguments], self.environment(**env), program="/bin/sh")
        self._checked(done)
        self.assertEqual(done.code, code, done)
        return done

    def ended(self, name):
        """The finished document of a name; there is one, and one announcement before it."""
        found = [document for document in self.documents if document["name"] == name]
        self.assertEqual(len(found), 2, self.documents)
        begun, ended = found
        self.assertTrue(begun["in_progress"])
        for key in ("id", "trace_id", "start_time"):
            self.assertEqual(begun[key], ended[key])
        self.assertEqual(begun.get("parent_id"), ended.get("parent_id"))
        return ended

    def test_token(self):
        """A token carries a span from begin over notes to its end."""
        done = self.script(
            'T=$(xtrace span begin "build it")\n'
            'T=$(xtrace span note "$T" shard=3 "text=two words")\n'
            'xtrace span end "$T" --error "2 failed: \\"x\\" & co"\n'
        )
        self.assertEqual((done.out, done.err), (b"", b""))
        ended = self.ended("build it")
        self.assertEqual(ended["annotations"], {"shard": 3, "text": "two words"})
        self.assertTrue(ended["fault"])
        self.assertEqual(ended["cause"]["exceptions"][0]["message"], '2 failed: "x" & co')

    def test_unquoted(self):
        """A token needs no quotes."""
        self.script("T=$(xtrace span begin 'a  b * c')\nxtrace span end $T\n")
        self.ended("a  b  c")

    def test_nested(self):
        """Spans nest by token, and a command within finds its place by the header."""
        self.script(
            "A=$(xtrace span begin outer)\n"
            'B=$(xtrace span begin inner --parent "$A")\n'
            'xtrace exec --trace-header "$(xtrace span header "$B")" --name command -- true\n'
            'xtrace span end "$B"\n'
            'xtrace span end "$A"\n'
        )
        outer, inner, command = (self.ended(name) for name in ("outer", "inner", "command"))
        self.assertEqual(inner["parent_id"], outer["id"])
        self.assertEqual(command["parent_id"], inner["id"])
        self.assertEqual({outer["trace_id"]}, {inner["trace_id"], command["trace_id"]})
        self.assertNotIn("type", outer)
        self.assertEqual((inner["type"], command["type"]), ("subsegment", "subsegment"))

    def test_export(self):
        """eval puts the trace into the environment; at the end the outer one is there again."""
        done = self.script(
            'eval "$(xtrace span begin --export outer)"\n'
            'outer=$_X_AMZN_TRACE_ID\n'
            'kept=$XTRACE_SPAN\n'
            'eval "$(xtrace span begin --export inner)"\n'
            'eval "$(xtrace span note --export step=1)"\n'
            'xtrace exec --name command -- true\n'
            'eval "$(xtrace span end --export)"\n'
            '[ "$_X_AMZN_TRACE_ID" = "$outer" ]\n'
            '[ -z "${XTRACE_SPAN+x}" ]\n'
            'eval "$(xtrace span end --export "$kept")"\n'
            '[ -z "${_X_AMZN_TRACE_ID+x}${TRACEPARENT+x}" ]\n'
            "echo whole\n"
        )
        self.assertEqual(done.out, b"whole\n")
        outer, inner, command = (self.ended(name) for name in ("outer", "inner", "command"))
        self.assertEqual(inner["parent_id"], outer["id"])
        self.assertEqual(inner["annotations"], {"step": 1})
        self.assertEqual(command["parent_id"], inner["id"])

    def test_hostile_header(self):
        """What an incoming header holds is never run by eval."""
        mark = os.path.join(world().directory, "was-run")
        header = "Root=1-58406520-a006649127e371903a2de979;K='$(touch$IFS" + mark + ")'`id`"
        self.script(
            'eval "$(xtrace span begin --export x)"\n'
            'case $_X_AMZN_TRACE_ID in *"\'\\$(touch"*) ;; *) exit 9 ;; esac\n',
            _X_AMZN_TRACE_ID=header,
        )
        self.assertFalse(os.path.exists(mark))

    def test_request(self):
        """A request takes its place below the span whose header it was given."""
        with ScriptedServer(answer(b"HTTP/1.1 204 No Content\r\n\r\n")) as server:
            self.script(
                "T=$(xtrace span begin call)\n"
                'xtrace get --trace-header "$(xtrace span header "$T")" "$1" >/dev/null\n'
                'xtrace span end "$T" --status 503\n',
                server.url(),
            )
        call = self.ended("call")
        self.assertEqual(call["http"]["response"]["status"], 503)
        self.assertTrue(call["fault"])
        (request,) = [document for document in self.documents if document["name"] == "xtrace"]
        self.assertEqual(request["parent_id"], call["id"])

    def test_lost_token(self):
        """A token that lost its end stops a script that minds errors, in one sentence."""
        done = self.script(
            'T=$(xtrace span begin build)\nxtrace span end "${T%????}"\necho unreached\n', code=2
        )
        self.assertEqual(done.out, b"")
        self.assertRegex(done.notes, r"\Axtrace span end cannot go on: the span token .*\n\Z")

    def test_nobody(self):
        """Without a daemon a script runs as it does with one, in silence."""
        done = self.script(
            "T=$(xtrace span begin build)\n"
            'T=$(xtrace span note "$T" a=1)\n'
            'xtrace span end "$T"\n'
            "echo whole\n",
            AWS_XRAY_DAEMON_ADDRESS="127.0.0.1:9",
        )
        self.assertEqual((done.out, done.err), (b"whole\n", b""))
