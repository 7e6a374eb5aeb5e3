#!/usr/bin/python3
"""Turns a fresh container into a Gluu server: settings, certificates, directory, applications.

A stand-in for the vendor's program of that name. It takes the same settings and leaves the same state behind where other
programs look at it; it asks nothing, installs no downloads and tunes no memory.
"""

import argparse
import os
import sys
import time
import traceback

import applications
import certificates
import directory
import settings

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    os.chdir(HERE)
    os.umask(0o022)
    options = parse()
    known = settings.read(options.file)
    known.setdefault("installSaml", str(options.saml))
    known.setdefault("installPassport", str(options.passport))
    values = settings.complete(known)
    empty = options.empty_ldap
    phases = [
        ("certificates", lambda: certificates.make(values)),
        ("settings files", lambda: applications.configure(values)),
        ("directory server", lambda: directory.install(values, options.listen_all_interfaces)),
        ("trust stores", lambda: certificates.trust(values)),
        ("directory entries", lambda: directory.fill(values, empty)),
        ("applications", lambda: applications.start(values, empty)),
    ]
    for name, work in phases:
        start = time.monotonic()
        work()
        note("setup.log", "%s: %.1f s" % (name, time.monotonic() - start))
    settings.write("setup.properties.last", values)
    print("Gluu Server installation successful! Point your browser to https://%s" % values["hostname"])


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", dest="quiet", action="store_true", help="ask nothing; always so in this stand-in")
    parser.add_argument("-v", dest="verbose", action="store_true", help="accepted, without effect")
    parser.add_argument("-f", dest="file", default="setup.properties", help="file with settings")
    parser.add_argument("-s", dest="saml", action="store_true", help="install the Shibboleth identity provider")
    parser.add_argument("-p", dest="passport", action="store_true", help="install Passport")
    parser.add_argument("--listen_all_interfaces", action="store_true", help="let the directory listen on all addresses")
    parser.add_argument("--empty-ldap", "--no-data", action="store_true", help="make the bases, but no entries in them")
    return parser.parse_args()


def note(file, line):
    with open(file, "a") as log:
        log.write("%s %s\n" % (time.strftime("%H:%M:%S"), line))


if __name__ == "__main__":
    try:
        main()
    except settings.Refused as refused:
        note("setup_error.log", str(refused))
        sys.exit("setup.py: %s" % refused)
    except Exception as failed:
        note("setup_error.log", traceback.format_exc())
        sys.exit("setup.py failed, see setup_error.log: %s" % failed)
