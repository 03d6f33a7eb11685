import { readdir, readFile } from 'node:fs/promises';

/** What a process group has used so far and holds now. */
export interface GroupUsage {
  readonly cpuSeconds: number;
  /** Resident set, shared pages counted for each process */
  readonly memoryBytes: number;
}

/** Linux counts CPU time for programs in hundredths of a second, whatever its own clock is. */
const TICKS_PER_SECOND = 100;

/**
 * Adds up the processes of a group as the kernel counts them.
 *
 * @param groupId pid of the process that leads it
 * @returns undefined where there is no /proc, and when the group has ended
 */
export async function groupUsage(groupId: number): Promise<GroupUsage | undefined> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name));
  const members = (await Promise.all(pids.map((pid) => memberUsage(pid, groupId)))).filter(
    (usage) => usage !== undefined,
  );
  if (members.length === 0) return undefined;
  return {
    cpuSeconds: members.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    memoryBytes: members.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
  };
}

async function memberUsage(pid: string, groupId: number): Promise<GroupUsage | undefined> {
  // A process may end between any two looks.
  const stat = parseStat(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''));
  if (stat?.groupId !== groupId) return undefined;
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kibibytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  return { cpuSeconds: stat.cpuSeconds, memoryBytes: kibibytes * 1024 };
}

/** Reads a line of /proc/[pid]/stat (proc_pid_stat(5)); undefined for what has ended. */
export function parseStat(line: string): { groupId: number; cpuSeconds: number } | undefined {
  // The name, second, is in parentheses and may itself hold spaces and parentheses.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const [groupId, userTicks, systemTicks] = [2, 11, 12].map((at) => Number(fields[at]));
  if (groupId === undefined || userTicks === undefined || systemTicks === undefined)
    return undefined;
  // A zombie has ended and only waits for its parent.
  if (!Number.isInteger(groupId) || fields[0] === 'Z') return undefined;
  return { groupId, cpuSeconds: (userTicks + systemTicks) / TICKS_PER_SECOND };
}
