"""OpenDJ under /opt/opendj: installed, bound to the loopback unless otherwise wished, and filled."""

import contextlib
import glob
import json
import os
import shutil
import subprocess

from certificates import WEB_KEYS
from settings import Refused, base64_of, render, run, write_file

HOME = "/opt/opendj"
DISTRIBUTION = "/opt/dist/opendj"
MANAGER = "cn=directory manager"
PASSWORD_FILE = "/home/ldap/.pw"
PROPERTIES = "config/java.properties"
# The vendor gives OpenDJ a share of application_max_ram; hosts of the lab share one machine.
SERVER_MEMORY = "-server -Xms64m -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
TOOL_MEMORY = "-client -Xmx96m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"


def install(values, everywhere):
    if os.path.exists(HOME + "/config"):
        raise Refused("%s holds a directory already" % HOME)
    unpack()
    with password(values):
        setup(values)
        listen("0.0.0.0" if everywhere else "127.0.0.1")
        own()
        run(["service", "opendj", "start"])
        dsconfig()


def unpack():
    """Libraries are shared with the distribution by hard links, for they never change and are most of its size."""
    os.makedirs(HOME, exist_ok=True)
    run(["cp", "-a", *[path for path in glob.glob(DISTRIBUTION + "/*") if not path.endswith("/lib")], HOME])
    run(["cp", "-al", DISTRIBUTION + "/lib", HOME + "/lib"])
    for path in glob.glob("/opt/gluu/schema/opendj/*.ldif"):
        shutil.copy(path, HOME + "/template/config/schema/")
    run(["chown", "-R", "ldap:ldap", HOME])


def setup(values):
    write_file(
        "/home/ldap/opendj-setup.properties", render("opendj-setup.properties", {**values, "password_file": PASSWORD_FILE}), 0o600
    )
    shutil.chown("/home/ldap/opendj-setup.properties", "ldap", "ldap")
    words = [HOME + "/setup", "--cli", "--no-prompt", "--acceptLicense", "--doNotStart", "--baseDN", "o=gluu"]
    as_ldap([*words, "--propertiesFilePath", "/home/ldap/opendj-setup.properties"])
    os.remove("/home/ldap/opendj-setup.properties")
    lines = ["", "start-ds.java-args=" + SERVER_MEMORY, "default.java-args=" + TOOL_MEMORY, ""]
    with open("%s/%s" % (HOME, PROPERTIES)) as properties:
        kept = [line for line in properties if not line.startswith(("start-ds.java-args=", "default.java-args="))]
    write_file("%s/%s" % (HOME, PROPERTIES), "".join(kept) + "\n".join(lines))


def listen(address):
    """Sets where LDAPS and administration listen before the first start; later the latter would need a second one."""
    with open(HOME + "/config/config.ldif") as config:
        entries = config.read().split("\n\n")
    wanted = ("dn: cn=LDAPS Connection Handler,", "dn: cn=Administration Connector,")
    found = [index for index, entry in enumerate(entries) if entry.startswith(wanted)]
    for index in found:
        entries[index] = entries[index].replace("ds-cfg-listen-address: 0.0.0.0", "ds-cfg-listen-address: " + address)
    if len(found) != 2:
        raise RuntimeError("config.ldif has not the two listeners that were expected")
    write_file(HOME + "/config/config.ldif", "\n\n".join(entries), 0o600)


def dsconfig():
    """All changes in one call, for each call costs seconds."""
    shutil.copy("templates/dsconfig.txt", "/home/ldap/dsconfig.txt")
    run([HOME + "/bin/dsconfig", *connection("4444"), "--no-prompt", "--batchFilePath", "/home/ldap/dsconfig.txt"])
    os.remove("/home/ldap/dsconfig.txt")


def connection(port):
    return ["--hostname", "localhost", "--port", port, "--bindDN", MANAGER, "--bindPasswordFile", PASSWORD_FILE, "--trustAll"]


def fill(values, empty):
    if empty:
        return
    with open(WEB_KEYS) as keys:
        values = {**values, **documents(values), "web_keys": base64_of(keys.read().strip())}
    tree = render("gluu.ldif", values) + render("people.ldif", values) + render("site.ldif", values)
    with password(values):
        write_file("/home/ldap/tree.ldif", tree, 0o600)
        try:
            run([HOME + "/bin/ldapmodify", *connection("1636"), "--useSSL", "--defaultAdd", "--filename", "/home/ldap/tree.ldif"])
        finally:
            os.remove("/home/ldap/tree.ldif")


def documents(values):
    """The JSON attributes: files of the templates, with their texts filled in, on one line, in base64 as LDIF wants it."""
    found = {}
    for path in glob.glob("templates/*.json"):
        with open(path) as file:
            document = filled(json.load(file), values)
        name = os.path.basename(path)[: -len(".json")]
        if name == "oxidp-authentication":
            document["config"] = json.dumps(document["config"], separators=(",", ":"))
        found[name] = base64_of(json.dumps(document, separators=(",", ":")))
    return found


def filled(value, values):
    if isinstance(value, dict):
        return {key: filled(each, values) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, values) for each in value]
    return value % values if isinstance(value, str) else value


@contextlib.contextmanager
def password(values):
    """The manager's password in a file, for as long as tools need it."""
    handle = os.open(PASSWORD_FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(values["ldapPass"])
    shutil.chown(PASSWORD_FILE, "ldap", "ldap")
    try:
        yield
    finally:
        os.remove(PASSWORD_FILE)


def as_ldap(words):
    environment = {"HOME": "/home/ldap", "OPENDJ_JAVA_HOME": "/opt/jre", "OPENDJ_JAVA_ARGS": TOOL_MEMORY}
    run(["setpriv", "--reuid=ldap", "--regid=ldap", "--clear-groups", *words], environment=environment)


def own():
    subprocess.run(["chown", "-R", "ldap:ldap", HOME + "/config"], check=True)
