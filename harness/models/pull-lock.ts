import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HarnessError } from '../errors.js';

const LOOK_EVERY_MS = 300;

/**
 * Runs `work` while no other process does so under the same lock file; waits for one that does.
 * A lock whose process has ended on this machine is taken over.
 * @param onWait told once, what is waited for and what to do if it is not there any more
 * @throws HarnessError where the file cannot be written or the wait is interrupted
 */
export async function withPullLock<T>(
	file: string,
	{ signal, onWait }: { readonly signal: AbortSignal; readonly onWait: (text: string) => void },
	work: () => Promise<T>,
): Promise<T> {
	const own = `${process.pid} ${hostname()}`;
	for (let waited = false; !take(file, own); ) {
		const holder = read(file);
		if (holder !== null && isGone(holder)) takeOver(file, holder);
		else if (holder !== null && !waited) {
			waited = true;
			onWait(
				`waiting for another pull (process ${holder.replace(' ', ' on ')}); if there is none, remove ${file}`,
			);
		}
		await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {
			throw new HarnessError('interrupted while waiting for another pull');
		});
	}
	try {
		return await work();
	} finally {
		if (read(file) === own) rmSync(file, { force: true });
	}
}

function take(file: string, own: string): boolean {
	let step = 'folder';
	try {
		mkdirSync(dirname(file), { recursive: true });
		step = 'file';
		writeFileSync(file, own, { flag: 'wx' });
		return true;
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		if (step === 'file' && code === 'EEXIST') return false;
		throw new HarnessError(
			`${file} cannot be written: ${message}. Set DETBAL_MODELS or HF_HOME to a folder that can be written.`,
		);
	}
}

/** Who holds the lock; null: nobody any more. */
function read(file: string): string | null {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		return null;
	}
}

/** Only a process of this machine can be seen to have ended. */
function isGone(holder: string): boolean {
	const [pid, host] = holder.split(' ');
	if (host !== hostname() || !/^\d+$/.test(pid ?? '')) return false;
	try {
		process.kill(Number(pid), 0);
		return false;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'ESRCH';
	}
}

/** Two processes may see the same dead one: the lock moved aside must still be its lock. */
function takeOver(file: string, dead: string): void {
	const aside = `${file}.${process.pid}`;
	try {
		renameSync(file, aside);
	} catch {
		return;
	}
	if (read(aside) === dead) rmSync(aside, { force: true });
	else renameSync(aside, file);
}
