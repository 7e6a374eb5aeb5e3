interface Later {
  readonly step: RegExp;
  /** Begins with the host, as its first group. */
  readonly stays: RegExp;
  /** Whether it is of a directory that replicates, so that it stays on every host. */
  readonly replicated?: true;
  readonly as: string;
}

/** Steps whose effect an earlier phase takes back, as their own undo says, and what stays of it until then. */
const later: readonly Later[] = [
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
  {
    step: /^verify_(first_)?login\.(\w+\.)?removed$/,
    stays: /^(\S+) directory (uniqueIdentifier=\w+,)?oxAuthGrantId=/,
    replicated: true,
    as: 'the grant of a sign-in goes with what Gluu was set up with',
  },
];

/**
 * Parts what is otherwise after steps have gone back from what the undo of one of them leaves to an earlier phase: on one
 * host, which is not the one that they ran on, or in what all hosts share.
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
  const shared = known?.replicated === true && stay.length > 0;
  if (!known || (!shared && (hosts.size !== 1 || on === host))) return { other: differences };
  return { other: differences.filter((one) => !stay.includes(one)), left: shared ? known.as : `${on}: ${known.as}` };
}

/**
 * The step from which one that was refused is to be tried again: the grant of a second sign-in cannot go before its token,
 * whose removal stands as done since the first one, for it goes back with an earlier phase.
 */
export const anewFrom = (step: string): string | undefined =>
  /^verify_(first_)?login\.(\w+\.)?grant$/.test(step) ? step.replace(/grant$/, 'removed') : undefined;
