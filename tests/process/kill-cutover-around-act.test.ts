/** The real binary killed with SIGKILL at marks of `cutover` and `failback`, and resumed (`walks.ts`). */

import { test } from 'node:test';

import { walkCutover } from './walks.ts';

test('cutover and failback killed before and after every act leave one writable copy and every row once', (t) =>
  walkCutover(t, ['before', 'reply']));
