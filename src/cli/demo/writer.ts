/**
 * One writer of the demo's application: places orders one after another and never gives one up.
 *
 * An order whose answer got lost is sent again with the same id: either it is new, or the key says
 * that it is already there. That is how a careful application survives a failover; sqlferry is not
 * known to it.
 */

import type { Connection } from 'tedious';

import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import { connect, errorNumber, execute } from './connection.ts';
import type { ApplicationSettings } from './settings.ts';

/** Violation of a primary key: the row is there, an earlier attempt was committed. */
const DUPLICATE_KEY = 2627;
/** Pause before the next attempt to connect, in milliseconds. */
const RECONNECT_PAUSE_MS = 30;

const INSERT = `INSERT INTO sales.web_order (web_order_id, customer_id, product_id, quantity, amount)
VALUES (@id, @customer, @product, @quantity, 10 * @quantity)`;

/** What a writer works with. */
export interface WriterOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Read before every connect. */
  readonly settings: () => ApplicationSettings;
  /** Mean pause between two orders, in milliseconds. */
  readonly pauseMs: number;
  /** Called after the server acknowledged the commit. */
  readonly acknowledged: (id: string) => void;
  /** Called when the connection was lost or refused. */
  readonly interrupted: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/** Writes until the signal fires; an order that is under way then is finished or given up unacknowledged. */
export async function runWriter(options: WriterOptions): Promise<void> {
  let connection: Connection | null = null;
  while (!options.signal.aborted) {
    const id = options.random.guid();
    connection = await placeOrder(id, connection, options);
    await pause(options.pauseMs * 2 * options.random.next(), options);
  }
  connection?.close();
}

/** Sends one order until it is acknowledged; answers the connection to go on with. */
async function placeOrder(
  id: string,
  open: Connection | null,
  options: WriterOptions,
): Promise<Connection | null> {
  let connection = open;
  while (!options.signal.aborted) {
    try {
      connection ??= await connect(options.settings(), options.name);
      await execute(connection, INSERT, orderOf(id, options.random));
      options.acknowledged(id);
      return connection;
    } catch (error) {
      if (errorNumber(error) === DUPLICATE_KEY) {
        options.acknowledged(id);
        return connection;
      }
      options.interrupted(error);
      connection?.close();
      connection = null;
      await pause(RECONNECT_PAUSE_MS * (0.5 + options.random.next()), options);
    }
  }
  return connection;
}

function orderOf(id: string, random: Random): Readonly<Record<string, string | number>> {
  const below = (limit: number): number => 1 + Math.floor(random.next() * limit);
  return { id, customer: below(100), product: below(50), quantity: below(9) };
}

async function pause(milliseconds: number, options: WriterOptions): Promise<void> {
  // Rejects only when the signal fires, which the loops see for themselves.
  await options.clock.sleep(milliseconds, options.signal).catch(() => {});
}
