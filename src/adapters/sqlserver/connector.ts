/** Opens the socket for the driver and closes it again when the server's first answer is not acceptable. */

import { connect, type Socket } from 'node:net';

import type { ConnectionSettings } from '../config/load-migration.ts';
import { readPrelogin } from './prelogin.ts';

/** What the first answer showed; filled in while the driver connects. */
export interface Inspection {
  /** Why the connection was closed by us; `null` when it was not. */
  refusal: 'no-encryption' | 'not-tds' | null;
  /** What the peer looks like when it does not speak TDS. */
  speaks: string | null;
  /** Whether the port was open, and whether anything came back through it. */
  contact: 'none' | 'connected' | 'answered';
  /** 16 is SQL Server 2022; `null` while not known (TDS 8.0 hides the answer in TLS). */
  versionMajor: number | null;
}

/** Opens a TCP connection; rejects with the error of the socket. The signal cuts it, also after it is open. */
export function openSocket(
  settings: ConnectionSettings,
  inspection: Inspection,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: settings.host, port: settings.port });
    const onAbort = (): void => {
      socket.destroy(new Error('the attempt to connect was given up'));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.removeListener('error', reject);
      socket.setNoDelay(true);
      inspection.contact = 'connected';
      if (settings.tls.encrypt === 'mandatory') inspect(socket, inspection);
      resolve(socket);
    });
  });
}

/**
 * Listens before the driver does, so that a refused socket is closed before the driver has read the
 * answer; the password is in the packet after it.
 */
function inspect(socket: Socket, inspection: Inspection): void {
  let received: Buffer = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    inspection.contact = 'answered';
    received = Buffer.concat([received, chunk]);
    const answer = readPrelogin(received);
    if (answer.kind === 'incomplete') return;
    socket.removeListener('data', onData);
    if (answer.kind === 'not-tds') {
      inspection.refusal = 'not-tds';
      inspection.speaks = answer.speaks;
    } else {
      inspection.versionMajor = answer.versionMajor;
      if (!answer.encrypted) inspection.refusal = 'no-encryption';
    }
    if (inspection.refusal !== null) {
      socket.destroy(new Error(`refused before login: ${inspection.refusal}`));
    }
  };
  socket.on('data', onData);
  // A listener for data starts the flow; the driver's pipe is attached before anything can arrive.
}
