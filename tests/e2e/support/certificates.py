"""Certificates made by openssl at test time: a CA and one leaf per way of being right or wrong."""

import os
import subprocess

HOST_NAMES = "DNS:localhost,DNS:v4.test,DNS:both.test,DNS:www.test,IP:127.0.0.1,IP:::1"


class Certificates:
    """A directory of PEM files; every attribute is a path."""

    def __init__(self, directory):
        self._directory = directory
        os.makedirs(directory)
        self.ca, self._ca_key = self._authority("ca", "xtrace test CA")
        self.other_ca, self._other_ca_key = self._authority("other-ca", "somebody else's CA")
        self.good = self._leaf("good")
        self.expired = self._leaf("expired", dates=("20200101000000Z", "20210101000000Z"))
        self.future = self._leaf("future", dates=("20900101000000Z", "20910101000000Z"))
        self.wrong_host = self._leaf("wrong-host", names="DNS:elsewhere.test")
        self.unknown_ca = self._leaf("unknown-ca", signer=(self.other_ca, self._other_ca_key))
        self.self_signed = self._self_signed("self-signed")
        self.client = self._leaf("client", usage="clientAuth")
        self.combined_client = self._path("client-both.pem")
        with open(self.combined_client, "w", encoding="ascii") as file:
            file.write(_read(self.client) + _read(key_of(self.client)))

    def bundle_with(self, other):
        """A new trust store: that of the system (`other`) and the test's CA."""
        path = self._path("bundle.pem")
        with open(path, "w", encoding="utf-8") as file:
            file.write(_read(other) + _read(self.ca))
        return path

    def _authority(self, name, common_name):
        certificate, key = self._path(name + ".pem"), self._path(name + ".key")
        self._openssl(
            "req",
            "-x509",
            *_NEW_KEY,
            "-keyout",
            key,
            "-out",
            certificate,
            "-days",
            "30",
            "-subj",
            "/CN=" + common_name,
            "-addext",
            "keyUsage=critical,keyCertSign,cRLSign",
        )
        return certificate, key

    def _self_signed(self, name):
        certificate = self._path(name + ".pem")
        self._openssl(
            "req",
            "-x509",
            *_NEW_KEY,
            "-keyout",
            key_of(certificate),
            "-out",
            certificate,
            "-days",
            "30",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=" + HOST_NAMES,
        )
        return certificate

    def _leaf(self, name, names=HOST_NAMES, dates=None, signer=None, usage="serverAuth"):
        certificate, request = self._path(name + ".pem"), self._path(name + ".csr")
        ca, ca_key = signer or (self.ca, self._ca_key)
        self._openssl(
            "req",
            *_NEW_KEY,
            "-keyout",
            key_of(certificate),
            "-out",
            request,
            "-subj",
            "/CN=xtrace " + name,
        )
        # `openssl ca` is the one command of OpenSSL 3.0 that can set both dates.
        begin, end = dates or ("", "")
        settings = self._path(name + ".cnf")
        with open(settings, "w", encoding="ascii") as file:
            file.write(
                _CA_SETTINGS.format(directory=self._directory, name=name, names=names, usage=usage)
            )
        for suffix, text in (
            (".index", ""),
            (".serial", f"{len(name):02x}{sum(name.encode()):06x}\n"),
        ):
            with open(self._path(name + suffix), "w", encoding="ascii") as file:
                file.write(text)
        period = ["-startdate", begin, "-enddate", end] if dates else ["-days", "30"]
        self._openssl(
            "ca",
            "-batch",
            "-notext",
            "-config",
            settings,
            "-cert",
            ca,
            "-keyfile",
            ca_key,
            *period,
            "-in",
            request,
            "-out",
            certificate,
        )
        return certificate

    def _path(self, name):
        return os.path.join(self._directory, name)

    def _openssl(self, *arguments):
        done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError("openssl " + arguments[0] + ": " + done.stderr)


def key_of(certificate):
    """The path of the key that belongs to a leaf certificate."""
    return certificate[: -len(".pem")] + ".key"


def _read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")

_CA_SETTINGS = """\
[ca]
default_ca = this
[this]
new_certs_dir = {directory}
database = {directory}/{name}.index
serial = {directory}/{name}.serial
default_md = sha256
policy = any
x509_extensions = leaf
[any]
commonName = supplied
[leaf]
basicConstraints = critical,CA:FALSE
subjectAltName = {names}
extendedKeyUsage = {usage}
"""
