"""Certificates made by openssl at test time: a CA and one leaf per way of being right or wrong."""

import os
import subprocess

#: Arguments of `openssl req`.
EC_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
RSA_KEY = ("-newkey", "rsa:2048", "-nodes")
HOST_NAMES = "DNS:localhost,DNS:v4.test,DNS:both.test,DNS:www.test,IP:127.0.0.1,IP:::1"


class Certificates:
    """A directory of PEM files; every attribute is a path."""

    def __init__(self, directory, new_key=EC_KEY):
        self._directory = directory
        self._new_key = new_key
        os.makedirs(directory)
        self.ca = self._authority("ca", "xtrace test CA")
        self.other_ca = self._authority("other-ca", "somebody else's CA")
        self.good = self._leaf("good")
        self.expired = self._leaf("expired", dates=("20200101000000Z", "20210101000000Z"))
        self.future = self._leaf("future", dates=("20900101000000Z", "20910101000000Z"))
        self.wrong_host = self._leaf("wrong-host", names="DNS:elsewhere.test")
        self.wildcard = self._leaf("wildcard", names="DNS:*.wild.test")
        self.unknown_ca = self._leaf("unknown-ca", signer=self.other_ca)
        self.self_signed = self._self_signed("self-signed")
        self.client = self._leaf("client", usage="clientAuth")
        self.not_a_server = self._leaf("not-a-server", usage="clientAuth")
        self.combined_client = self._joined("client-both", self.client, key_of(self.client))
        intermediate = self._leaf("intermediate", constraints="CA:TRUE,pathlen:0")
        self.no_chain = self._leaf("no-chain", signer=intermediate)
        self.chain = self._joined("chain", self.no_chain, intermediate)
        os.link(key_of(self.no_chain), key_of(self.chain))

    def bundle_with(self, other):
        """A new trust store: that of the system (`other`) and the test's CA."""
        return self._joined("bundle", other, self.ca)

    def _authority(self, name, common_name):
        certificate = self._path(name + ".pem")
        self._request("-x509", common_name, certificate, addext="keyUsage=critical,keyCertSign")
        return certificate

    def _self_signed(self, name):
        certificate = self._path(name + ".pem")
        self._request("-x509", "localhost", certificate, addext="subjectAltName=" + HOST_NAMES)
        return certificate

    def _leaf(
        self,
        name,
        names=HOST_NAMES,
        dates=None,
        signer=None,
        usage="serverAuth",
        constraints="CA:FALSE",
    ):
        certificate, request = self._path(name + ".pem"), self._path(name + ".csr")
        self._request("-new", "xtrace " + name, request, key_of(certificate))
        os.mkdir(self._path(name + ".issued"))
        settings = _CA_SETTINGS.format(
            base=self._path(name), names=names, usage=usage, constraints=constraints
        )
        serial = f"{len(name):02x}{sum(name.encode()):06x}\n"
        for suffix, text in ((".cnf", settings), (".index", ""), (".serial", serial)):
            with open(self._path(name + suffix), "w", encoding="ascii") as file:
                file.write(text)
        begin, end = dates or (None, None)
        signer = signer or self.ca
        # `openssl ca` is the one command of OpenSSL 3.0 that can set both dates.
        self._openssl(
            ["ca", "-batch", "-notext"],
            config=self._path(name + ".cnf"),
            cert=signer,
            keyfile=key_of(signer),
            startdate=begin,
            enddate=end,
            days=None if dates else "30",
            out=certificate,
            **{"in": request},
        )
        return certificate

    def _request(self, kind, common_name, out, key=None, addext=None):
        self._openssl(
            ["req", kind, *self._new_key],
            keyout=key or key_of(out),
            out=out,
            subj="/CN=" + common_name,
            days="30" if kind == "-x509" else None,
            addext=addext,
        )

    def _joined(self, name, *parts):
        path = self._path(name + ".pem")
        with open(path, "w", encoding="utf-8") as file:
            for part in parts:
                with open(part, encoding="utf-8") as source:
                    file.write(source.read())
        return path

    def _path(self, name):
        return os.path.join(self._directory, name)

    def _openssl(self, command, **options):
        arguments = ["openssl", *command]
        for name, value in options.items():
            arguments += ["-" + name, value] if value is not None else []
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(arguments)}: {done.stderr}")


def key_of(certificate):
    """The path of the key that belongs to a certificate."""
    return certificate[: -len(".pem")] + ".key"


_CA_SETTINGS = """\
[ca]
default_ca = this
[this]
new_certs_dir = {base}.issued
database = {base}.index
serial = {base}.serial
default_md = sha256
policy = any
x509_extensions = leaf
[any]
commonName = supplied
[leaf]
basicConstraints = critical,{constraints}
subjectAltName = {names}
extendedKeyUsage = {usage}
"""
