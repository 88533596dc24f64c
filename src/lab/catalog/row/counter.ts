/** Rows of `sys.dm_os_performance_counters`: the few that watch the flow of log. */

import { remoteMember } from '../../hadr/route.ts';
import type { DatabaseState, DistributedState, InstanceState } from '../../hadr/state.ts';
import type { PlainRow } from '../cell.ts';
import type { ViewContext } from '../view.ts';
import { instanceId } from './system-database.ts';

/** Instantaneous value. */
const GAUGE = 65_792;
/** Cumulative: the reader divides the difference of two samples by the seconds between. */
const PER_SECOND = 272_696_576;
const KB = 1024;

/** Counters of sessions and of replicas. */
export function* counterRows(context: ViewContext): Iterable<PlainRow> {
  const { instance, record } = context;
  const prefix = objectPrefix(instance);
  yield {
    object_name: `${prefix}:General Statistics`,
    counter_name: 'User Connections',
    instance_name: '',
    cntr_value: record.sessions.length,
    cntr_type: GAUGE,
  };
  for (const database of Object.values(instance.databases)) {
    yield* logRows(`${prefix}:Databases`, context, database);
  }
  for (const dag of Object.values(instance.distributed)) {
    yield* dag.role === 'PRIMARY' ? sendingRows(prefix, dag) : receivingRows(prefix, instance, dag);
  }
}

/** The log of one database: size, use, and what was ever written (Microsoft Learn, Databases object). */
function* logRows(
  object: string,
  { source }: ViewContext,
  { name, log }: DatabaseState,
): Iterable<PlainRow> {
  const first = log.chunks[0]?.[0];
  const used = first === undefined ? 0 : log.totalBytes - (first.totalBytes - first.bytes);
  const bytes = source
    .files(name)
    .filter((file) => file.type === 'LOG')
    .reduce((sum, file) => sum + file.bytes, 0);
  const usedKb = Math.ceil(used / KB);
  const sizeKb = Math.max(Math.ceil(bytes / KB), usedKb);
  const gauge = (value: number) => ({ name, value, type: GAUGE });
  yield counter(object, 'Log File(s) Size (KB)', gauge(sizeKb));
  yield counter(object, 'Log File(s) Used Size (KB)', gauge(usedKb));
  const percent = sizeKb === 0 ? 0 : Math.floor((100 * usedKb) / sizeKb);
  yield counter(object, 'Percent Log Used', gauge(percent));
  const flushed = { name, value: log.totalBytes, type: PER_SECOND };
  yield counter(object, 'Log Bytes Flushed/sec', flushed);
}

function* sendingRows(prefix: string, dag: DistributedState): Iterable<PlainRow> {
  const object = `${prefix}:Availability Replica`;
  const name = `${dag.name}:${remoteMember(dag).group}`;
  const sent = Object.values(dag.databases).reduce((sum, item) => sum + item.sentBytes, 0);
  yield counter(object, 'Bytes Sent to Replica/sec', { name, value: sent, type: PER_SECOND });
}

function* receivingRows(
  prefix: string,
  instance: InstanceState,
  dag: DistributedState,
): Iterable<PlainRow> {
  const object = `${prefix}:Database Replica`;
  const group = instance.groups[dag.localGroup];
  for (const key of group?.databases ?? []) {
    const database = instance.databases[key];
    if (database === undefined) continue;
    const { name, log, redoneBytes } = database;
    const waiting = Math.ceil(Math.max(0, log.totalBytes - redoneBytes) / KB);
    yield counter(object, 'Recovery Queue', { name, value: waiting, type: GAUGE });
    yield counter(object, 'Redone Bytes/sec', { name, value: redoneBytes, type: PER_SECOND });
    yield counter(object, 'Log Bytes Received/sec', {
      name,
      value: log.totalBytes,
      type: PER_SECOND,
    });
  }
}

function counter(
  object: string,
  counterName: string,
  sample: { readonly name: string; readonly value: number; readonly type: number },
): PlainRow {
  return {
    object_name: object,
    counter_name: counterName,
    instance_name: sample.name,
    cntr_value: sample.value,
    cntr_type: sample.type,
  };
}

function objectPrefix(instance: InstanceState): string {
  const id = instanceId(instance);
  return id === 'MSSQLSERVER' ? 'SQLServer' : `MSSQL$${id}`;
}
