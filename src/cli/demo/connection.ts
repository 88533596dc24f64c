/** The ordinary SQL Server driver with promises: what an application uses, nothing of sqlferry's own adapter. */

import { readFileSync } from 'node:fs';

import { Connection, Request, TYPES } from 'tedious';

import type { ApplicationSettings } from './settings.ts';

/** How long the application waits for a connection and for an answer, in milliseconds. */
const CONNECT_TIMEOUT_MS = 3000;
const REQUEST_TIMEOUT_MS = 5000;

/** A named text parameter (nvarchar) or a whole number (int). */
export type Parameters = Readonly<Record<string, string | number>>;

/** Opens a connection; rejects with the driver's error. */
export function connect(settings: ApplicationSettings, appName: string): Promise<Connection> {
  const connection = new Connection({
    server: settings.address,
    authentication: {
      type: 'default',
      options: {
        userName: settings.user,
        password: readFileSync(settings.passwordFile, 'utf8').trim(),
      },
    },
    options: {
      appName,
      port: settings.port,
      database: settings.database,
      encrypt: true,
      trustServerCertificate: false,
      serverName: settings.serverName,
      cryptoCredentialsDetails: { ca: readFileSync(settings.caFile) },
      connectTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      maxRetriesOnTransientErrors: 0,
    },
  });
  // An error between two requests is seen by the next request; without a listener it would end the process.
  connection.on('error', () => {});
  return new Promise((resolve, reject) => {
    connection.connect((error) => {
      if (error === undefined || error === null) resolve(connection);
      else {
        connection.close();
        reject(error);
      }
    });
  });
}

/** Runs one statement; answers the rows as arrays of values, rejects with the driver's error. */
export function execute(
  connection: Connection,
  text: string,
  parameters: Parameters = {},
): Promise<readonly (readonly unknown[])[]> {
  return new Promise((resolve, reject) => {
    const rows: unknown[][] = [];
    const request = new Request(text, (error) => {
      if (error === undefined || error === null) resolve(rows);
      else reject(error);
    });
    request.on('row', (columns: readonly { readonly value: unknown }[]) => {
      rows.push(columns.map((column) => column.value));
    });
    for (const [name, value] of Object.entries(parameters)) {
      request.addParameter(name, typeof value === 'number' ? TYPES.Int : TYPES.NVarChar, value);
    }
    connection.execSql(request);
  });
}

/** SQL Server's number of an error; null for what the network or the driver did. */
export function errorNumber(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('number' in error)) return null;
  return typeof error.number === 'number' ? error.number : null;
}
