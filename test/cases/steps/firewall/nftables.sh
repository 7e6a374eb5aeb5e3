#!/bin/sh
### BEGIN INIT INFO
# Provides: nftables
# Required-Start: $local_fs
# Required-Stop:
# Default-Start: 2 3 4 5
# Default-Stop: 0 1 6
# Short-Description: Loads the rules when the host starts
### END INIT INFO
[ "$1" != start ] || exec nft -f /etc/nftables.conf
