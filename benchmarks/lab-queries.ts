/** Queries per second of the lab over TCP and TLS, against a bare TCP echo of the same process and size. */

import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../src/adapters/clock.ts';
import { openSession, type SqlSession } from '../src/adapters/sqlserver/session.ts';
import { line, median } from './measure.ts';
import { startRig, type Rig } from './rig.ts';

const never = new AbortController().signal;
const QUERIES = 1500;

async function open(rig: Rig): Promise<SqlSession> {
  const opened = await openSession(rig.loaded.connections.source, systemClock, never);
  if (!opened.ok) throw new Error(opened.error.summary);
  return opened.value;
}

async function many(session: SqlSession, text: string): Promise<number[]> {
  const times: number[] = [];
  for (let query = 0; query < QUERIES; query += 1) {
    const begin = performance.now();
    await session.execute({ text, parameters: [], limitMs: 10_000, signal: never });
    times.push(performance.now() - begin);
  }
  return times;
}

/** Round trips per second of a TCP echo. */
async function echo(): Promise<number> {
  const server = createServer((socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const begin = performance.now();
  for (let trip = 0; trip < QUERIES; trip += 1) {
    socket.write(Buffer.alloc(80));
    await new Promise((resolve) => socket.once('data', resolve));
  }
  const rate = (QUERIES / (performance.now() - begin)) * 1000;
  socket.destroy();
  server.close();
  return rate;
}

/** One connection, then sixteen. */
export async function labQueries(): Promise<void> {
  await using rig = await startRig();
  const base = await echo();
  const single = await open(rig);
  await many(single, 'SELECT 1 AS one;');
  const times = await many(single, 'SELECT 1 AS one;');
  const rate = 1000 / median(times);
  line(
    'select 1, one connection',
    `${Math.round(rate).toLocaleString('en')}/s`,
    `TCP echo ${Math.round(base).toLocaleString('en')}/s`,
    rate / base,
  );
  const sessions = await Promise.all(Array.from({ length: 16 }, () => open(rig)));
  const begin = performance.now();
  await Promise.all(sessions.map((session) => many(session, 'SELECT 1 AS one;')));
  const together = ((16 * QUERIES) / (performance.now() - begin)) * 1000;
  line(
    'select 1, 16 connections',
    `${Math.round(together).toLocaleString('en')}/s`,
    'lab and driver share one process',
    together / base,
  );
  const point = await many(
    single,
    'SELECT order_id FROM Adventureworks.sales.orders WHERE order_id = 1234;',
  );
  line(
    'point query on a user table',
    `${Math.round(1000 / median(point)).toLocaleString('en')}/s`,
    'select 1 on the same connection',
    1000 / median(point) / rate,
  );
  for (const session of [single, ...sessions]) session.close();
}
