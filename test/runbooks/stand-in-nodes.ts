import type { Lab } from '../../lab/lab.js';
import { must } from '../../lab/program.js';

/**
 * Makes hosts with nginx look like Gluu nodes where a balancer sees them: a container root (the host's own, once more),
 * the shared certificate, a web server on 443 that is started and stopped as Gluu's, and answers with the host's name and
 * what it was told of the request. Of `/broken` it says that it failed, and at `/closed` it takes a request and says nothing.
 */
export async function standInNodes(lab: Lab, nodes: readonly string[], publicName: string): Promise<void> {
  const pair = await must([
    ...['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'],
    ...['-subj', `/CN=${publicName}`, '-addext', `subjectAltName=DNS:${publicName}`, '-keyout', '-'],
  ]);
  for (const node of nodes) {
    const { code, stderr } = await lab.exec(node, ['sh', '-euc', become, 'sh', node, pair]);
    if (code !== 0) throw new Error(`${node}: ${stderr}`);
  }
}

const become = `
mkdir -p /etc/certs /opt/gluu-server-3.1.6
mount --rbind / /opt/gluu-server-3.1.6
printf '%s\\n' "$2" | sed -n '/BEGIN PRIVATE KEY/,/END PRIVATE KEY/p' >/etc/certs/httpd.key
printf '%s\\n' "$2" | sed -n '/BEGIN CERT/,/END CERT/p' >/etc/certs/httpd.crt
ln -s nginx /etc/init.d/apache2
cat >/etc/nginx/sites-enabled/default <<END
server {
  listen 443 ssl;
  ssl_certificate /etc/certs/httpd.crt;
  ssl_certificate_key /etc/certs/httpd.key;
  location / { return 200 "$1 \\$http_x_forwarded_proto \\$http_host"; }
  location /forwarded { return 200 "\\$http_x_forwarded_proto \\$http_host for \\$http_x_forwarded_for of \\$http_x_real_ip"; }
  location /broken { return 500; }
  location /closed { return 444; }
}
END
service nginx restart </dev/null >/dev/null 2>&1`;
