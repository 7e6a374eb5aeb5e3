import { AndFilter, EqualityFilter, OrFilter, PresenceFilter, type Filter } from 'ldapts';

/** What entries must have: by attribute one of these values, or any. */
export type Where = readonly (readonly [attribute: string, wanted: true | readonly string[]])[];

/** Built from its parts, so that no value can become a part of the filter. */
export function filterOf(where: Where): Filter {
  const filters = where.map(([attribute, wanted]): Filter => {
    if (wanted === true) return new PresenceFilter({ attribute });
    return new OrFilter({ filters: wanted.map((value) => new EqualityFilter({ attribute, value })) });
  });
  return filters.length === 0 ? new PresenceFilter({ attribute: 'objectClass' }) : new AndFilter({ filters });
}
