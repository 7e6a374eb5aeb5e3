import { small } from './gluu-world.js';

/** Somebody who asks the balancer again and again, from the balancer's own host, and writes down what is not answered. */
export interface Client {
  /** What is answered to one request now. */
  ask(path: string): Promise<string>;
  begin(): Promise<void>;
  /** Requests since the beginning that were not answered with 200, and when; one line each. */
  lost(): Promise<string[]>;
  end(): Promise<void>;
}

const paths = ['/.well-known/openid-configuration', '/identity/restv1/scim-configuration', '/oxauth/restv1/jwks'];

const asking = (folder: string, curl: string, name: string): string => `mkdir ${folder}
setsid sh -c 'while [ -d ${folder} ]; do
  for path in ${paths.join(' ')}; do
    code=$(${curl} -o /dev/null -w "%{http_code}" "https://${name}$path" 2>&1) || true
    [ -d ${folder} ] || exit 0
    [ "$code" = 200 ] || echo "$(date +%H:%M:%S) $path: $code" >>${folder}/lost
    echo "$code" >>${folder}/all
  done
  sleep 1
done' </dev/null >/dev/null 2>&1 &`;

/**
 * @param asks - by which name it asks; and which file of the host has the authorities that it trusts, at each request anew
 */
export function clientAt(
  world: { on(host: string, script: string): Promise<string> },
  host: string,
  asks: { readonly name?: string; readonly trusts?: string } = {},
): Client {
  const { name = small.public_name, trusts = '/etc/nginx/ssl/httpd.crt' } = asks;
  // Of its own, so that one which asks by another name does not go on with what is left of this one.
  const folder = `/run/lab-client-${name}`;
  const curl = `curl -sS --max-time 20 --cacert ${trusts} --resolve ${name}:443:127.0.0.1`;
  const on = async (script: string): Promise<string> => world.on(host, script);
  return {
    ask: async (path) => on(`${curl} --fail https://${name}${path}`),
    begin: async () => void (await on(asking(folder, curl, name))),
    lost: async () => {
      const before = Number(await on(`cat ${folder}/all 2>/dev/null | wc -l`));
      // Whatever was lost is written down by the time that the next requests are.
      await on(`until [ "$(wc -l <${folder}/all)" -gt ${String(before + paths.length)} ]; do sleep 0.1; done`);
      return (await on(`cat ${folder}/lost 2>/dev/null || true`)).split('\n').filter(Boolean);
    },
    end: async () => void (await on(`rm -rf ${folder}`)),
  };
}
