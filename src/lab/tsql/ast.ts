/**
 * The syntax tree of the lab's T-SQL: statements here, queries in `ast-query.ts`, administration in `ast-admin.ts`.
 *
 * Made by `parse.ts`, run by the interpreter, and for administrative statements handed to `lab/world/`.
 * Positions serve error messages.
 */

import type { SqlType } from '../../tds/sql-type.ts';
import type { AdminStatement, ObjectName } from './ast-admin.ts';
import type {
  Located,
  Expression,
  Query,
  CommonTableExpression,
  SelectItem,
  AssignOperator,
  TableSource,
} from './ast-query.ts';

export type * from './ast-admin.ts';
export type * from './ast-query.ts';

/** A batch: the statements, in order. */
export interface Batch {
  readonly statements: readonly Statement[];
}

/** Any statement. */
export type Statement = Located &
  (QueryStatement | DefinitionStatement | ControlStatement | TransactionStatement | AdminEnvelope);

/** Statements that read or change rows. */
export type QueryStatement =
  | { readonly kind: 'select'; readonly query: Query }
  | {
      readonly kind: 'insert';
      readonly with: readonly CommonTableExpression[];
      readonly table: ObjectName | TableVariableName;
      readonly columns: readonly string[] | null;
      readonly source: InsertSource;
      readonly output: OutputClause | null;
    }
  | {
      readonly kind: 'update';
      readonly with: readonly CommonTableExpression[];
      readonly top: Expression | null;
      readonly target: DmlTarget;
      readonly assignments: readonly Assignment[];
      readonly from: readonly TableSource[];
      readonly where: Expression | null;
      readonly output: OutputClause | null;
    }
  | {
      readonly kind: 'delete';
      readonly with: readonly CommonTableExpression[];
      readonly top: Expression | null;
      readonly target: DmlTarget;
      readonly from: readonly TableSource[];
      readonly where: Expression | null;
      readonly output: OutputClause | null;
    }
  | { readonly kind: 'truncate'; readonly table: ObjectName };

/** `@t` declared as table. */
export interface TableVariableName {
  readonly kind: 'table-variable';
  readonly name: string;
}

/** A table, or an alias of FROM, that UPDATE and DELETE change. */
export type DmlTarget = { readonly kind: 'name'; readonly name: ObjectName } | TableVariableName;

/** Rows of an INSERT. */
export type InsertSource =
  | { readonly kind: 'query'; readonly query: Query }
  | { readonly kind: 'default-values' }
  | { readonly kind: 'execute'; readonly execute: ExecuteStatement };

/** `OUTPUT inserted.x, deleted.y [INTO @t]`. */
export interface OutputClause {
  readonly items: readonly SelectItem[];
  readonly into: ObjectName | TableVariableName | null;
}

/** One SET of an UPDATE: `[@v =] column op expression`. */
export interface Assignment {
  readonly column: string | null;
  readonly variable: string | null;
  readonly operator: AssignOperator;
  /** null stands for DEFAULT. */
  readonly expression: Expression | null;
}

/** Statements that change the schema of a user database. */
export type DefinitionStatement =
  | {
      readonly kind: 'create-table';
      readonly name: ObjectName;
      readonly columns: readonly ColumnDefinition[];
      readonly constraints: readonly TableConstraint[];
    }
  | {
      readonly kind: 'drop-table';
      readonly names: readonly ObjectName[];
      readonly ifExists: boolean;
    }
  | { readonly kind: 'alter-table'; readonly name: ObjectName; readonly change: TableChange }
  | {
      readonly kind: 'create-index';
      readonly name: string;
      readonly table: ObjectName;
      readonly unique: boolean;
      readonly columns: readonly IndexColumn[];
      readonly include: readonly string[];
      readonly where: Expression | null;
    }
  | {
      readonly kind: 'drop-index';
      readonly name: string;
      readonly table: ObjectName;
      readonly ifExists: boolean;
    }
  | { readonly kind: 'create-schema'; readonly name: string; readonly owner: string | null }
  | { readonly kind: 'drop-schema'; readonly name: string; readonly ifExists: boolean }
  | { readonly kind: 'create-user'; readonly name: string; readonly login: string | null }
  | { readonly kind: 'drop-user'; readonly name: string; readonly ifExists: boolean }
  | {
      readonly kind: 'alter-role';
      readonly role: string;
      readonly change: 'add' | 'drop';
      readonly member: string;
    };

/** A column of CREATE TABLE. */
export interface ColumnDefinition {
  readonly name: string;
  readonly type: SqlType;
  /** null when neither NULL nor NOT NULL is written. */
  readonly nullable: boolean | null;
  readonly identity: { readonly seed: bigint; readonly increment: bigint } | null;
  readonly default: Expression | null;
  readonly constraints: readonly TableConstraint[];
  /** Computed column: `name AS (expression) [PERSISTED]`. */
  readonly computed: Expression | null;
}

/** PRIMARY KEY, UNIQUE, FOREIGN KEY, CHECK. Column-level ones name their one column. */
export type TableConstraint =
  | {
      readonly kind: 'primary-key';
      readonly name: string | null;
      readonly columns: readonly IndexColumn[];
      readonly clustered: boolean;
    }
  | {
      readonly kind: 'unique';
      readonly name: string | null;
      readonly columns: readonly IndexColumn[];
    }
  | {
      readonly kind: 'foreign-key';
      readonly name: string | null;
      readonly columns: readonly string[];
      readonly references: ObjectName;
      readonly referencedColumns: readonly string[];
      readonly onDelete: 'no-action' | 'cascade' | 'set-null';
    }
  | { readonly kind: 'check'; readonly name: string | null; readonly condition: Expression }
  | {
      readonly kind: 'default';
      readonly name: string | null;
      readonly column: string;
      readonly value: Expression;
    };

/** A column of a key or index. */
export interface IndexColumn {
  readonly name: string;
  readonly descending: boolean;
}

/** ALTER TABLE. */
export type TableChange =
  | { readonly kind: 'add-column'; readonly columns: readonly ColumnDefinition[] }
  | {
      readonly kind: 'drop-column';
      readonly columns: readonly string[];
      readonly ifExists: boolean;
    }
  | { readonly kind: 'add-constraint'; readonly constraint: TableConstraint }
  | { readonly kind: 'drop-constraint'; readonly name: string; readonly ifExists: boolean };

/** Procedural statements. */
export type ControlStatement =
  | { readonly kind: 'declare'; readonly variables: readonly VariableDeclaration[] }
  | {
      readonly kind: 'set-variable';
      readonly variable: string;
      readonly operator: AssignOperator;
      readonly expression: Expression;
    }
  /** SET NOCOUNT ON and its like; `value` is an upper-case keyword or string, or a number; `table` is set for IDENTITY_INSERT only. */
  | {
      readonly kind: 'set-option';
      readonly name: string;
      readonly value: string | Expression;
      readonly table: ObjectName | null;
    }
  | {
      readonly kind: 'if';
      readonly condition: Expression;
      readonly then: Statement;
      readonly otherwise: Statement | null;
    }
  | { readonly kind: 'while'; readonly condition: Expression; readonly body: Statement }
  | { readonly kind: 'block'; readonly statements: readonly Statement[] }
  | {
      readonly kind: 'try';
      readonly body: readonly Statement[];
      readonly handler: readonly Statement[];
    }
  | { readonly kind: 'break' | 'continue' }
  | { readonly kind: 'return'; readonly value: Expression | null }
  /** `THROW` alone re-raises. */
  | {
      readonly kind: 'throw';
      readonly number: Expression | null;
      readonly message: Expression | null;
      readonly state: Expression | null;
    }
  | {
      readonly kind: 'raiserror';
      readonly message: Expression;
      readonly severity: Expression;
      readonly state: Expression;
      readonly arguments: readonly Expression[];
      readonly options: readonly string[];
    }
  | { readonly kind: 'print'; readonly message: Expression }
  | { readonly kind: 'waitfor'; readonly mode: 'delay' | 'time'; readonly value: Expression }
  | { readonly kind: 'use'; readonly database: string }
  | ExecuteStatement;

/** `DECLARE @x type [= value]` or `DECLARE @t TABLE (...)`. */
export type VariableDeclaration =
  | {
      readonly kind: 'scalar';
      readonly name: string;
      readonly type: SqlType;
      readonly initial: Expression | null;
    }
  | {
      readonly kind: 'table';
      readonly name: string;
      readonly columns: readonly ColumnDefinition[];
      readonly constraints: readonly TableConstraint[];
    };

/** EXEC of a procedure, or of a string built at run time. */
export type ExecuteStatement =
  | {
      readonly kind: 'execute-procedure';
      readonly result: string | null;
      readonly procedure: ObjectName;
      readonly arguments: readonly ExecuteArgument[];
    }
  | { readonly kind: 'execute-text'; readonly text: Expression };

/** Argument of EXEC. */
export interface ExecuteArgument {
  readonly name: string | null;
  /** null stands for DEFAULT. */
  readonly value: Expression | null;
  readonly output: boolean;
}

/** Transactions. */
export type TransactionStatement =
  | { readonly kind: 'begin-transaction'; readonly name: string | null }
  | { readonly kind: 'commit' }
  | { readonly kind: 'rollback'; readonly name: string | null }
  | { readonly kind: 'save-transaction'; readonly name: string };

/** An administrative statement inside a batch. */
export interface AdminEnvelope {
  readonly kind: 'admin';
  readonly statement: AdminStatement;
}
