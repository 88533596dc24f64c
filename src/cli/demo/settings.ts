/** The application's connection settings: a file that it reads again before every connect. */

import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Where the application writes, and as whom. Changing the file is what re-pointing means here. */
export interface ApplicationSettings {
  readonly address: string;
  readonly port: number;
  /** Name in the server's certificate. */
  readonly serverName: string;
  readonly database: string;
  readonly user: string;
  readonly passwordFile: string;
  /** Certificate of the authority that signed the servers' certificates, PEM. */
  readonly caFile: string;
}

/** Writes the file in one step, so that a reader never sees half of it. */
export function writeSettings(path: string, settings: ApplicationSettings): void {
  writeFileSync(`${path}.new`, JSON.stringify(settings, null, 2), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Reads the file. Throws what the file system or JSON throws. */
export function readSettings(path: string): ApplicationSettings {
  return JSON.parse(readFileSync(path, 'utf8')) as ApplicationSettings;
}
