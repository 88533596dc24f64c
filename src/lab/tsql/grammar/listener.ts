/** Listeners of availability groups: `'dns' (WITH IP ((...), ...), PORT = n)`. */

import type { GroupAction, ListenerSpecification } from '../ast.ts';
import type { Cursor } from '../parse-cursor.ts';

/** Takes the name of a listener and its addresses. */
export function parseListener(cursor: Cursor): ListenerSpecification {
  const name = cursor.string();
  cursor.expect('(', 'WITH');
  if (cursor.accept('DHCP')) {
    if (cursor.is('ON')) throw cursor.notSimulated('DHCP ON (subnet)');
    cursor.expect(')');
    return { name, addresses: [], dhcp: true, port: null };
  }
  cursor.expect('IP', '(');
  const addresses = cursor.list(() => parseAddress(cursor));
  cursor.expect(')');
  const port = cursor.accept(',') ? parsePort(cursor) : null;
  cursor.expect(')');
  return { name, addresses, dhcp: false, port };
}

function parsePort(cursor: Cursor): number {
  cursor.expect('PORT', '=');
  return cursor.integer();
}

/** `('ipv4', 'mask')` or `('ipv6')`. */
function parseAddress(cursor: Cursor): { readonly ip: string; readonly mask: string | null } {
  cursor.expect('(');
  const ip = cursor.string();
  const mask = cursor.accept(',') ? cursor.string() : null;
  cursor.expect(')');
  return { ip, mask };
}

/** Takes MODIFY LISTENER behind the word LISTENER. */
export function parseListenerChange(cursor: Cursor): GroupAction {
  const listener = cursor.string();
  cursor.expect('(');
  let addIp: { readonly ip: string; readonly mask: string | null } | null = null;
  let port: number | null = null;
  if (cursor.accept('ADD', 'IP')) addIp = parseAddress(cursor);
  else if (cursor.is('REMOVE') && cursor.release < 2025) throw cursor.error();
  else if (cursor.is('REMOVE', 'IP')) throw cursor.notSimulated('MODIFY LISTENER (REMOVE IP)');
  else port = parsePort(cursor);
  cursor.expect(')');
  return { kind: 'modify-listener', listener, addIp, port };
}
