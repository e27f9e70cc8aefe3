"""TLS against real servers: what is agreed, what is shown, what gets through."""

import datetime
import re
import shutil
import subprocess

from support.case import Case, world
from support.certificates import key_of


class Handshake(Case):
    """A handshake that succeeds."""

    def trusted(self, *flags, kind="good", host="localhost", **more):
        return self.get(
            self.nginx.https(kind, host=host), "--cacert", self.certificates.ca, *flags, **more
        )

    def test_facts(self):
        """A TLS handshake reports version, cipher, protocol and the certificate."""
        done = self.trusted()
        facts = done.attempt["tls"]
        self.assertEqual(facts["version"], "TLSv1.2")
        self.assertEqual((facts["alpn"], facts["resumed"]), ("http/1.1", False))
        self.assertIn("ECDHE", facts["cipher"])
        self.assertIn("CN=xtrace good", facts["peer"]["subject"])
        self.assertIn("CN=xtrace test CA", facts["peer"]["issuer"])
        self.assertEqual(facts["peer"]["not_after"], end_of(self.certificates.good))

    def test_phase(self):
        """A TLS handshake is a phase of its own, after the dial and before the request."""
        done = self.trusted()
        dial, tls, request = done.attempt["dials"][-1], done.phases["tls"], done.phases["request"]
        self.assertGreater(tls["dur_us"], 0)
        self.assertLessEqual(dial["start_us"] + dial["dur_us"], tls["start_us"])
        self.assertLessEqual(tls["start_us"] + tls["dur_us"], request["start_us"])
        connect = done.phases["connect"]
        self.assertLess(
            connect["start_us"] + connect["dur_us"] - tls["start_us"] - tls["dur_us"], 1000
        )

    def test_address_literals(self):
        """A certificate is verified for an IP address in the URL, version 4 and 6."""
        for host in ("127.0.0.1", "[::1]"):
            with self.subTest(host):
                self.assertEqual(self.trusted(host=host).report["status"], 200)

    def test_address_not_in_certificate(self):
        """A certificate without the URL's IP address is refused."""
        done = self.trusted(
            "--connect-to", f"127.0.0.9:443:127.0.0.1:{self.nginx.good}", host="127.0.0.1"
        )
        self.assertEqual(done.report["status"], 200)
        done = self.get(
            "https://127.0.0.9/",
            "--cacert",
            self.certificates.ca,
            "--connect-to",
            f"127.0.0.9:443:127.0.0.1:{self.nginx.good}",
            code=60,
        )
        self.assertFails(done, "cert_wrong_host", "tls")

    def test_sni(self):
        """The URL's host is the server name sent; --sni is another one; an address sends none."""
        self.assertEqual(seen_name(self.trusted()), "localhost")
        self.assertEqual(seen_name(self.trusted("--sni", "www.test", host="127.0.0.1")), "www.test")
        self.assertEqual(seen_name(self.trusted(host="127.0.0.1")), "")
        done = self.trusted("--sni", "nowhere.test", code=60)
        self.assertFails(done, "cert_wrong_host", "tls")
        self.assertIn("nowhere.test", done.report["error"]["message"])

    def test_environment(self):
        """SSL_CERT_FILE names the trust store where --cacert does not."""
        env = {"SSL_CERT_FILE": self.certificates.ca}
        self.assertEqual(self.get(self.nginx.https(), env=env).report["status"], 200)

    def test_client_certificate(self):
        """--cert and --key show a client certificate, from two files or from one."""
        url = self.nginx.https("mutual")
        pair = ["--cert", self.certificates.client, "--key", key_of(self.certificates.client)]
        for flags in (pair, ["--cert", self.certificates.combined_client]):
            with self.subTest(flags[0::2]):
                done = self.get(url, "--cacert", self.certificates.ca, *flags)
                self.assertEqual(done.report["status"], 200)
                self.assertEqual(header(done, "X-Seen-Client"), "CN=xtrace client")
        self.assertEqual(self.get(url, "--cacert", self.certificates.ca).report["status"], 400)

    def test_unreadable_files(self):
        """A CA, certificate or key that cannot be used is bad usage and named."""
        missing = world().directory + "/missing.pem"
        good = self.certificates.client
        other_key = key_of(self.certificates.good)
        for flags, name in (
            (["--cacert", missing], missing),
            (["--cacert", key_of(good)], key_of(good)),
            (["--cert", good, "--key", missing], missing),
            (["--cert", good, "--key", other_key], other_key),
        ):
            with self.subTest(flags[0], name=name):
                done = self.xtrace("get", *flags, self.nginx.https())
                self.assertEqual(done.code, 2, done)
                self.assertIn(name, done.notes + done.text)

    def test_large_body(self):
        """Ten megabytes over TLS arrive whole."""
        target = world().directory + "/large"
        done = self.get(
            self.nginx.https(path="/10m"), "--cacert", self.certificates.ca, "-o", target
        )
        self.assertEqual(done.attempt["response"]["body_bytes"], 10 * 1024 * 1024)
        with open(target, "rb") as got, open(self.nginx.root + "/10m", "rb") as sent:
            self.assertEqual(got.read(), sent.read())

    def test_large_upload(self):
        """An upload over TLS arrives byte for byte."""
        body = bytes(range(256)) * 4096
        done = self.xtrace(
            "get",
            "-X",
            "PUT",
            "--data-binary",
            "@-",
            "--cacert",
            self.certificates.ca,
            self.nginx.https(path="/uploads/tls"),
            stdin=body,
        )
        self.assertEqual(done.code, 0, done)
        with open(self.nginx.uploads + "/tls", "rb") as file:
            self.assertEqual(file.read(), body)


def end_of(certificate):
    """When a certificate ends, as openssl reads it, in the report's form."""
    text = subprocess.run(
        [shutil.which("openssl"), "x509", "-in", certificate, "-noout", "-enddate"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    end = datetime.datetime.strptime(
        re.sub(" +", " ", text.strip()), "notAfter=%b %d %H:%M:%S %Y GMT"
    )
    return end.strftime("%Y-%m-%dT%H:%M:%SZ")


def header(done, name):
    """One header of the response in a report; an absent one is empty."""
    fields = done.attempt["response"]["headers"]
    return next((value for key, value in fields if key.lower() == name.lower()), "")


def seen_name(done):
    return header(done, "X-Seen-Name")
