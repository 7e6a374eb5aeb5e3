"""The applications, the web server before them, and the files by which they find the directory."""

import json
import os
import shutil
import subprocess

from directory import filled
from settings import render, run, write_file

CONF = "/etc/gluu/conf"


def configure(values):
    appliance = "inum=%s,ou=appliances,o=gluu" % values["inumAppliance"]
    write_file(CONF + "/ox-ldap.properties", render("ox-ldap.properties", {**values, "appliance": appliance}), 0o640)
    with open("templates/passport-config.file") as template:
        passport = filled(json.load(template), values)
    write_file(CONF + "/passport-config.json", json.dumps(passport, indent=2) + "\n", 0o640)
    for name in ["ox-ldap.properties", "salt", "passport-config.json"]:
        shutil.chown("%s/%s" % (CONF, name), "root", "gluu")
    shibboleth(values)
    names(values)
    write_file("/etc/apache2/sites-available/https_gluu.conf", render("https_gluu.conf", values))


def shibboleth(values):
    home = "/opt/shibboleth-idp"
    write_file(home + "/conf/idp.properties", render("idp.properties", values))
    write_file(home + "/conf/ldap.properties", render("ldap.properties", values), 0o640)
    with open("/etc/certs/idp-signing.crt") as certificate:
        body = "".join(line.strip() for line in certificate if "CERTIFICATE" not in line)
    write_file(home + "/metadata/idp-metadata.xml", render("idp-metadata.xml", {**values, "signing": body}))
    run(["chown", "-R", "jetty:gluu", home])


def names(values):
    """Inside, the public name is this server's own address, whatever the network says; other names stay as they are."""
    with open("/etc/hosts") as hosts:
        kept = [line for line in hosts if values["hostname"] not in line.split()[1:] or line.startswith("127.")]
    own = "%s %s\n" % (values["ip"], values["hostname"])
    write_file("/etc/hosts", "".join(kept[:1]) + own + "".join(kept[1:]))
    write_file("/etc/hostname", values["hostname"] + "\n")


def start(values, empty):
    """Applications without data cannot start well; as with the real ones, they are started and fail, until a restart."""
    for site in ["000-default", "default-ssl"]:
        subprocess.run(["a2dissite", "-q", site], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    run(["a2enmod", "-q", "ssl", "proxy", "proxy_http", "headers", "rewrite"])
    run(["a2ensite", "-q", "https_gluu"])
    wanted = {"oxauth": "installOxAuth", "identity": "installOxTrust", "idp": "installSaml", "passport": "installPassport"}
    services = [name for name, flag in wanted.items() if values[flag] == "True"]
    for name in [*services, "apache2"]:
        run(["update-rc.d", name, "defaults"])
        run(["service", name, "start"])
    run(["update-rc.d", "opendj", "defaults"])
    for name in set(wanted) - set(services):
        shutil.rmtree("/opt/gluu/node/passport" if name == "passport" else "/opt/gluu/jetty/" + name, ignore_errors=True)
