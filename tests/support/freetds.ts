/** A FreeTDS configuration for one server on this machine. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** What the configuration says about the server `lab`. */
export interface FreetdsServer {
  readonly port: number;
  readonly host?: string;
  /** `off`: never; `request`: the login at least; `require`: everything. */
  readonly encryption: 'off' | 'request' | 'require';
  readonly version?: string;
  /** Further lines of the file, for example `read-only intent = yes`. */
  readonly lines?: readonly string[];
  /** PEM of the authority; the certificate is checked when it is given. */
  readonly authority?: string;
}

/** Writes the file for the time of a test and returns the environment that points to it. */
export function freetdsEnvironment(
  context: TestContext,
  server: FreetdsServer,
): Readonly<Record<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'sqlferry-freetds-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const lines = [
    '[lab]',
    `host = ${server.host ?? '127.0.0.1'}`,
    `port = ${server.port}`,
    `tds version = ${server.version ?? '7.4'}`,
    `encryption = ${server.encryption}`,
    'client charset = UTF-8',
    ...(server.lines ?? []),
  ];
  if (server.authority !== undefined) {
    writeFileSync(join(folder, 'ca.pem'), server.authority);
    lines.push(`ca file = ${join(folder, 'ca.pem')}`, 'check certificate hostname = no');
  }
  const file = join(folder, 'freetds.conf');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return { FREETDSCONF: file, LC_ALL: 'C.UTF-8' };
}
