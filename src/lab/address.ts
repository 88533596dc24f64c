/**
 * Finds the addresses that the instances of a lab listen on.
 *
 * On Linux every address of 127.0.0.0/8 is there without set-up, so each instance gets one of its own
 * with the true port; elsewhere all share 127.0.0.1 and differ by port. A place stays taken until
 * `free` is called, so that no other process gets it in between. Instances of one host share its address:
 * the first has the true port, the others have ports of their own, as named instances do.
 */

import { createServer, type Server } from 'node:net';

import { assert, required } from '../base/assert.ts';
import type { Random } from '../ports/random.ts';

/** Where instances listen. */
export type LabAddresses =
  /** `127.10.x.y:1433`, with an `x` that nobody uses. */
  | { readonly kind: 'loopback' }
  /** One port each from `basePort` on; 0 takes free ones. `host` is 127.0.0.1 unless it is given. */
  | { readonly kind: 'ports'; readonly basePort: number; readonly host?: string };

/** One place, held. */
export interface Place {
  readonly address: string;
  readonly port: number;
  /** Gives it up, right before the real listener takes it. */
  free(): Promise<void>;
}

const SQL_PORT = 1433;
const SUBNETS = 254;
const HOSTS = 254;
/** Labs that start at the same moment may take the same subnet: tried again with another. */
const TRIES = 32;

/** Ports of the further instances of a host. */
const NAMED_PORT = 14_330;

/** Finds one place per name of a host, in their order; rejects with Node's error when an address cannot be had. */
export async function findPlaces(
  addresses: LabAddresses,
  names: readonly string[],
  random: Random,
): Promise<readonly Place[]> {
  if (addresses.kind === 'ports') return portPlaces(addresses, names.length);
  const hosts = [...new Set(names.map((name) => name.toLowerCase()))];
  assert(hosts.length <= HOSTS, `at most ${HOSTS} hosts have an address of their own`);
  let last: unknown = null;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const subnet = 1 + Math.floor(random.next() * SUBNETS);
    try {
      return await holdAll(
        names.map((name, index) => {
          const before = names.slice(0, index).filter((each) => isSame(each, name)).length;
          return {
            address: `127.10.${subnet}.${hosts.indexOf(name.toLowerCase()) + 1}`,
            port: before === 0 ? SQL_PORT : NAMED_PORT + before,
          };
        }),
      );
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

function isSame(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

function portPlaces(
  addresses: LabAddresses & { readonly kind: 'ports' },
  count: number,
): Promise<readonly Place[]> {
  const { basePort, host = '127.0.0.1' } = addresses;
  return holdAll(
    Array.from({ length: count }, (_, index) => ({
      address: host,
      port: basePort === 0 ? 0 : basePort + index,
    })),
  );
}

/** Holds all of them, or none. */
async function holdAll(
  wanted: readonly { readonly address: string; readonly port: number }[],
): Promise<readonly Place[]> {
  const held: Place[] = [];
  try {
    for (const { address, port } of wanted) held.push(await hold(address, port));
  } catch (error) {
    for (const place of held) await place.free();
    throw error;
  }
  return held;
}

function hold(address: string, port: number): Promise<Place> {
  return new Promise((resolve, reject) => {
    const server: Server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen({ host: address, port }, () => {
      const bound = server.address();
      assert(typeof bound === 'object', 'a TCP server is bound to an address');
      resolve({
        address,
        port: required(bound, 'bound address').port,
        free: () =>
          new Promise((done) => {
            server.close(() => done());
          }),
      });
    });
  });
}
