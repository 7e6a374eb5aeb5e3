# Removes PACKAGE with all that lies in its container, and installs the same version anew.
set -eu
export DEBIAN_FRONTEND=noninteractive
version=$(dpkg-query -W -f '${Version}' "$PACKAGE")
dpkg --purge "$PACKAGE" >&2
rm -rf --one-file-system "/opt/$PACKAGE"
apt-get -y -q -o APT::Keep-Downloaded-Packages=false install "$PACKAGE=$version" >&2
