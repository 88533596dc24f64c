/** The real binary killed with SIGKILL at marks of `abort`, and resumed (`walks.ts`). */

import { test } from 'node:test';

import { walkAbort } from './walks.ts';

test('abort killed before and after every act gives the writes back, also by revoking the decision', (t) =>
  walkAbort(t, ['before', 'reply']));
