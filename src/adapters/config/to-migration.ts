/** From the checked file to the model, and the search for passwords written in it. */

import type {
  Listener,
  Migration,
  MigrationInstance,
  MigrationSide,
} from '../../model/migration.ts';
import type { Side } from '../../model/side.ts';
import type { WaitingLimits } from '../../model/waiting.ts';
import type { Waiver } from '../../model/waiver.ts';
import { durationMs } from './schema.ts';
import type { MigrationFile } from './schema.ts';

/** The part of the file that is the migration itself. */
export function toMigration(file: MigrationFile): Migration {
  return {
    name: file.name,
    databases: Array.isArray(file.databases)
      ? { kind: 'named', names: file.databases }
      : { kind: 'all', except: file.databases.except },
    distributedAvailabilityGroup: file.distributedAvailabilityGroup,
    seeding:
      file.seeding === 'automatic'
        ? { kind: 'automatic' }
        : { kind: 'manual', ...file.seeding.manual },
    source: toSide(file, 'source'),
    target: toSide(file, 'target'),
    limits: toLimits(file.limits),
    cutover: {
      maxOutageMs: durationMs(file.cutover.maxOutage),
      fenceLogins: file.cutover.fence.logins,
      killSessionsAfterMs: durationMs(file.cutover.fence.killSessionsAfter),
      deadMan: file.cutover.deadMan,
      hooks: file.cutover.hooks,
    },
  };
}

function toSide(file: MigrationFile, side: Side): MigrationSide {
  const own = file[side];
  const [first, ...rest] = own.instances;
  return {
    side,
    availabilityGroup: own.availabilityGroup,
    instances: [toInstance(first), ...rest.map((instance) => toInstance(instance))],
    listener: own.listener === null ? null : toListener(own.listener),
  };
}

function toListener(listener: NonNullable<MigrationFile['source']['listener']>): Listener {
  const { fqdn, ...rest } = listener;
  return fqdn === undefined ? rest : { ...rest, fqdn };
}

function toInstance(instance: MigrationFile['source']['instances'][0]): MigrationInstance {
  return { name: instance.name, fqdn: instance.fqdn, endpoint: instance.endpoint };
}

/** One entry of `waivers`. */
export function toWaiver(entry: MigrationFile['waivers'][number]): Waiver {
  const { rule, database = null, instance = null, reason, expires } = entry;
  return { rule, database, instance, reason, expires };
}

function toLimits(limits: MigrationFile['limits']): WaitingLimits {
  return {
    connectMs: durationMs(limits.connect),
    seedingStartMs: durationMs(limits.seedingStart),
    seedingStillMs: durationMs(limits.seedingStill),
    synchronizeMs: durationMs(limits.synchronize),
    queueMs: durationMs(limits.queue),
    fenceMs: durationMs(limits.fence),
    clockMs: durationMs(limits.clock),
    logUsedPercent: limits.logUsed,
  };
}

/** Paths of passwords that are written as plain text; the text itself is never returned. */
export function literalSecrets(value: unknown): readonly string[] {
  const found: string[] = [];
  for (const side of ['source', 'target']) {
    const password = at(at(at(value, 'auth'), side), 'password');
    if (typeof password === 'string' || typeof password === 'number') {
      found.push(`auth.${side}.password`);
    }
  }
  return found;
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}
