/**
 * The faults that people and tests can inject into a running lab, as data.
 *
 * Here: what there is, how a fault is read from JSON, how it is typed. What calls the world is in
 * `inject.ts`, what the world then does is its own.
 */

import * as z from 'zod';

import { fail, ok, type Result } from '../../base/result.ts';
import { PATH_PROBLEMS, storagePath } from '../definition-storage.ts';
import { switchesSchema, switchPositions } from './switch.ts';

const MAX_DELAY_MS = 600_000;
/** A clock that is wrong by more than a day would be noticed. */
const MAX_OFFSET_MS = 86_400_000;
const MAX_LATCHES = 1000;
/** Highest `failure_state` there is. */
const MAX_FAILURE_STATE = 25;

const instance = z.string().min(1);
const delayMs = z.number().min(0).max(MAX_DELAY_MS);
const bytesPerSecond = z.number().int().min(1);

const schema = z.discriminatedUnion('fault', [
  z.strictObject({ fault: z.literal('delay'), instance, to: instance.optional(), delayMs }),
  z.strictObject({ fault: z.literal('bandwidth'), bytesPerSecond }),
  z.strictObject({ fault: z.literal('partition'), a: instance, b: instance }),
  z.strictObject({ fault: z.literal('heal'), a: instance.optional(), b: instance.optional() }),
  z.strictObject({ fault: z.literal('crash'), instance }),
  z.strictObject({ fault: z.literal('restart'), instance }),
  z.strictObject({ fault: z.literal('lose-commit'), instance, database: z.string().min(1) }),
  z.strictObject({
    fault: z.literal('crash-at'),
    instance,
    when: z.enum(['before', 'after']),
    what: z.enum(['batch', 'statement', 'commit']),
    pattern: z.string().min(1),
  }),
  z.strictObject({ fault: z.literal('late-writer'), instance, database: z.string().min(1) }),
  z.strictObject({ fault: z.literal('agent'), instance, state: z.enum(['stopped', 'running']) }),
  z.strictObject({
    fault: z.literal('clock'),
    instance,
    offsetMs: z.number().min(-MAX_OFFSET_MS).max(MAX_OFFSET_MS),
  }),
  z.strictObject({
    fault: z.literal('redo'),
    instance,
    bytesPerSecond: bytesPerSecond.nullable(),
  }),
  z.strictObject({
    fault: z.literal('latch'),
    instance,
    times: z.number().int().min(0).max(MAX_LATCHES),
  }),
  z.strictObject({ fault: z.literal('revoke'), instance, login: z.string().min(1) }),
  z.strictObject({
    fault: z.literal('clients'),
    instance,
    state: z.enum(['black-hole', 'open']),
  }),
  z.strictObject({
    fault: z.literal('path'),
    instance,
    path: storagePath,
    problem: z.enum([...PATH_PROBLEMS, 'good']),
  }),
  z.strictObject({ fault: z.literal('backup-rate'), bytesPerSecond: bytesPerSecond.nullable() }),
  z.strictObject({ fault: z.literal('session-timeout'), delayMs }),
  z.strictObject({
    fault: z.literal('seeding-failure'),
    failure: z
      .strictObject({
        state: z.number().int().min(0).max(MAX_FAILURE_STATE),
        errorCode: z.number().int().min(1).nullable(),
      })
      .nullable(),
  }),
  z.strictObject({ fault: z.literal('switch'), set: switchesSchema }),
]);

/**
 * One fault.
 *
 * `delay`: with `to` the link between two instances in that direction, else clients of the instance.
 * `bandwidth`: what automatic seeding may use. `partition`, `heal`: the link between two instances,
 * `heal` alone: all links. `crash`, `restart`: the instance. `lose-commit`: the next transaction
 * redone on that copy is acknowledged, but its rows are dropped. `crash-at`: the instance dies when
 * the next request reaches the point. `late-writer`: a session commits just before the next demotion.
 * `agent`: SQL Server Agent. `clock`: the server's time is off. `redo`: pace of redo, null for no
 * limit. `latch`: the next demotions fail with 41104. `revoke`: a login loses its rights. `clients`:
 * bytes of clients vanish. `session-timeout`: after it a commit is released from its lost forwarder.
 * `path`: a folder or share is missing, denied, read-only or full for one instance, `good` ends that.
 * `backup-rate`: pace of BACKUP and RESTORE, null for at once. `seeding-failure`:
 * seedings that are asked for fail on their receiver. `switch`: positions of assumed server
 * behaviours.
 */
export type Fault = z.output<typeof schema>;

/** How each fault is typed after `lab fault`. */
export const FAULT_USAGE: Readonly<Record<Fault['fault'], string>> = {
  delay: 'delay <instance> [<to instance>] <milliseconds>',
  bandwidth: 'bandwidth <bytes per second, for example 40MB>',
  partition: 'partition <instance> <instance>',
  heal: 'heal [<instance> <instance>]',
  crash: 'crash <instance>',
  restart: 'restart <instance>',
  'lose-commit': 'lose-commit <instance> <database>',
  'crash-at':
    'crash-at <instance> before|after batch <part of its text>|statement <name, for example set-role-secondary>|commit <database>',
  'late-writer': 'late-writer <instance> <database>',
  agent: 'agent <instance> stopped|running',
  clock: 'clock <instance> <milliseconds it is ahead>',
  redo: 'redo <instance> <bytes per second>|full',
  latch: 'latch <instance> <number of demotions that fail>',
  revoke: 'revoke <instance> <login>',
  clients: 'clients <instance> black-hole|open',
  path: `path <instance> <folder or share> ${PATH_PROBLEMS.join('|')}|good`,
  'backup-rate': 'backup-rate <bytes per second, for example 4MB>|full',
  'session-timeout': 'session-timeout <milliseconds>',
  'seeding-failure': 'seeding-failure none|<failure_state> [<error number>]',
  switch: `switch <name> <position>, where ${Object.entries(switchPositions)
    .map(([name, positions]) => `${name} is ${positions.options.join('|')}`)
    .join(', ')}`,
};

/** Reads a fault from JSON; the error says what is allowed. */
export function readFault(value: unknown): Result<Fault, string> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') ?? '';
  return fail(
    where === '' || where === 'fault'
      ? `unknown fault; allowed: ${Object.keys(FAULT_USAGE).join(', ')}`
      : `${where}: ${issue?.message ?? 'wrong'}`,
  );
}
