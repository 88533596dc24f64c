/** Talks to the control interface of a running lab. */

import { request } from 'node:http';

import type { Secret } from '../../base/secret.ts';
import { fail, ok, type Result } from '../../base/result.ts';

/** Where a lab is controlled. */
export interface ControlAddress {
  readonly url: string;
  readonly token: Secret;
}

/** Why a call failed: nobody listens there, or the lab refused it. */
export interface ControlFailure {
  readonly kind: 'unreachable' | 'refused';
  readonly message: string;
}

/** A lab answers at once; only a reset takes a moment. */
const TIMEOUT_MS = 30_000;

/** Sends one call and resolves to the JSON answer. */
export function callControl(
  address: ControlAddress,
  method: 'GET' | 'POST',
  call: { readonly path: string; readonly body?: unknown },
): Promise<Result<unknown, ControlFailure>> {
  return new Promise((resolve) => {
    const unreachable = (error: Error): void =>
      resolve(fail({ kind: 'unreachable', message: error.message }));
    const headers = {
      authorization: `Bearer ${address.token.reveal()}`,
      'content-type': 'application/json',
    };
    const sent = request(
      new URL(call.path, address.url),
      { method, headers, timeout: TIMEOUT_MS, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', unreachable);
        response.on('end', () => {
          resolve(readAnswer(response.statusCode ?? 0, Buffer.concat(chunks).toString('utf8')));
        });
      },
    );
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    sent.on('error', unreachable);
    sent.end(call.body === undefined ? undefined : JSON.stringify(call.body));
  });
}

function readAnswer(status: number, text: string): Result<unknown, ControlFailure> {
  let body: unknown = null;
  try {
    body = JSON.parse(text);
  } catch {
    return fail({ kind: 'refused', message: `status ${status}, and the answer is not JSON` });
  }
  if (status === 200) return ok(body);
  const error =
    typeof body === 'object' && body !== null && 'error' in body
      ? String(body.error)
      : `status ${status}`;
  return fail({ kind: 'refused', message: error });
}
