/**
 * From a complaint of the schema to a sentence with a place.
 *
 * The schema names a path; the YAML document knows where its node stands. An unknown key is pointed at
 * itself, a missing one at the map that lacks it.
 */

import { isMap, isScalar, type Document, type LineCounter, type Node } from 'yaml';
import * as z from 'zod';

import { migrationFileSchema } from './schema.ts';
import { nearest } from './suggest.ts';

/** One mistake in the file. */
export interface Mistake {
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  /** `source.instances.0.fqdn`; empty for the whole file. */
  readonly path: string;
  /** What was found and what is allowed; no secret. */
  readonly message: string;
}

/** One step of a path. */
type Step = PropertyKey;

/** All complaints as mistakes, in the order of the file. */
export function mistakesOf(
  error: z.ZodError,
  document: Document.Parsed,
  lines: LineCounter,
): readonly Mistake[] {
  return error.issues
    .flatMap((issue) => mistakesOfIssue(flatten(issue), { document, lines }))
    .sort((left, right) => left.line - right.line || left.column - right.column);
}

interface Place {
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/** A failed union complains for every member: keep the one that came nearest. */
function flatten(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const depth = (issues: readonly z.core.$ZodIssue[]): number =>
    issues[0] === undefined ? 0 : issues[0].path.length;
  const best = issue.errors
    .filter((issues) => issues.length > 0)
    .toSorted((left, right) => depth(right) - depth(left) || left.length - right.length)[0]?.[0];
  if (best === undefined || best.path.length === 0) return issue;
  return flatten({ ...best, path: [...issue.path, ...best.path] });
}

function mistakesOfIssue(issue: z.core.$ZodIssue, place: Place): readonly Mistake[] {
  if (issue.code === 'unrecognized_keys') {
    const allowed = allowedKeys(issue.path);
    return issue.keys.map((key) => ({
      ...keyPosition([...issue.path, key], place),
      path: printPath([...issue.path, key]),
      message: unknownKey(key, allowed),
    }));
  }
  const found = place.document.getIn(issue.path as unknown[], true);
  return [
    {
      ...nodePosition(issue.path, place),
      path: printPath(issue.path),
      message: `${foundWords(issue.path, found)}${expectation(issue)}`,
    },
  ];
}

/** What stands there, in short; below `auth` nothing is repeated. */
function foundWords(path: readonly Step[], node: unknown): string {
  if (node === undefined) return 'missing; ';
  if (!isScalar(node) || path[0] === 'auth') return '';
  return `found ${JSON.stringify(node.value)?.slice(0, FOUND_LIMIT) ?? 'nothing'}; `;
}

/** Longest repetition of what was found, in characters. */
const FOUND_LIMIT = 60;

function unknownKey(key: string, allowed: readonly string[]): string {
  const guess = nearest(key, allowed);
  const hint = guess === null ? '' : `; did you mean "${guess}"?`;
  const list = allowed.length === 0 ? '' : ` (allowed: ${allowed.join(', ')})`;
  return `unknown key "${key}"${hint}${list}`;
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_value':
      return `expected ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_union':
      return unionExpectation(issue.path[issue.path.length - 1]);
    default:
      return issue.message;
  }
}

/** What a place allows that takes one of several forms. */
const forms: Readonly<Record<string, string>> = {
  databases: 'a list of names, or {all: true, except: [...]}',
  kind: '"sql-login" or "ntlm"',
  password: '{env: NAME} or {file: path}',
  seeding: '"automatic", or {manual: {share: ...}}',
};

function unionExpectation(step: Step | undefined): string {
  return `expected ${forms[String(step)] ?? 'another form'}`;
}

/** A mistake in the meaning, at the place of its node. */
export function mistakeAt(
  path: readonly Step[],
  message: string,
  place: { readonly document: Document.Parsed; readonly lines: LineCounter },
): Mistake {
  return { ...nodePosition(path, place), path: printPath(path), message };
}

/** Keys the schema allows at a path, for the list in the message. */
function allowedKeys(path: readonly Step[]): readonly string[] {
  return keysAt(z.toJSONSchema(migrationFileSchema, { io: 'input' }), path, 0);
}

function keysAt(schema: unknown, path: readonly Step[], depth: number): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const node = schema as Readonly<Record<string, unknown>>;
  const branches = [node['anyOf'], node['oneOf']].flatMap((list) =>
    Array.isArray(list) ? (list as unknown[]) : [],
  );
  if (branches.length > 0) {
    return [...new Set(branches.flatMap((branch) => keysAt(branch, path, depth)))];
  }
  const properties = node['properties'] as Readonly<Record<string, unknown>> | undefined;
  const step = path[depth];
  if (step === undefined) return Object.keys(properties ?? {}).filter((key) => key !== '$schema');
  if (typeof step === 'number') {
    const prefix = node['prefixItems'];
    const item = Array.isArray(prefix)
      ? ((prefix as unknown[])[step] ?? node['items'])
      : node['items'];
    return keysAt(item, path, depth + 1);
  }
  return keysAt(properties?.[String(step)], path, depth + 1);
}

function keyPosition(path: readonly Step[], place: Place): { line: number; column: number } {
  const parent =
    path.length === 1
      ? place.document.contents
      : place.document.getIn(path.slice(0, -1) as unknown[], true);
  if (isMap(parent)) {
    const key = path[path.length - 1];
    const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
    if (isScalar(pair?.key)) return positionOf(pair.key, place);
  }
  return nodePosition(path.slice(0, -1), place);
}

/** Position of the node at a path, or of the nearest one above it. */
function nodePosition(path: readonly Step[], place: Place): { line: number; column: number } {
  for (let length = path.length; length > 0; length -= 1) {
    const node = place.document.getIn(path.slice(0, length) as unknown[], true);
    if (typeof node === 'object' && node !== null && 'range' in node) {
      return positionOf(node as Node, place);
    }
  }
  return { line: 1, column: 1 };
}

function positionOf(node: Node, place: Place): { line: number; column: number } {
  const position = place.lines.linePos(node.range?.[0] ?? 0);
  return { line: position.line, column: position.col };
}

function printPath(path: readonly Step[]): string {
  return path.map((step) => String(step)).join('.');
}
