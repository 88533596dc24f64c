/** The proof at the end of the demo: the ledger of the application against the rows of the target. */

import type { DemoLab } from './lab-process.ts';
import { connect, execute } from './connection.ts';
import { proveLedger, readLedger } from './ledger.ts';
import type { LedgerProof } from './ledger.ts';
import type { ApplicationSettings } from './settings.ts';

/** Tables of the sample database. */
const TABLES = [
  'people.country',
  'people.customer',
  'production.category',
  'production.product',
  'stock.warehouse',
  'stock.level',
  'sales.orders',
  'sales.order_line',
  'sales.web_order',
] as const;

/** What was proven. */
export interface DemoProof extends LedgerProof {
  /** Rows of the target in all tables. */
  readonly rows: number;
}

/** Connection settings of a login on an instance or a listener of the lab; null when it has none of that name. */
export function settingsFor(lab: DemoLab, place: string, user: string): ApplicationSettings | null {
  const server = [...lab.instances, ...lab.listeners].find(({ name }) => name === place);
  const passwordFile = lab.passwordFile(user);
  if (server === undefined || passwordFile === null) return null;
  return {
    address: server.address,
    port: server.port,
    serverName: server.fqdn,
    database: 'Adventureworks',
    user,
    passwordFile,
    caFile: `${lab.folder}/ca.pem`,
  };
}

/** Ids of the orders that are there. Rejects with the driver's error. */
export async function readOrders(settings: ApplicationSettings): Promise<readonly string[]> {
  const connection = await connect(settings, 'proof');
  try {
    const rows = await execute(connection, 'SELECT web_order_id FROM sales.web_order');
    return rows.map((row) => String(row[0]));
  } finally {
    connection.close();
  }
}

/** Compares the ledger with the target; orders that were there before the application do not count. */
export async function prove(
  ledgerFile: string,
  target: ApplicationSettings,
  before: readonly string[],
): Promise<DemoProof> {
  const baseline = new Set(before.map((id) => id.toUpperCase()));
  const found = (await readOrders(target)).filter((id) => !baseline.has(id.toUpperCase()));
  return { ...proveLedger(readLedger(ledgerFile), found), rows: await countRows(target) };
}

async function countRows(settings: ApplicationSettings): Promise<number> {
  const connection = await connect(settings, 'proof');
  try {
    let total = 0;
    for (const table of TABLES) {
      const rows = await execute(connection, `SELECT COUNT(*) FROM ${table}`);
      total += Number(rows[0]?.[0]);
    }
    return total;
  } finally {
    connection.close();
  }
}
