/** Programs that some kinds need and few hosts have, on hosts of their own. */
export const tools = ['busybox', 'cron', 'msmtp-mta', 'nftables', 'openjdk-17-jre-headless'];

/** Without systemd as init, which others would bring along: in a lab it would change the machine's control groups. */
export const walls = ['busybox', 'createrepo-c', 'dnf', 'firewalld', 'rpm', 'systemd-sysv-', 'ufw'];
