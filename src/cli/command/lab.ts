/** `sqlferry lab up|down|status|fault|reset`: the embedded SQL Servers. */

import type { CommandGroup } from '../command-module.ts';
import { faultCommand, resetCommand, statusCommand, downCommand } from './lab-control.ts';
import { upCommand } from './lab-up.ts';

/** The command group. */
export const command: CommandGroup = {
  name: 'lab',
  summary: 'SQL Servers simulated in one process, behind the real protocol',
  commands: [upCommand, downCommand, statusCommand, faultCommand, resetCommand],
};
