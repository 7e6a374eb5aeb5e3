import type { Migration } from './migration.js';

export const tasks: Migration = {
  number: 2,
  name: 'tasks',
  up: `
    create table tasks (
      run text not null constraint tasks_run references runs (run),
      step text not null,
      host text not null,
      machine text not null,
      phase integer not null,
      wave integer not null,
      -- The step's place in its phase.
      position integer not null,
      state text not null,
      attempt integer not null default 0,
      -- The newest holder number given out for this task.
      holder bigint not null default 0,
      settled_by text,
      settled_because text,
      constraint tasks_key primary key (run, step, host)
    );
    create index tasks_by_wave on tasks (run, phase, wave);

    create table intents (
      run text not null,
      step text not null,
      host text not null,
      part text not null,
      undo integer not null,
      attempt integer not null,
      holder bigint not null,
      nonce text not null,
      boot_id text not null,
      -- The run's tenure of its leases at that time.
      tenure integer not null,
      at timestamptz not null default now(),
      constraint intents_key primary key (run, step, host, part, undo, attempt),
      constraint intents_task foreign key (run, step, host) references tasks (run, step, host)
    );

    create table results (
      run text not null,
      step text not null,
      host text not null,
      attempt integer not null,
      ending text not null,
      exit integer,
      milliseconds bigint not null,
      summary text not null,
      failure jsonb,
      registered jsonb not null,
      pre_image text,
      post_image text,
      at timestamptz not null default now(),
      constraint results_key primary key (run, step, host, attempt),
      constraint results_task foreign key (run, step, host) references tasks (run, step, host)
    );

    create table rendered (
      run text not null,
      step text not null,
      host text not null,
      holds boolean not null,
      "values" jsonb not null,
      hash text not null,
      constraint rendered_key primary key (run, step, host),
      constraint rendered_task foreign key (run, step, host) references tasks (run, step, host)
    );

    create table owed_restarts (
      id bigserial constraint owed_restarts_key primary key,
      machine text not null,
      service text not null,
      run text not null,
      step text not null,
      host text not null,
      part text not null,
      undo integer not null,
      attempt integer not null,
      owed_at timestamptz not null default now(),
      paid_at timestamptz,
      paid_by text,
      constraint owed_restarts_once unique (run, step, host, part, undo, attempt, service),
      constraint owed_restarts_intent foreign key (run, step, host, part, undo, attempt)
        references intents (run, step, host, part, undo, attempt)
    );
    create index owed_restarts_open on owed_restarts (machine, service) where paid_at is null;

    create table pre_images (
      run text not null,
      step text not null,
      host text not null,
      attempt integer not null,
      sealed bytea not null,
      at timestamptz not null default now(),
      constraint pre_images_key primary key (run, step, host),
      constraint pre_images_task foreign key (run, step, host) references tasks (run, step, host)
    );
  `,
};
