"""The settings of an installation: what setup.properties says, and what is made up for what it leaves open."""

import base64
import os
import re
import secrets
import string
import subprocess
import uuid

JAR = "/opt/gluu/lib/stand-in.jar"
NEEDED = ["hostname", "ip", "ldapPass", "orgName", "countryCode", "state", "city", "admin_email"]


class Refused(Exception):
    """The settings do not do; nothing has been changed."""


def read(file):
    """A properties file as a dict: `key=value` lines, with backslashes before = : ! # and backslash itself."""
    if not os.path.exists(file):
        raise Refused("%s is not there" % file)
    with open(file) as lines:
        pairs = [line.rstrip("\n").split("=", 1) for line in lines if "=" in line and line[0] not in "#!"]
    return {key.strip(): re.sub(r"\\(.)", r"\1", value.strip()) for key, value in pairs}


def write(file, values):
    """Every secret of the server stands in this file, so nobody but root may read it."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as out:
        for key in sorted(values):
            out.write("%s=%s\n" % (key, values[key].replace("\\", "\\\\")))


def complete(known):
    missing = [key for key in NEEDED if not known.get(key)]
    if missing:
        raise Refused("settings are missing: %s" % ", ".join(missing))
    if known.get("ldap_type", "opendj") != "opendj":
        raise Refused("ldap_type can only be opendj")
    values = dict(defaults())
    values.update(known)
    for key, make in inventions(values).items():
        if not values.get(key):
            values[key] = make()
    encode(values)
    return values


def defaults():
    components = ["OxAuth", "OxTrust", "Ldap", "Httpd", "Saml", "Passport"]
    installed = {"install" + name: str(name not in ("Saml", "Passport")) for name in components}
    return {"ldap_type": "opendj", "application_max_ram": "3072", **installed}


def inventions(values):
    """Functions that make up what the settings leave open, in an order in which later ones may use earlier ones."""
    org = lambda kind: lambda: "%s!%s!%s" % (values["inumOrg"], kind, quads(2))
    passwords = ["jksPass", "shibJksPass", "opendj_p12_pass", "oxauth_openidKeysPass", "oxauthClient_pw"]
    return {
        "inumOrg": lambda: "@!%s!0001!%s" % (quads(4), quads(2)),
        "inumAppliance": lambda: "%s!0002!%s" % (values["inumOrg"].split("!0001!")[0], quads(2)),
        "inumOrgFN": lambda: re.sub(r"[@!.]", "", values["inumOrg"]),
        "inumApplianceFN": lambda: re.sub(r"[@!.]", "", values["inumAppliance"]),
        "encode_salt": lambda: word(24),
        "pairwiseCalculationKey": lambda: word(20),
        "pairwiseCalculationSalt": lambda: word(20),
        "oxtrust_admin_password": lambda: values["ldapPass"],
        "admin_inum": org("0000"),
        "oxauth_client_id": org("0008"),
        "scim_rs_client_id": org("0008"),
        "scim_rp_client_id": org("0008"),
        "passport_rs_client_id": org("0008"),
        "passport_rp_client_id": org("0008"),
        "passport_rp_client_cert_alias": lambda: str(uuid.uuid4()),
        **{name: lambda: word(12) for name in passwords},
    }


def quads(count):
    return ".".join(secrets.token_hex(2).upper() for _ in range(count))


def word(length):
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(length))


def encode(values):
    """Hides passwords as Gluu does in files and entries; a salt of another length would be no key."""
    if len(values["encode_salt"]) != 24:
        raise Refused("encode_salt must have 24 characters")
    write_file("/etc/gluu/conf/salt", "encodeSalt = %s\n" % values["encode_salt"], 0o640)
    hidden = {
        "encoded_ldap_pw": "ldapPass",
        "encoded_ox_ldap_pw": "ldapPass",
        "oxauthClient_encoded_pw": "oxauthClient_pw",
        "encoded_opendj_p12_pass": "opendj_p12_pass",
        "encoded_shib_jks_pw": "shibJksPass",
    }
    lines = "".join(values[clear] + "\n" for clear in hidden.values())
    answer = java("Salt", "/etc/gluu/conf/salt", stdin=lines).splitlines()
    values.update(dict(zip(hidden, answer)))


def java(program, *arguments, stdin=""):
    words = ["/opt/jre/bin/java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx48m", "-cp", JAR, program]
    return run([*words, *arguments], stdin=stdin)


def run(words, stdin="", environment=None):
    """Runs a program that must succeed and returns what it printed."""
    ended = subprocess.run(
        words, input=stdin, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **(environment or {})}
    )
    if ended.returncode != 0:
        said = (ended.stderr.strip() or ended.stdout.strip())[-600:]
        raise RuntimeError("%s ended with %d: %s" % (" ".join(words[:3]), ended.returncode, said))
    return ended.stdout


def write_file(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as out:
        out.write(text)
    os.chmod(path, mode)


def render(template, values):
    """A file of the templates folder with %(key)s replaced."""
    with open(os.path.join("templates", template)) as text:
        return text.read() % values


def base64_of(text):
    return base64.b64encode(text.encode()).decode()
