"""Keys, certificates and key stores under /etc/certs."""

import glob
import os
import shutil
import tempfile
import uuid

from settings import java, run

CERTS = "/etc/certs"
JAVA_TRUST = "/opt/jre/jre/lib/security/cacerts"
ALGORITHMS = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"]
CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
NAMES = ["httpd", "shibIDP", "idp-encryption", "idp-signing", "passport-sp", "asimba"]
WEB_KEYS = "output/oxauth-keys.json"


def make(values):
    os.makedirs(CERTS, exist_ok=True)
    os.makedirs("output", exist_ok=True)
    subject = "/C=%(countryCode)s/ST=%(state)s/L=%(city)s/O=%(orgName)s/CN=%(hostname)s" % values
    extension = ["-addext", "subjectAltName=DNS:%s" % values["hostname"]]
    for name in NAMES:
        pair("%s/%s" % (CERTS, name), ["rsa:2048"], subject, extension)
    lines = [store_line("shibIDP.jks", "JKS", values["shibJksPass"], "shibIDP", CERTS + "/shibIDP", True)]
    lines += [store_line("shibIDP.pkcs12", "PKCS12", values["shibJksPass"], "shibIDP", CERTS + "/shibIDP", True)]
    with tempfile.TemporaryDirectory() as folder:
        for name in ["scim-rs", "scim-rp", "passport-rs", "passport-rp"]:
            lines += new_keys(name + ".jks", values["jksPass"], ["RS256"], folder)
        lines += new_keys("oxauth-keys.jks", values["oxauth_openidKeysPass"], ALGORITHMS, folder)
        java("KeyStores", stdin="".join(lines))
    shutil.move(CERTS + "/scim-rp.jks", "output/scim-rp.jks")
    with open(WEB_KEYS, "w") as out:
        out.write(java("KeyGenerator", CERTS + "/oxauth-keys.jks", stdin=values["oxauth_openidKeysPass"]))
    own()


def pair(path, kind, subject, extension=()):
    """A key and a certificate of it for a year."""
    new = ["openssl", "req", "-x509", "-newkey", *kind, "-nodes", "-sha256", "-days", "365", "-subj", subject]
    run([*new, *extension, "-keyout", path + ".key", "-out", path + ".crt"])


def new_keys(store, password, algorithms, folder):
    """Lines that put one new key for each algorithm into a store, its alias a UUID with the algorithm behind it."""
    lines = []
    for algorithm in algorithms:
        curve = CURVES.get(algorithm)
        kind = ["ec", "-pkeyopt", "ec_paramgen_curve:" + curve] if curve else ["rsa:2048"]
        alias = "%s_sig_%s" % (uuid.uuid4(), algorithm.lower())
        path = "%s/%s" % (folder, alias)
        pair(path, kind, "/CN=oxAuth CA Certificates")
        lines.append(store_line(store, "JKS", password, alias, path, True))
    return lines


def store_line(store, kind, password, alias, path, with_key):
    """What the program KeyStores is told of one entry; an old store of the same name must be gone."""
    file = os.path.join(CERTS, store)
    if with_key and os.path.exists(file):
        os.remove(file)
    fields = [file, kind, password, alias, path + ".crt"] + ([path + ".key"] if with_key else [])
    return "\t".join(fields) + "\n"


def trust(values):
    """The directory's certificate as a store of its own, and all certificates in Java's, under <host>_<name>."""
    config = "/opt/opendj/config"
    with open(config + "/keystore.pin") as pin:
        source = {"SOURCE_PASSWORD": pin.read().strip()}
    export = ["-exportcert", "-rfc", "-keystore", config + "/keystore", "-storepass:env", "SOURCE_PASSWORD"]
    run(["/opt/jre/bin/keytool", *export, "-alias", "server-cert", "-file", CERTS + "/opendj.crt"], environment=source)
    own_store = CERTS + "/opendj.pkcs12"
    if os.path.exists(own_store):
        os.remove(own_store)
    lines = [store_line("opendj.pkcs12", "PKCS12", values["opendj_p12_pass"], "server-cert", CERTS + "/opendj", False)]
    for name in [*NAMES, "opendj"]:
        alias = "%s_%s" % (values["hostname"], name)
        lines.append(store_line(JAVA_TRUST, "JKS", "changeit", alias, "%s/%s" % (CERTS, name), False))
    java("KeyStores", stdin="".join(lines))
    own()


def own():
    """Only root and the group gluu read these files; oxauth's key store belongs to the user it runs as."""
    for path in glob.glob(CERTS + "/*"):
        shutil.chown(path, "root", "gluu")
        os.chmod(path, 0o640)
    shutil.chown(CERTS + "/oxauth-keys.jks", "jetty", "jetty")
    for path in glob.glob("output/*"):
        os.chmod(path, 0o600)
