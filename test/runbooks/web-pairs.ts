import type { ClusterStage } from './gluu-cluster-lab.js';

/** On the first node: an authority, pairs of it for the public name (one soon ends), one for another name, and a key of neither. */
export const webPairs = `umask 077; mkdir -p /root/web; cd /root/web
curve='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
openssl req -x509 $curve -keyout ca.key -out ca.crt -days 800 -subj '/CN=Some authority'
while read -r one days host; do
  openssl req $curve -keyout "$one.key" -out request -subj "/CN=$host"
  echo "subjectAltName=DNS:$host" >names
  openssl x509 -req -in request -CA ca.crt -CAkey ca.key -set_serial 1 -days "$days" -extfile names -out "$one.crt"
done <<END
new 700 login.lab.test
brief 30 login.lab.test
other 700 shop.lab.test
END
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out stray.key`;

/** What gluu/replace-web-certificate asks, of that pair. */
export const givenPair = {
  public_name: 'login.lab.test',
  key_file: '/root/web/new.key',
  certificate_file: '/root/web/new.crt',
  authority_file: '/root/web/ca.crt',
};

/** The same of the pair that soon ends. */
export const briefPair = { ...givenPair, key_file: '/root/web/brief.key', certificate_file: '/root/web/brief.crt' };

/** What a client is told of the certificate that a host shows as the public name, by the words of `openssl x509`. */
const certificate = async ({ lab, on }: ClusterStage, host: string, words: string): Promise<string> =>
  on(
    'node2',
    `openssl s_client -connect ${lab.host(host).address}:443 -servername login.lab.test </dev/null 2>/dev/null | openssl x509 -noout ${words}`,
  );

/** The fingerprint of what each web server of the cluster shows, and the balancer. */
export const shownBy = async (world: ClusterStage): Promise<string[]> =>
  Promise.all(['node1', 'node2', 'balancer'].map(async (host) => certificate(world, host, '-fingerprint -sha256')));

/** Who has signed what a client sees of the balancer. */
export const issuerAt = async (world: ClusterStage): Promise<string> => certificate(world, 'balancer', '-issuer');
