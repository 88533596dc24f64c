import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { RawReply, RawRow } from '../batch.ts';
import { decodeGaveBack } from './reply.ts';

const owed = { epoch: '3', owner: 'dead-man', is_owed: 1 };
const back = { epoch: '3', owner: 'dead-man', is_owed: 0 };

function reply(before: RawRow | null, after: RawRow | null): RawReply {
  const set = (name: string, row: RawRow | null): RawReply['sets'][number] => ({
    columns: [name, 'epoch', 'owner', 'is_owed'],
    rows: row === null ? [] : [row],
  });
  return {
    sets: [set('part_watched_before', before), set('part_watched_after', after)],
    errors: [],
  };
}

test('a watcher tells once which epoch its step has given back', () => {
  assert.equal(decodeGaveBack(reply(null, back)), 3n, 'fenced before');
  assert.equal(decodeGaveBack(reply(owed, back)), 3n, 'aborted by somebody, the role was owed');
  assert.equal(decodeGaveBack(reply({ ...back, epoch: '2' }, back)), 3n, 'an older epoch before');
});

test('a watcher claims nothing that another has done or that is not finished', () => {
  assert.equal(decodeGaveBack(reply(back, back)), null, 'told in the turn before');
  assert.equal(decodeGaveBack(reply(null, owed)), null, 'the role is not back yet');
  assert.equal(decodeGaveBack(reply(null, { ...back, owner: 'CONTOSO\\dba' })), null);
  assert.equal(decodeGaveBack(reply(null, null)), null, 'nothing aborted');
  assert.equal(decodeGaveBack({ sets: [], errors: [] }), null, 'no register');
});
