"""Certificates made with the openssl program, as an operator would."""

import os
import subprocess


def run(*arguments, **more):
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, **more)


class Authority:
    """Signs certificates into a folder of its own."""

    def __init__(self, folder, name="authority"):
        self.folder, self.name = folder, name
        self.cert, self.key = (os.path.join(folder, f"{name}.{x}") for x in ("crt", "key"))
        run(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", f"/CN={name}", "-days", "30", "-keyout", self.key, "-out", self.cert,
            "-addext", "keyUsage=critical,keyCertSign,cRLSign,digitalSignature",
        )  # fmt: skip

    def make(self, name, hosts=(), days=30):
        """(certificate, key) for these hosts; a name for a client where there are none. `days` below 0 have
        passed."""
        cert, key = (os.path.join(self.folder, f"{name}.{x}") for x in ("crt", "key"))
        request = os.path.join(self.folder, f"{name}.csr")
        run(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
            f"/O=Adit/CN={name}", "-keyout", key, "-out", request,
        )  # fmt: skip
        extensions = os.path.join(self.folder, f"{name}.ext")
        names = ",".join(("IP:" if h.replace(".", "").isdigit() else "DNS:") + h for h in hosts)
        with open(extensions, "w") as f:
            f.write(f"subjectAltName={names}\n" if names else "basicConstraints=CA:FALSE\n")
        run(
            "x509", "-req", "-in", request, "-CA", self.cert, "-CAkey", self.key, "-CAcreateserial",
            "-days", str(days), "-extfile", extensions, "-out", cert,
        )  # fmt: skip
        return cert, key

    def staple(self, cert):
        """The file of an OCSP response that calls the certificate good."""
        request, response = cert + ".ocspreq", cert + ".ocsp"
        index = cert + ".index"
        serial = run("x509", "-in", cert, "-noout", "-serial", text=True).stdout.strip().partition("=")[2]
        with open(index, "w") as f:
            f.write(f"V\t391231235959Z\t\t{serial}\tunknown\t/CN=x\n")
        run("ocsp", "-issuer", self.cert, "-cert", cert, "-reqout", request, "-no_nonce")
        run(
            "ocsp", "-index", index, "-CA", self.cert, "-rsigner", self.cert, "-rkey", self.key,
            "-reqin", request, "-respout", response, "-ndays", "7",
        )  # fmt: skip
        return response
