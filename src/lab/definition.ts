/**
 * What a lab consists of, before it runs: instances, their databases and logins, the links.
 *
 * Here: the types and the defaults. Reading `lab.yaml` is in `definition-file.ts`; the articles'
 * servers are in `preset/`; `lab.ts` makes a running world of a definition.
 */

import type { PathRule } from './definition-storage.ts';
import type { DeclaredCatalog } from './declared.ts';
import type { HadrSwitches } from './hadr/state.ts';
import type { EncryptionOffer } from './session.ts';

/** Release years the lab knows. */
export const RELEASES = [2016, 2017, 2019, 2022, 2025] as const;

/** Editions the lab knows; Evaluation is Enterprise Evaluation. */
export const EDITIONS = ['Enterprise', 'Developer', 'Evaluation', 'Standard'] as const;

/** Recovery models of SQL Server. */
export const RECOVERY_MODELS = ['FULL', 'BULK_LOGGED', 'SIMPLE'] as const;

/** Contents a database can start with. */
export const SAMPLES = ['adventureworks', 'none'] as const;

/** The state of the Always On switch; `restart-pending`: enabled, but the service was not restarted. */
export const ALWAYS_ON = ['enabled', 'disabled', 'restart-pending'] as const;

/** A user of a login in one database. */
export interface UserDefinition {
  readonly database: string;
  /** Fixed database roles, for example `db_datawriter`. */
  readonly roles: readonly string[];
}

/** A SQL login. Logins of one name have the same SID and password on every instance of the lab. */
export interface LabLoginDefinition {
  readonly user: string;
  /** Fixed server roles, for example `sysadmin`. */
  readonly roles: readonly string[];
  /** Server permissions, for example `VIEW SERVER STATE`. */
  readonly permissions: readonly string[];
  readonly disabled: boolean;
  readonly users: readonly UserDefinition[];
}

/** A user database at the start. */
export interface LabDatabaseDefinition {
  readonly name: string;
  readonly sample: (typeof SAMPLES)[number];
  readonly recoveryModel: (typeof RECOVERY_MODELS)[number];
  /** A full backup is recorded in `msdb`. */
  readonly fullBackup: boolean;
  /** Rows of catalog views about this database that the lab does not act out. */
  readonly catalog?: DeclaredCatalog;
}

/** One instance. */
export interface LabInstanceDefinition {
  /** `host` or `host\instance`. */
  readonly name: string;
  /** DNS domain, for example `contoso.com`; null for a workgroup. */
  readonly domain: string | null;
  /** Where the generated `sqlferry.yaml` puts it. */
  readonly side: 'source' | 'target';
  readonly release: (typeof RELEASES)[number];
  readonly edition: (typeof EDITIONS)[number];
  readonly alwaysOn: (typeof ALWAYS_ON)[number];
  readonly encryption: EncryptionOffer;
  readonly serviceAccount: string;
  /** Windows cluster that the host is a node of; null or absent: none. */
  readonly cluster?: string | null;
  readonly databases: readonly LabDatabaseDefinition[];
  /** Besides `sa`, which is always there. */
  readonly logins: readonly LabLoginDefinition[];
  /** Rows of catalog views about the instance that the lab does not act out. */
  readonly catalog?: DeclaredCatalog;
}

/** The network between the instances. */
export interface LabLinkDefinition {
  /** One way, in milliseconds. */
  readonly latencyMs: number;
  /** Bytes per second that automatic seeding may use; null: the world's default. */
  readonly bandwidth: number | null;
}

/** A listener's name with an address of its own; it answers while a group of this lab has it. */
export interface LabListenerDefinition {
  readonly name: string;
  /** DNS domain; null for a workgroup. */
  readonly domain: string | null;
}

/** A local availability group that exists from the start. */
export interface LabGroupDefinition {
  readonly name: string;
  /** Names of instances; the first one is the primary replica. */
  readonly replicas: readonly string[];
  /** Databases of the first instance. */
  readonly databases: readonly string[];
  /** One of the listeners of the lab; null: none. Needs instances in a cluster. */
  readonly listener: string | null;
}

/** A whole lab. */
export interface LabDefinition {
  /** Name of the preset or file, for messages. */
  readonly name: string;
  readonly instances: readonly LabInstanceDefinition[];
  readonly link: LabLinkDefinition;
  /** Folders and shares that are not as they should be. */
  readonly storage?: readonly PathRule[];
  readonly listeners?: readonly LabListenerDefinition[];
  readonly groups?: readonly LabGroupDefinition[];
  /** Positions of assumed server behaviours where they differ from the default. */
  readonly switches?: Partial<HadrSwitches>;
}

/** Splits `host\instance`; the instance is null for the default instance. */
export function splitServerName(name: string): {
  readonly host: string;
  readonly instance: string | null;
} {
  const cut = name.indexOf('\\');
  return cut === -1
    ? { host: name, instance: null }
    : { host: name.slice(0, cut), instance: name.slice(cut + 1) };
}

/** The fully qualified name of the host. */
export function hostFqdn(definition: Pick<LabInstanceDefinition, 'name' | 'domain'>): string {
  const { host } = splitServerName(definition.name);
  return definition.domain === null ? host : `${host}.${definition.domain}`;
}
