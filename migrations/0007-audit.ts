import type { Migration } from './migration.js';

export const audit: Migration = {
  number: 7,
  name: 'audit',
  up: `
    create table audit (
      chain text not null,
      sequence bigint not null,
      at timestamptz not null,
      kind text not null,
      actor text not null,
      data jsonb not null,
      previous bytea not null,
      hash bytea not null,
      constraint audit_key primary key (chain, sequence)
    );

    -- The newest entry of each chain: locked while a chain grows, and the witness that its end was not cut off.
    create table audit_heads (
      chain text constraint audit_heads_key primary key,
      sequence bigint not null,
      hash bytea not null
    );

    create function audit_only_grows() returns trigger language plpgsql as $$
      begin
        raise exception 'the audit trail only grows: % of % is refused', tg_op, tg_table_name;
      end
    $$;
    create trigger audit_only_grows before update or delete or truncate on audit
      for each statement execute function audit_only_grows();
    create trigger audit_heads_stay before delete or truncate on audit_heads
      for each statement execute function audit_only_grows();
  `,
};
