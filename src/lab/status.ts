/** What `lab status` shows: instances, their databases and groups, as plain data. */

import type { LabFile } from './folder.ts';
import { nameKey, type HadrState } from './hadr/state.ts';

/** One instance. */
export interface LabInstanceStatus {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly up: boolean;
  readonly databases: readonly { readonly name: string; readonly state: string }[];
  readonly availabilityGroups: readonly { readonly name: string; readonly role: string }[];
  readonly distributed: readonly {
    readonly name: string;
    readonly role: string;
    readonly connected: boolean;
  }[];
}

/** The whole lab. */
export interface LabStatus {
  readonly preset: string;
  readonly pid: number;
  readonly instances: readonly LabInstanceStatus[];
}

/** The status of a running lab. */
export function labStatus(state: HadrState, file: LabFile): LabStatus {
  return {
    preset: file.preset,
    pid: file.pid,
    instances: file.instances.map(({ name, address, port }) => {
      const instance = state.instances[nameKey(name)];
      return {
        name,
        address,
        port,
        up: instance?.up ?? false,
        databases: Object.values(instance?.databases ?? {}).map((database) => ({
          name: database.name,
          state: database.state,
        })),
        availabilityGroups: Object.values(instance?.groups ?? {}).map((group) => ({
          name: group.name,
          role: group.role,
        })),
        distributed: Object.values(instance?.distributed ?? {}).map((dag) => ({
          name: dag.name,
          role: dag.role,
          connected: dag.link.connected,
        })),
      };
    }),
  };
}
