/** Names and paths of BACKUP and RESTORE that stand in variables: read when the statement runs. */

import type { AdminStatement } from '../ast.ts';
import { sqlError } from '../message.ts';
import type { Request } from './context.ts';
import { displayValue } from './display-value.ts';

/** The statement with what its variables hold; 137 for one that was not declared, 3025 and 3044 for NULL. */
export function withVariables(request: Request, statement: AdminStatement): AdminStatement {
  switch (statement.kind) {
    case 'backup':
    case 'restore': {
      const { databaseVariable: name } = statement;
      const database = name === undefined ? statement.database : held(request, name, 3025);
      return { ...statement, database, devices: devicesOf(request, statement.devices) };
    }
    case 'restore-inspect':
      return { ...statement, devices: devicesOf(request, statement.devices) };
    default:
      return statement;
  }
}

type Devices = Extract<AdminStatement, { readonly kind: 'backup' }>['devices'];

function devicesOf(request: Request, devices: Devices): Devices {
  return devices.map((device) =>
    device.variable === undefined
      ? device
      : { medium: device.medium, path: held(request, device.variable, 3044) },
  );
}

function held(request: Request, name: string, missing: 3025 | 3044): string {
  const variable = request.variables.get(name.toLowerCase());
  if (variable === undefined) throw sqlError(137, name);
  if (variable.value === null || variable.value === '') throw sqlError(missing);
  return displayValue(variable.value, variable.type);
}
