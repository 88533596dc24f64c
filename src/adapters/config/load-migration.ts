/**
 * Reads `sqlferry.yaml`: text, form, meaning, secrets, certificate authority.
 *
 * Every mistake is reported at once, with file, line and column. How the operator reaches the servers
 * (`connect`, `auth`, `tls`) is kept apart from the migration: only `adapters/` sees it.
 */

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument, type Document } from 'yaml';

import { fail, ok, type Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import type { Migration } from '../../model/migration.ts';
import { ProblemCatalogue, type Problem, type ProblemCode } from '../../model/problem.ts';
import type { Side } from '../../model/side.ts';
import type { Waiver } from '../../model/waiver.ts';
import { readSecret } from '../secrets/read-secret.ts';
import { meaningMistakes } from './meaning.ts';
import { mistakeAt, mistakesOf, type Mistake } from './mistake.ts';
import { migrationFileSchema, type MigrationFile } from './schema.ts';
import { literalSecrets, toMigration, toWaiver } from './to-migration.ts';
import { waiverMistakes } from './waiver.ts';

/** How connections are protected. */
export interface TlsSettings {
  /** `mandatory`: TLS inside TDS 7.4; `strict`: TDS 8.0. Never without. */
  readonly encrypt: 'mandatory' | 'strict';
  readonly trustServerCertificate: boolean;
  /** Certificates of the authority, PEM; `null`: those Node trusts. */
  readonly ca: string | null;
}

/** How this operator reaches one instance. */
export interface ConnectionSettings {
  readonly side: Side;
  /** Name from the migration file. */
  readonly instance: string;
  /** Name that the certificate must carry. */
  readonly fqdn: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: Secret;
  /** Windows domain for NTLM; `null` for a SQL login. */
  readonly domain: string | null;
  readonly tls: TlsSettings;
  /** `program_name` of the sessions; default: the one of sqlferry itself. */
  readonly programName?: string;
}

/** A migration file with everything needed to connect. */
export interface LoadedMigration {
  readonly migration: Migration;
  /** The first instance of each side. */
  readonly connections: {
    readonly source: ConnectionSettings;
    readonly target: ConnectionSettings;
  };
  /** The other instances of both sides, in the order of the file; none on the standalone path. */
  readonly otherInstances: readonly ConnectionSettings[];
  /** Findings of the assessment that are accepted. */
  readonly waivers: readonly Waiver[];
}

/** What is read, and the environment secrets come from. */
export interface LoadOptions {
  readonly path: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ids of the rules that a waiver may name; absent: any, for what does not assess. */
  readonly ruleIds?: readonly string[];
}

/** Reads a migration file with its secrets; the errors are all mistakes found. */
export function loadMigration(options: LoadOptions): Result<LoadedMigration, readonly Problem[]> {
  const file = readMigrationFile(options.path, options.ruleIds ?? null);
  if (!file.ok) return file;
  const folder = dirname(resolve(options.path));
  const problems: Problem[] = [];
  const ca = readAuthority(file.value.tls.ca, folder);
  if (!ca.ok) problems.push(ca.error);
  const context = { ...options, file: file.value, folder, ca: ca.ok ? ca.value : null, problems };
  const [source, ...otherSources] = connectSide(context, 'source');
  const [target, ...otherTargets] = connectSide(context, 'target');
  if (problems.length > 0 || source === undefined || target === undefined) return fail(problems);
  return ok({
    migration: toMigration(file.value),
    connections: { source, target },
    otherInstances: [...otherSources, ...otherTargets],
    waivers: file.value.waivers.map((waiver) => toWaiver(waiver)),
  });
}

interface ConnectContext extends LoadOptions {
  readonly file: MigrationFile;
  readonly folder: string;
  readonly ca: string | null;
  /** What was wrong, added to. */
  readonly problems: Problem[];
}

/** The ways to every instance of a side, in the order of the file; none when the secret cannot be read. */
function connectSide(context: ConnectContext, side: Side): readonly ConnectionSettings[] {
  const { file, env, folder, path } = context;
  const auth = file.auth[side];
  const password = readSecret(auth.password, { env, folder });
  if (!password.ok) {
    context.problems.push(
      problem('SF-CFG-004', `${path}: auth.${side}.password: ${password.error}.`),
    );
    return [];
  }
  return file[side].instances.map((instance) => ({
    side,
    instance: instance.name,
    fqdn: instance.fqdn,
    host: instance.connect?.address ?? instance.fqdn,
    port: instance.connect?.port ?? 1433,
    user: auth.user,
    password: password.value,
    domain: auth.kind === 'ntlm' ? auth.domain : null,
    tls: {
      encrypt: file.tls.encrypt,
      trustServerCertificate: file.tls.trustServerCertificate,
      ca: context.ca,
    },
  }));
}

/** Reads a migration file without resolving secrets, for what never connects. */
export function loadMigrationOnly(path: string): Result<Migration, readonly Problem[]> {
  const file = readMigrationFile(path, null);
  return file.ok ? ok(toMigration(file.value)) : file;
}

function readMigrationFile(
  path: string,
  ruleIds: readonly string[] | null,
): Result<MigrationFile, readonly Problem[]> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return fail([problem('SF-CFG-001', `${path}: the file cannot be read (${code}).`)]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    return fail(
      document.errors.map((error) => {
        const at = lines.linePos(error.pos[0]);
        return problem('SF-CFG-002', `${path}:${at.line}:${at.col}: ${error.message}`);
      }),
    );
  }
  return checkForm(path, document, { lines, ruleIds });
}

function checkForm(
  path: string,
  document: Document.Parsed,
  { lines, ruleIds }: { readonly lines: LineCounter; readonly ruleIds: readonly string[] | null },
): Result<MigrationFile, readonly Problem[]> {
  const value: unknown = document.toJS();
  const literals = literalSecrets(value);
  const parsed = migrationFileSchema.safeParse(value);
  if (!parsed.success) {
    const mistakes = mistakesOf(parsed.error, document, lines);
    return fail(mistakes.map((mistake) => mistakeProblem(path, mistake, literals)));
  }
  const { source, target, waivers } = parsed.data;
  const instances = [...source.instances, ...target.instances].map(({ name }) => name);
  const meaning = [
    ...meaningMistakes(parsed.data),
    ...waiverMistakes(waivers, { rules: ruleIds, instances }),
  ].map((mistake) =>
    mistakeProblem(path, mistakeAt(mistake.path, mistake.message, { document, lines }), []),
  );
  return meaning.length === 0 ? ok(parsed.data) : fail(meaning);
}

function mistakeProblem(path: string, mistake: Mistake, literals: readonly string[]): Problem {
  const where = `${path}:${mistake.line}:${mistake.column}`;
  if (literals.includes(mistake.path)) {
    return problem(
      'SF-CFG-005',
      `${where}: ${mistake.path}: a password is written here in clear text.`,
    );
  }
  return problem(
    'SF-CFG-003',
    `${where}: ${mistake.path === '' ? 'file' : mistake.path}: ${mistake.message}.`,
  );
}

function readAuthority(path: string | null, folder: string): Result<string | null, Problem> {
  if (path === null) return ok(null);
  const file = resolve(folder, path);
  try {
    const text = readFileSync(file, 'utf8');
    return text.includes('-----BEGIN CERTIFICATE-----')
      ? ok(text)
      : fail(problem('SF-CFG-006', `tls.ca: ${file} holds no certificate in PEM form.`));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return fail(problem('SF-CFG-006', `tls.ca: ${file} cannot be read (${code}).`));
  }
}

function problem(code: ProblemCode, summary: string): Problem {
  return { code, summary, because: [], remedy: ProblemCatalogue[code].remedy };
}
