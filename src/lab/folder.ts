/**
 * The files of a running lab: what clients, people and `sqlferry lab ...` find it by.
 *
 * Secrets lie in files of their own that only this user may read; every path in `lab.json` and in
 * the generated migration file is absolute, so that both work from any folder.
 */

import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { stringify } from 'yaml';
import * as z from 'zod';

import { fail, ok, type Result } from '../base/result.ts';
import { Secret } from '../base/secret.ts';
import type { ControlAddress } from './control/client.ts';
import { hostFqdn, splitServerName, type LabDefinition } from './definition.ts';

const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;
const LAB_FILE = 'lab.json';

const labFile = z.object({
  preset: z.string(),
  pid: z.number(),
  instances: z.array(
    z.object({
      name: z.string(),
      fqdn: z.string(),
      address: z.string(),
      port: z.number(),
      version: z.string(),
      databases: z.array(z.string()),
    }),
  ),
  listeners: z
    .array(z.object({ name: z.string(), fqdn: z.string(), address: z.string(), port: z.number() }))
    .default([]),
  logins: z.array(z.object({ user: z.string(), passwordFile: z.string() })),
  ca: z.string(),
  migrationFile: z.string().nullable(),
  control: z.object({ url: z.string(), tokenFile: z.string() }),
});

/** Content of `lab.json`. */
export type LabFile = z.output<typeof labFile>;

/** One instance in `lab.json`. */
export type LabFileInstance = LabFile['instances'][number];

/** What a folder is written from. */
export interface FolderContent {
  readonly definition: LabDefinition;
  readonly instances: readonly LabFileInstance[];
  readonly listeners: LabFile['listeners'];
  readonly passwords: ReadonlyMap<string, Secret>;
  readonly authority: string;
  readonly control: ControlAddress;
  readonly pid: number;
}

/** Folder for the stores of the databases. */
export function dataFolder(directory: string): string {
  return join(resolve(directory), 'data');
}

/** Makes an empty data folder; what an earlier lab left is removed. */
export function prepareFolder(directory: string): void {
  mkdirSync(directory, { recursive: true });
  rmSync(dataFolder(directory), { recursive: true, force: true });
  mkdirSync(dataFolder(directory), { mode: OWNER_ONLY_FOLDER });
}

/** Writes the files; `lab.json` last, so that it is there only when everything else is. */
export function writeFolder(directory: string, content: FolderContent): LabFile {
  const root = resolve(directory);
  const passwords = join(root, 'passwords');
  mkdirSync(passwords, { recursive: true, mode: OWNER_ONLY_FOLDER });
  const logins = [...content.passwords].map(([user, password], index) => {
    const passwordFile = join(passwords, safeName(user, index));
    writeSecret(passwordFile, password);
    return { user, passwordFile };
  });
  const tokenFile = join(root, 'control.token');
  writeSecret(tokenFile, content.control.token);
  const ca = join(root, 'ca.pem');
  writeFileSync(ca, content.authority);
  writeFileSync(join(root, 'hosts'), hostsText(content));
  const migration = migrationText(content, { ca, logins });
  const migrationFile = migration === null ? null : join(root, 'sqlferry.yaml');
  if (migration !== null && migrationFile !== null) writeFileSync(migrationFile, migration);
  const file: LabFile = {
    preset: content.definition.name,
    pid: content.pid,
    instances: [...content.instances],
    listeners: [...content.listeners],
    logins,
    ca,
    migrationFile,
    control: { url: content.control.url, tokenFile },
  };
  writeFileSync(join(root, LAB_FILE), `${JSON.stringify(file, null, 2)}\n`);
  return file;
}

/** Reads `lab.json`; the error says what is missing. */
export function readLabFile(directory: string): Result<LabFile, string> {
  const path = join(resolve(directory), LAB_FILE);
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return fail(`there is no ${path}`);
  }
  try {
    return ok(labFile.parse(JSON.parse(text)));
  } catch {
    return fail(`${path} is not the file of a lab`);
  }
}

/** Where the lab of a folder is controlled; the error says what is missing. */
export function controlOf(file: LabFile): Result<ControlAddress, string> {
  try {
    const token = readFileSync(file.control.tokenFile, 'utf8').trim();
    return ok({ url: file.control.url, token: new Secret(token) });
  } catch {
    return fail(`the token file ${file.control.tokenFile} cannot be read`);
  }
}

/** Takes away what a lab that has ended leaves: its marker and its data. */
export function clearFolder(directory: string): void {
  rmSync(join(resolve(directory), LAB_FILE), { force: true });
  rmSync(dataFolder(directory), { recursive: true, force: true });
}

function writeSecret(path: string, secret: Secret): void {
  writeFileSync(path, `${secret.reveal()}\n`, { mode: OWNER_ONLY });
  // The mode above holds for new files only.
  chmodSync(path, OWNER_ONLY);
}

/** A file name for a login, whatever characters it has. */
function safeName(user: string, index: number): string {
  return /^\w[\w.-]{0,99}$/u.test(user) ? user : `login-${index}`;
}

function hostsText({ definition, instances, listeners }: FolderContent): string {
  const lines = definition.instances.map((instance, index) => {
    const { host } = splitServerName(instance.name);
    const names = [...new Set([hostFqdn(instance), host])].join(' ');
    return `${instances[index]?.address ?? ''} ${names}`;
  });
  const names = listeners.map(({ name, fqdn, address }) => `${address} ${fqdn} ${name}`);
  // Instances of one host have one line.
  return ['# sqlferry lab: begin', ...new Set(lines), ...names, '# sqlferry lab: end', ''].join(
    '\n',
  );
}

/**
 * The migration file for these servers; null when a side has no instance or nothing is to be moved, and
 * in a lab with groups that are not the articles': one group of the source, with a listener on each side.
 */
function migrationText(
  content: FolderContent,
  files: { readonly ca: string; readonly logins: LabFile['logins'] },
): string | null {
  const { definition } = content;
  const listeners = listenersOf(content);
  if (listeners === null) return null;
  const sa = files.logins.find(({ user }) => user === 'sa');
  const databases = definition.instances
    .filter(({ side }) => side === 'source')
    .flatMap((instance) => instance.databases.map(({ name }) => name));
  const source = sideOf(content, 'source');
  const target = sideOf(content, 'target');
  if (sa === undefined || databases.length === 0 || source === null || target === null) return null;
  const login = { kind: 'sql-login', user: 'sa', password: { file: sa.passwordFile } };
  const writers = definition.instances.flatMap(({ logins }) =>
    logins.filter(({ users }) => users.length > 0).map(({ user }) => user),
  );
  const migration = {
    version: 1,
    name: definition.name.replaceAll(/[^A-Za-z0-9._-]/gu, '-'),
    databases,
    distributedAvailabilityGroup: 'DAG',
    seeding: 'automatic',
    source: { availabilityGroup: 'OnPremAG', ...source, ...listeners.source },
    target: { availabilityGroup: 'AzureAG', ...target, ...listeners.target },
    auth: { source: login, target: login },
    tls: { encrypt: 'mandatory', trustServerCertificate: false, ca: files.ca },
    cutover: {
      maxOutage: '30s',
      fence: { logins: [...new Set(writers)], killSessionsAfter: '5s' },
    },
  };
  // Repeated objects are written out: a reader of the file should not meet YAML anchors.
  const text = stringify(migration, { aliasDuplicateObjects: false, lineWidth: 0 });
  return `# Made by "sqlferry lab up" for exactly the servers of this folder.\n${text}`;
}

/** Prefix of the subnet every address of a lab is in. */
const SUBNET_BITS = 24;

/** Nothing without groups; the two listeners where the lab is the articles' with groups; null for others. */
function listenersOf({ definition, listeners }: FolderContent): {
  readonly source?: { readonly listener: object };
  readonly target?: { readonly listener: object };
} | null {
  const [group, ...more] = definition.groups ?? [];
  if (group === undefined) return {};
  const source = listeners.find(({ name }) => name === group.listener);
  const target = listeners.find(({ name }) => name !== group.listener);
  if (more.length > 0 || group.name !== 'OnPremAG' || listeners.length !== 2) return null;
  if (source === undefined || target === undefined) return null;
  return { source: listenerOf(source), target: listenerOf(target) };
}

function listenerOf({ name, fqdn, address, port }: LabFile['listeners'][number]): {
  readonly listener: object;
} {
  return { listener: { name, fqdn, port, ips: [`${address}/${SUBNET_BITS}`] } };
}

function sideOf(content: FolderContent, side: 'source' | 'target') {
  const instances = content.definition.instances.flatMap((instance, index) => {
    const place = content.instances[index];
    return instance.side !== side || place === undefined
      ? []
      : [
          {
            name: instance.name,
            fqdn: place.fqdn,
            connect: { address: place.address, port: place.port },
            endpoint: { name: 'Hadr_endpoint', port: 5022 },
          },
        ];
  });
  return instances.length === 0 ? null : { instances };
}
