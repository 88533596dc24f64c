/** BEGIN, COMMIT, ROLLBACK and SAVE TRANSACTION, from T-SQL and from the wire. */

import type { TransactionStatement } from '../ast.ts';
import { sqlError } from '../message.ts';
import type { Request } from './context.ts';

/** Opens a transaction, or one more level of it. */
export function beginTransaction(request: Request): void {
  const { session } = request;
  const { transaction } = session;
  if (transaction.count === 0) {
    session.nextTransaction += 1n;
    transaction.descriptor = session.nextTransaction;
    request.sink.transactionChanged('began', transaction.descriptor);
  }
  transaction.count += 1;
  session.state.openTransactions = transaction.count;
}

/** Commits one level; the outermost one really. */
export async function commitTransaction(request: Request): Promise<void> {
  const { transaction, state } = request.session;
  if (transaction.count === 0) throw sqlError(3902);
  if (transaction.doomed) throw sqlError(3930);
  if (transaction.count > 1) {
    transaction.count -= 1;
    state.openTransactions = transaction.count;
    return;
  }
  const { descriptor } = transaction;
  await transaction.commit(request);
  request.sink.transactionChanged('committed', descriptor);
}

/** Rolls everything back, or to a savepoint. */
export function rollbackTransaction(request: Request, name: string | null): void {
  const { transaction } = request.session;
  if (transaction.count === 0) throw sqlError(3903);
  if (name !== null && name !== '') {
    if (transaction.doomed) throw sqlError(3931);
    if (transaction.rollbackTo(name)) return;
    if (transaction.name !== name) throw sqlError(6401, name);
  }
  const { descriptor } = transaction;
  transaction.rollback(request);
  request.sink.transactionChanged('rolled-back', descriptor);
}

/** Runs a transaction statement. */
export async function runTransaction(
  request: Request,
  statement: TransactionStatement,
): Promise<void> {
  const { transaction } = request.session;
  switch (statement.kind) {
    case 'begin-transaction':
      beginTransaction(request);
      if (transaction.count === 1) transaction.name = statement.name;
      return;
    case 'commit':
      return commitTransaction(request);
    case 'rollback':
      return rollbackTransaction(request, statement.name);
    case 'save-transaction':
      if (transaction.count === 0) throw sqlError(628);
      transaction.save(statement.name);
  }
}
