import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guidFromName, guidFromSalt } from './identifier.ts';

test('group ids follow the MD5 rule that was captured from real servers', () => {
  assert.equal(guidFromName('ag1'), 'BE9BE8C9-6E17-1132-BFBA-8B7D2C28AFDB');
  assert.equal(guidFromName('AG2'), '04539685-21FA-DFF2-D990-B45A6BCDD4CD');
  assert.equal(guidFromName('dag'), '6BC05A51-AA36-A196-09BD-481D7A0973C0');
  assert.equal(guidFromName('MSSQLServerAgCluster'), 'BBCC64C9-E0E3-5985-6F01-884248E3DDC6');
});

test('drawn ids are version 4 GUIDs that depend on their salt alone', () => {
  assert.match(
    guidFromSalt('x', 1),
    /^[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/u,
  );
  assert.equal(guidFromSalt('x', 1), guidFromSalt('x', 1));
  assert.notEqual(guidFromSalt('x', 1), guidFromSalt('x', 2));
});
