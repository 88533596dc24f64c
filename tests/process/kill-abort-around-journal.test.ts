/** The real binary killed with SIGKILL at marks of `abort`, and resumed (`walks.ts`). */

import { test } from 'node:test';

import { walkAbort } from './walks.ts';

test('abort killed after every journal write gives the writes back, also by revoking the decision', (t) =>
  walkAbort(t, ['intent', 'outcome']));
