/**
 * The layer table of ARCHITECTURE.md as a gate: which room may import which.
 *
 * Every import counts, static, dynamic, re-exported and type-only. The gate fails when it sees fewer
 * files than git lists, because a gate that sees nothing would be green for ever.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { parseSync } from 'oxc-parser';

const root = resolve(import.meta.dirname, '..');

/** Room -> rooms it may import, besides itself. The same table stands in ARCHITECTURE.md. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  model: ['base'],
  assess: ['base', 'model'],
  reconcile: ['base', 'model'],
  ports: ['base', 'model'],
  sql: ['base', 'model'],
  engine: ['base', 'model', 'ports', 'reconcile', 'assess'],
  adapters: ['base', 'model', 'ports', 'sql'],
  tds: ['base'],
  lab: ['base', 'model', 'ports', 'sql', 'tds'],
  sim: ['base', 'model', 'ports', 'reconcile', 'engine', 'assess', 'lab', 'sql'],
  cli: [
    'base',
    'model',
    'assess',
    'reconcile',
    'ports',
    'sql',
    'engine',
    'adapters',
    'tds',
    'lab',
    'sim',
  ],
};

/** Rooms that touch nothing outside the process: no package may be imported there, and of Node only what computes. */
const PURE = [
  'base',
  'model',
  'assess',
  'reconcile',
  'ports',
  'sql',
  'engine',
  'tds',
  'lab/hadr',
  'lab/tsql',
];

/** Hash functions: no clock, no chance as long as nobody asks for random bytes, which the next test looks for. */
const COMPUTES = 'node:crypto';

/** Packages the program needs at run time; each has its line in docs/dependencies.md. */
const RUNTIME_PACKAGES = ['commander', 'tedious', 'yaml', 'zod'];

interface Import {
  readonly file: string;
  readonly target: string;
}

/** Every specifier a file names, with or without values behind it. */
function importsOf(file: string): string[] {
  const { module, errors } = parseSync(file, readFileSync(join(root, file), 'utf8'));
  assert.deepEqual(errors, [], `${file} does not parse`);
  const text = readFileSync(join(root, file), 'utf8');
  return [
    ...module.staticImports.map((entry) => entry.moduleRequest.value),
    ...module.staticExports.flatMap((entry) =>
      entry.entries.map((item) => item.moduleRequest?.value),
    ),
    ...module.dynamicImports.map((entry) =>
      text.slice(entry.moduleRequest.start + 1, entry.moduleRequest.end - 1),
    ),
    ...[...text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/gu)].map((match) => match[1]),
  ].filter((specifier): specifier is string => typeof specifier === 'string');
}

function roomOf(path: string): string {
  return path.split('/')[1] ?? '';
}

const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'src'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file.endsWith('.ts'));
const files = listed.filter((file) => {
  try {
    readFileSync(join(root, file));
    return true;
  } catch {
    return false;
  }
});
const imports: Import[] = files.flatMap((file) =>
  importsOf(file).map((target) => ({ file, target })),
);

test('sees every source file that git lists', () => {
  assert.ok(listed.length > 50, `git lists only ${listed.length} files`);
  assert.equal(files.length, listed.length, 'files that git lists are missing on disk');
  assert.ok(
    imports.length > files.length,
    `only ${imports.length} imports seen in ${files.length} files`,
  );
});

test('keeps every import inside the layer table', () => {
  const offences = imports.flatMap(({ file, target }) => {
    if (!target.startsWith('.')) return [];
    const path = relative(root, resolve(root, dirname(file), target));
    if (!path.startsWith('src/')) {
      const isRig = file.endsWith('.test.ts') && path.startsWith('tests/support/');
      return isRig ? [] : [`${file} -> ${target} (leaves src/)`];
    }
    const from = roomOf(file);
    const to = roomOf(path);
    const allowed = LAYERS[from];
    if (allowed === undefined) return [`${file} (room ${from} is not in the table)`];
    return from === to || allowed.includes(to)
      ? []
      : [`${file} -> ${path} (${from} may not import ${to})`];
  });
  assert.deepEqual(offences, []);
});

test('keeps Node built-ins and packages out of the pure rooms', () => {
  const offences = imports.filter(({ file, target }) => {
    const pure = PURE.some((room) => file.startsWith(`src/${room}/`)) && !file.endsWith('.test.ts');
    return pure && !target.startsWith('.') && target !== COMPUTES;
  });
  assert.deepEqual(offences, []);
});

test('draws no chance and reads no clock in the pure rooms', () => {
  const offences = files.filter((file) => {
    const pure = PURE.some((room) => file.startsWith(`src/${room}/`)) && !file.endsWith('.test.ts');
    const text = pure ? readFileSync(join(root, file), 'utf8') : '';
    return /\b(randomBytes|randomUUID|randomInt|getRandomValues|Math\.random|Date\.now|performance\.now|new Date\(\))/u.test(
      text,
    );
  });
  assert.deepEqual(offences, []);
});

test('uses no package at run time beyond the listed ones', () => {
  const offences = imports.filter(({ file, target }) => {
    if (target.startsWith('.') || target.startsWith('node:') || file.endsWith('.test.ts'))
      return false;
    const name = target.startsWith('@')
      ? target.split('/').slice(0, 2).join('/')
      : (target.split('/')[0] ?? '');
    return !RUNTIME_PACKAGES.includes(name);
  });
  assert.deepEqual(offences, []);
});

test('has no import cycle, type-only imports included', () => {
  const edges = new Map<string, string[]>();
  for (const { file, target } of imports) {
    if (!target.startsWith('.')) continue;
    const path = relative(root, resolve(root, dirname(file), target));
    edges.set(file, [...(edges.get(file) ?? []), path]);
  }
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    const seen = trail.indexOf(file);
    if (seen !== -1) {
      cycles.push([...trail.slice(seen), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...trail, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  assert.deepEqual(cycles, []);
});

test('says the same as the table in ARCHITECTURE.md', () => {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  for (const [room, allowed] of Object.entries(LAYERS)) {
    const row = text.split('\n').find((line) => line.startsWith(`| \`${room}/\``));
    assert.ok(row !== undefined, `ARCHITECTURE.md has no row for ${room}/`);
    const cell = row.split('|').at(-2)?.trim() ?? '';
    const expected =
      room === 'cli' ? 'everything' : allowed.length === 0 ? 'nothing' : allowed.join(', ');
    assert.equal(cell, expected, `row ${room}/ of ARCHITECTURE.md`);
  }
});
