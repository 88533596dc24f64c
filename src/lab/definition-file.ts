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
import { declaredCatalog } from './definition-catalog.ts';
import { storageProblem, storageSchema } from './definition-storage.ts';
import { givenSwitches, switchesSchema } from './fault/switch.ts';

const MAX_INSTANCES = 250;
const MAX_NAME = 128;
/** Replicas of one group. */
const MAX_REPLICAS = 9;
const MAX_LISTENERS = 4;
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
  catalog: declaredCatalog.default({}),
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
  catalog: declaredCatalog.default({}),
});

const listener = z.strictObject({
  name: z.string().regex(/^[\w-]{1,63}$/u, 'allowed: a DNS name without its domain'),
  domain: z.string().min(1).nullable().default(null),
});

const group = z.strictObject({
  name,
  replicas: z.array(name).min(1).max(MAX_REPLICAS),
  databases: words,
  listener: name.nullable().default(null),
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
  listeners: z.array(listener).max(MAX_LISTENERS).default([]),
  storage: storageSchema.default([]),
  availabilityGroups: z.array(group).default([]),
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
  if (twice !== null)
    return fail([
      `${place(offsetOf(document, ['instances', twice, 'name']))}: this instance name is there twice`,
    ]);
  const { storage, instances } = parsed.data;
  const misplaced = storageProblem(storage, instances);
  if (misplaced !== null)
    return fail([`${place(offsetOf(document, ['storage', misplaced.index]))}: ${misplaced.text}`]);
  const problem = groupProblem(parsed.data);
  return problem === null
    ? ok(definitionOf(parsed.data))
    : fail([
        `${place(offsetOf(document, ['availabilityGroups', problem.index]))}: ${problem.text}`,
      ]);
}

/** What an availability group names and the file does not have, or null. */
function groupProblem(
  content: FileContent,
): { readonly index: number; readonly text: string } | null {
  for (const [
    index,
    { replicas, databases, listener: wanted },
  ] of content.availabilityGroups.entries()) {
    const found = replicas.map((each) =>
      content.instances.find((item) => item.name.toLowerCase() === each.toLowerCase()),
    );
    const missing = replicas[found.indexOf(undefined)];
    if (missing !== undefined) return { index, text: `there is no instance "${missing}"` };
    if (new Set(found).size < found.length) return { index, text: 'a replica is there twice' };
    const off = found.find((each) => each?.alwaysOn !== 'enabled' || each.version === 2016);
    if (off !== undefined)
      return { index, text: `${off.name} needs alwaysOn: enabled and a version from 2017 on` };
    const clusters = new Set(found.map((each) => each?.cluster ?? null));
    if (clusters.size > 1) return { index, text: 'its replicas are not in the same cluster' };
    const lacking = databases.find(
      (each) => !found[0]?.databases.some((item) => item.name.toLowerCase() === each.toLowerCase()),
    );
    if (lacking !== undefined)
      return { index, text: `${found[0]?.name} has no database "${lacking}"` };
    const isKnown = content.listeners.some(
      (each) => each.name.toLowerCase() === wanted?.toLowerCase(),
    );
    if (wanted !== null && !isKnown) return { index, text: `there is no listener "${wanted}"` };
    if (wanted !== null && clusters.has(null))
      return { index, text: 'a listener needs replicas in a cluster' };
  }
  return null;
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
    listeners: content.listeners,
    storage: content.storage,
    groups: content.availabilityGroups,
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
