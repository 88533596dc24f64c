/** The real binary killed with SIGKILL at marks of `migrate` and `finish`, and resumed (`walks.ts`). */

import { test } from 'node:test';

import { walkMigrate } from './walks.ts';

test('migrate and finish killed before and after every act come to their end', (t) =>
  walkMigrate(t, ['before', 'reply']));
