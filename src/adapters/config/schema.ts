/**
 * The form of `sqlferry.yaml`, version 1.
 *
 * Only the form: positions, suggestions and secrets are in `load-migration.ts`. Editors complete from
 * `migrationJsonSchema()`. Names obey the limits of SQL Server (`sysname`: 1 to 128 characters).
 */

import * as z from 'zod';

import { waiverSchema } from './waiver.ts';

const name = z.string().min(1).max(128);
const fqdn = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[A-Za-z0-9._-]+$/u, 'Expected a host name such as host.contoso.com')
  .describe('Fully qualified host name; the certificate of the server must be made for it.');
const port = z.int().min(1).max(65_535);

/**
 * Longest duration, in milliseconds: a day. The dead-man's step lives a day (`STEP_TURNS`), and the
 * budget travels to the server as an `int`.
 */
export const LONGEST_MS = 86_400_000;
const EXPECTED_DURATION = 'Expected a duration such as 500ms, 30s, 2m or 1h, at most 24h';
const duration = z
  .string({ error: EXPECTED_DURATION })
  .regex(/^\d+(\.\d+)?(ms|s|m|h)$/u, { error: EXPECTED_DURATION, abort: true })
  .refine((text) => durationMs(text) <= LONGEST_MS, EXPECTED_DURATION);

const secret = z.union([
  z.strictObject({ env: z.string().min(1).describe('Name of an environment variable.') }),
  z.strictObject({
    file: z.string().min(1).describe('Path of a file that holds only the secret.'),
  }),
]);

const auth = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sql-login'), user: name, password: secret }),
  z.strictObject({
    kind: z.literal('ntlm'),
    domain: z.string().min(1),
    user: name,
    password: secret,
  }),
]);

const instance = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(257)
    .describe('What SQL Server calls itself (@@SERVERNAME): host or host\\instance.'),
  fqdn,
  connect: z
    .strictObject({ address: z.string().min(1).optional(), port: port.optional() })
    .optional()
    .describe('How this operator reaches it when that differs: a tunnel, a jump host, the lab.'),
  endpoint: z
    .strictObject({ name: name.default('Hadr_endpoint'), port: port.default(5022) })
    .default({ name: 'Hadr_endpoint', port: 5022 }),
});

const LISTENER_IP = 'Expected an IPv4 address such as 10.0.0.4, or with its subnet 10.0.0.4/24';
const listenerIp = z
  .string()
  .regex(
    /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!\/|$)|(?=\/|$))){4}(?:\/(?:[1-9]|[12]\d|3[0-2]))?$/u,
    LISTENER_IP,
  );

const listener = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(63)
    .regex(/^[A-Za-z0-9_-]+$/u, 'Expected the name without the domain, such as OnPremAG_LST'),
  fqdn: fqdn
    .optional()
    .describe('Fully qualified name; default: the name in the domain of the first instance.'),
  port: port.describe('Port that applications connect to; not the port of the endpoint.'),
  ips: z
    .array(listenerIp)
    .min(1)
    .describe(
      'Addresses. With a subnet (10.0.0.4/24) sqlferry creates a listener that is missing on the target; without, it expects one, as behind a load balancer.',
    ),
});

const side = z.strictObject({
  availabilityGroup: name,
  instances: z
    .tuple([instance])
    .rest(instance)
    .describe('Replicas of the availability group; one on the standalone path, at most nine.'),
  listener: listener.nullable().default(null),
});

const hook = z.string().min(1).nullable().default(null);

const cutover = z.strictObject({
  maxOutage: duration.default('30s'),
  fence: z
    .strictObject({
      logins: z.array(name).default([]),
      killSessionsAfter: duration.default('5s'),
    })
    .default({ logins: [], killSessionsAfter: '5s' }),
  deadMan: z
    .enum(['agent', 'watcher', 'off'])
    .default('agent')
    .describe(
      'Who gives the writes back when a cutover is abandoned: a SQL Server Agent job, a second sqlferry (sqlferry watch), or nobody.',
    ),
  hooks: z
    .strictObject({ beforeFence: hook, afterPromote: hook })
    .default({ beforeFence: null, afterPromote: null }),
});

const LIMITS = {
  connect: '10s',
  seedingStart: '20s',
  seedingStill: '30s',
  synchronize: '30s',
  queue: '30s',
  fence: '2s',
  clock: '5s',
  logUsed: 70,
} as const;

const limits = z
  .strictObject({
    connect: duration
      .default(LIMITS.connect)
      .describe('The two sides not connected: said after this time.'),
    seedingStart: duration
      .default(LIMITS.seedingStart)
      .describe('A seeding that has not begun to send counts as dead after this time.'),
    seedingStill: duration
      .default(LIMITS.seedingStill)
      .describe('A seeding that sends nothing more is named after this time.'),
    synchronize: duration
      .default(LIMITS.synchronize)
      .describe('Databases that do not come into step are named after this time.'),
    queue: duration
      .default(LIMITS.queue)
      .describe(
        'A send or redo queue is named when it needs longer than this at its present rate.',
      ),
    fence: duration
      .default(LIMITS.fence)
      .describe('Sessions that hold the fence, and roles on their way, are named after this time.'),
    clock: duration
      .default(LIMITS.clock)
      .describe(
        'A clock is named when it differs by more than this from the clock of this machine.',
      ),
    logUsed: z
      .number()
      .min(1)
      .max(100)
      .default(LIMITS.logUsed)
      .describe('A log that cannot be truncated is named from this share in use, in percent.'),
  })
  .default(LIMITS)
  .describe('When sqlferry says unasked why it waits. The waits themselves do not change.');

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of `500ms`, `30s`, `2m`, `1h`; the schema has checked the form. */
export function durationMs(text: string): number {
  const unit = /[a-z]+$/u.exec(text)?.[0] ?? 'ms';
  return Math.round(Number.parseFloat(text) * (UNIT_MS[unit] ?? 1));
}

/** The whole file. */
export const migrationFileSchema = z.strictObject({
  $schema: z.string().optional(),
  version: z.literal(1),
  name: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/u, 'Expected letters, digits, dots, dashes, underscores'),
  databases: z.union([
    z.array(name).min(1),
    z.strictObject({ all: z.literal(true), except: z.array(name).default([]) }),
  ]),
  distributedAvailabilityGroup: name,
  seeding: z
    .union([
      z.literal('automatic'),
      z.strictObject({
        manual: z.strictObject({
          share: z.string().min(1),
          compression: z.boolean().default(true),
          stripes: z.int().min(1).max(64).default(1),
        }),
      }),
    ])
    .default('automatic'),
  source: side,
  target: side,
  auth: z.strictObject({ source: auth, target: auth }),
  tls: z
    .strictObject({
      encrypt: z.enum(['mandatory', 'strict']).default('mandatory'),
      trustServerCertificate: z.boolean().default(false),
      ca: z.string().min(1).nullable().default(null),
    })
    .default({ encrypt: 'mandatory', trustServerCertificate: false, ca: null }),
  limits,
  cutover: cutover.default({
    maxOutage: '30s',
    fence: { logins: [], killSessionsAfter: '5s' },
    deadMan: 'agent',
    hooks: { beforeFence: null, afterPromote: null },
  }),
  waivers: z
    .array(waiverSchema)
    .default([])
    .describe('Findings of the assessment that are accepted for a time; they stay visible.'),
});

/** The file after validation, with defaults filled in. */
export type MigrationFile = z.output<typeof migrationFileSchema>;

/** JSON Schema (draft 2020-12) of the file, for editors. */
export function migrationJsonSchema(): unknown {
  return z.toJSONSchema(migrationFileSchema, { target: 'draft-2020-12', io: 'input' });
}
