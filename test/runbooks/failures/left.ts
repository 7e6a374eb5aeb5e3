/** Steps whose effect an earlier phase takes back, as their own undo says, and what stays of it until then. */
const later = [
  {
    step: /^join\.(\w+\.)?filled$/,
    stays: /^(\S+) directory ([^ ]*,)?o=(gluu|site) /,
    as: 'its entries come back with its files',
  },
  {
    step: /^copy\.(\w+\.)?forced$/,
    stays: /^(\S+) file \w+ (\/var\/backups\/csync2|\/opt\/gluu-server-[\d.]+\/(etc\/gluu|opt\/shibboleth-idp))(\/|$)/,
    as: 'its files come back with what was kept of them, and copies of them with csync2',
  },
];

/**
 * Parts what is otherwise after steps have gone back from what the undo of one of them leaves to an earlier phase: on one
 * host, which is not the one that they ran on.
 *
 * @param differences - one line each, beginning with the host
 */
export function leftToEarlier(
  { steps, host }: { readonly steps: readonly string[]; readonly host: string },
  differences: readonly string[],
): { other: readonly string[]; left?: string } {
  const known = later.find((one) => steps.some((step) => one.step.test(step)));
  const stay = known ? differences.filter((one) => known.stays.test(one)) : [];
  const hosts = new Set(stay.map((one) => one.split(' ', 1)[0] ?? ''));
  const [on = ''] = hosts;
  if (!known || hosts.size !== 1 || on === host) return { other: differences };
  return { other: differences.filter((one) => !stay.includes(one)), left: `${on}: ${known.as}` };
}
