/** The machine as far as it matters for a run; nothing that names it or its user. */
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { availableParallelism, cpus, freemem, loadavg, release, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';

export interface Machine {
	/** As the processor calls itself. */
	readonly cpu: string;
	/** Cores that this process may use. */
	readonly cores: number;
	/** Cores that a control group grants, where one limits them. */
	readonly coreLimit: number | null;
	readonly memory: {
		readonly total: number;
		readonly available: number;
		/** Bytes that a control group grants, where one limits them. */
		readonly limit: number | null;
	};
	/** Bytes free where results go. */
	readonly diskFree: number | null;
	/** Processes that wanted to run in the last 1, 5 and 15 minutes, before the doctor began; Windows says 0. */
	readonly load: readonly number[];
	readonly os: string;
	readonly arch: string;
	readonly node: string;
}

/** @param file where results go; its folder may not exist yet */
export function machineNow(file: string): Machine {
	const limit = process.constrainedMemory?.() ?? 0;
	return {
		cpu: cpus()[0]?.model.trim() ?? 'unknown',
		cores: availableParallelism(),
		coreLimit: coreLimit(),
		memory: {
			total: totalmem(),
			available: process.availableMemory?.() ?? freemem(),
			limit: limit > 0 && limit < totalmem() ? limit : null,
		},
		diskFree: diskFree(file),
		load: loadavg().map((value) => Math.round(value * 100) / 100),
		os: `${process.platform} ${release()}`,
		arch: process.arch,
		node: process.version,
	};
}

/** Threads that can run at once without waiting for each other. */
export function usableCores({ cores, coreLimit }: Machine): number {
	return Math.max(1, Math.min(cores, Math.floor(coreLimit ?? cores)));
}

/** Others alone want more cores than there are, by half: threads would wait for each other. */
export function isBusy(machine: Machine): boolean {
	return (machine.load[0] ?? 0) > 1.5 * usableCores(machine);
}

/** Version 2 and version 1 of control groups, as a process within one sees them. */
function coreLimit(): number | null {
	const [quota, period] = read('/sys/fs/cgroup/cpu.max')?.split(' ') ?? [
		read('/sys/fs/cgroup/cpu/cpu.cfs_quota_us'),
		read('/sys/fs/cgroup/cpu/cpu.cfs_period_us'),
	];
	const cores = Number(quota ?? Number.NaN) / Number(period ?? Number.NaN);
	return Number.isFinite(cores) && cores > 0 ? cores : null;
}

function read(file: string): string | null {
	try {
		return readFileSync(file, 'utf8').trim();
	} catch {
		return null;
	}
}

function diskFree(file: string): number | null {
	let folder = dirname(resolve(file));
	while (!existsSync(folder)) folder = dirname(folder);
	try {
		const { bavail, bsize } = statfsSync(folder);
		return bavail * bsize;
	} catch {
		return null;
	}
}
