/** The real binary killed with SIGKILL at marks of `cutover` and `failback`, and resumed (`walks.ts`). */

import { test } from 'node:test';

import { walkCutover } from './walks.ts';

test('cutover and failback killed after every journal write leave one writable copy and every row once', (t) =>
  walkCutover(t, ['intent', 'outcome']));
