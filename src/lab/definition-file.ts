/**
 * Reads `lab.yaml` into a `LabDefinition`.
 *
 * An error names file, line and column, what was found and what is allowed. Nothing is read from
 * disk here: the caller passes the text.
 */

import { LineCounter, parseDocument, type Document } from 'yaml';
import * as z from 'zod';

import { fail, ok, type Result } from '../base/result.ts';
import {
  ALWAYS_ON,
  EDITIONS,
  RECOVERY_MODELS,
  RELEASES,
  SAMPLES,
  type LabDefinition,
  type LabInstanceDefinition,
} from './definition.ts';
import { givenSwitches, switchesSchema } from './fault/switch.ts';

const MAX_INSTANCES = 250;
const MAX_NAME = 128;
const UNIT_BYTES: Readonly<Record<string, number>> = { '': 1, kb: 1e3, mb: 1e6, gb: 1e9 };

const name = z.string().min(1).max(MAX_NAME);
const words = z.array(z.string().min(1)).default([]);

const login = z.strictObject({
  user: name,
  roles: words,
  permissions: words,
  disabled: z.boolean().default(false),
  users: z.array(z.strictObject({ database: name, roles: words })).default([]),
});

const database = z.strictObject({
  name,
  sample: z.enum(SAMPLES).default('none'),
  recoveryModel: z.enum(RECOVERY_MODELS).default('FULL'),
  fullBackup: z.boolean().default(true),
});

const instance = z.strictObject({
  name: z
    .string()
    .regex(/^[\w-]{1,63}(?:\\[A-Za-z_]\w{0,15})?$/u, 'allowed: host, or host\\instance'),
  side: z.enum(['source', 'target']),
  domain: z
    .string()
    .regex(/^[\w-]+(?:\.[\w-]+)*$/u, 'allowed: a DNS name, or null')
    .nullable()
    .default(null),
  version: z.union(RELEASES.map((release) => z.literal(release))).default(2022),
  edition: z.enum(EDITIONS).default('Enterprise'),
  alwaysOn: z.enum(ALWAYS_ON).default('enabled'),
  encryption: z.enum(['required', 'supported', 'not-supported']).default('supported'),
  serviceAccount: name.default('NT Service\\MSSQLSERVER'),
  cluster: z
    .string()
    .regex(/^[\w-]{1,15}$/u, 'allowed: a cluster name of up to 15 characters, or null')
    .nullable()
    .default(null),
  databases: z.array(database).default([]),
  logins: z.array(login).default([]),
});

const quantity = (pattern: RegExp, allowed: string) =>
  z.string().regex(pattern, `allowed: ${allowed}`);

const file = z.strictObject({
  version: z.literal(1),
  name: name.default('lab'),
  links: z
    .strictObject({
      latency: quantity(/^\d+(?:\.\d+)?ms$/u, 'milliseconds, for example 2ms').default('1ms'),
      bandwidth: quantity(/^\d+(?:\.\d+)?(?:kB|MB|GB)?$/iu, 'bytes per second, for example 40MB')
        .nullable()
        .default(null),
    })
    .default({ latency: '1ms', bandwidth: null }),
  /** Positions of assumed server behaviours. */
  switches: switchesSchema.default({}),
  instances: z.array(instance).min(1).max(MAX_INSTANCES),
});

type FileContent = z.output<typeof file>;

/** Reads the text of a `lab.yaml`; errors are lines `file:line:column: message`. */
export function readDefinition(
  text: string,
  path: string,
): Result<LabDefinition, readonly string[]> {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const place = (offset: number): string => {
    const { line, col } = counter.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    return fail(document.errors.map((error) => `${place(error.pos[0])}: ${error.message}`));
  }
  const parsed = file.safeParse(document.toJS(), { reportInput: true });
  if (!parsed.success) {
    return fail(
      parsed.error.issues.map(
        (issue) => `${place(offsetOf(document, issue.path))}: ${describe(issue)}`,
      ),
    );
  }
  const twice = firstRepeated(parsed.data.instances.map((item) => item.name.toLowerCase()));
  return twice === null
    ? ok(definitionOf(parsed.data))
    : fail([
        `${place(offsetOf(document, ['instances', twice, 'name']))}: this instance name is there twice`,
      ]);
}

/** Bytes of `40MB`; undefined when it is not a quantity. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(kb|mb|gb)?$/iu.exec(text.trim());
  const unit = UNIT_BYTES[(match?.[2] ?? '').toLowerCase()];
  return match === null || unit === undefined ? undefined : Math.round(Number(match[1]) * unit);
}

function definitionOf(content: FileContent): LabDefinition {
  return {
    name: content.name,
    link: {
      latencyMs: Number.parseFloat(content.links.latency),
      bandwidth:
        content.links.bandwidth === null ? null : (parseBytes(content.links.bandwidth) ?? null),
    },
    switches: givenSwitches(content.switches),
    instances: content.instances.map(({ version, ...rest }): LabInstanceDefinition => ({
      ...rest,
      release: version,
    })),
  };
}

/** Index of the first name that was there before, or null. */
function firstRepeated(names: readonly string[]): number | null {
  const index = names.findIndex((item, at) => names.indexOf(item) < at);
  return index === -1 ? null : index;
}

function describe(issue: z.core.$ZodIssue): string {
  const where = issue.path.length === 0 ? 'the file' : issue.path.join('.');
  const found = issue.input === undefined ? 'nothing' : JSON.stringify(issue.input);
  if (issue.code === 'unrecognized_keys') {
    return `${where}: unknown key ${issue.keys.map((key) => `"${key}"`).join(', ')}`;
  }
  if (issue.code === 'invalid_value') {
    return `${where}: found ${found}, allowed: ${issue.values.map(String).join(', ')}`;
  }
  if (issue.code === 'invalid_union') {
    return `${where}: found ${found}, allowed: ${RELEASES.join(', ')}`;
  }
  return `${where}: found ${found.length > 80 ? 'a value' : found}: ${issue.message}`;
}

/** Where a path of the document starts in the text; the nearest parent when it is not there. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) {
      return Number(node.range[0]);
    }
  }
  return 0;
}
