/** Reads a zip file that may be anything, and takes out of it only what is asked for. */
import { createHash } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UsageError } from '../errors.js';
import { type Fault, FaultList } from './fault.js';
import { whyUnfit } from './names.js';
import { newFile } from './payload.js';
import { openZip, ZipFault, type ZipItem } from './zip.js';

export interface Limits {
	/** of everything unpacked */
	readonly bytes: number;
	/** unpacked to packed, of a file of more than `RATIO_FROM` bytes; null: any */
	readonly ratio: number | null;
}

export const DEFAULT_LIMITS: Limits = { bytes: 16 * 2 ** 30, ratio: 200 };
/** Below this no ratio is a bomb. */
const RATIO_FROM = 16 * 2 ** 20;
const MOST_FILES = 100_000;

export interface InspectOptions {
	readonly limits: Limits;
	/** which files to write below `folder`, by their path in the bag */
	readonly keep: (path: string) => boolean;
	/** exists and is empty */
	readonly folder: string;
	readonly signal: AbortSignal;
}

export interface ReadFile {
	readonly bytes: number;
	readonly sha512: string;
}

export interface Inspection {
	/** by path in the bag; only files that were read without a fault */
	readonly files: ReadonlyMap<string, ReadFile>;
	/** paths that the zip file names, sound or not */
	readonly named: ReadonlySet<string>;
	readonly faults: readonly Fault[];
}

/**
 * Reads every file of a zip file once, hashing it and writing some of them below a folder.
 * @throws UsageError where the file is not a zip file
 */
export async function inspectArchive(name: string, options: InspectOptions): Promise<Inspection> {
	checkIsZip(name);
	const file = await open(name, 'r').catch((cause: Error) => {
		throw new UsageError(`${name} cannot be read: ${cause.message}`, { cause });
	});
	const faults = new FaultList();
	try {
		await refuseOther(file, name);
		const zip = await openZip(file);
		const items = await listItems(zip.items(), faults);
		const sound = items === null ? [] : soundItems(items, options.limits, faults);
		const files = new Map<string, ReadFile>();
		for (const item of sound) {
			const path = pathInBag(item);
			const read = await readItem(item, path, options, faults);
			if (read !== null) files.set(path, read);
		}
		if (items !== null && sound.length === items.length && files.size === items.length) {
			const gap = zip.gap();
			if (gap !== null) faults.add('zip', name, gap);
		}
		return { files, named: new Set(items?.map(pathInBag)), faults: faults.all() };
	} finally {
		await file.close();
	}
}

function checkIsZip(name: string): void {
	const stats = statSync(name, { throwIfNoEntry: false });
	if (stats === undefined) throw new UsageError(`${name} does not exist: check the name`);
	if (!stats.isFile()) throw new UsageError(`${name} is not a regular file: name an archive`);
}

/** A zip file that is damaged is a fault; another file is a mistake of whoever named it. */
async function refuseOther(file: Awaited<ReturnType<typeof open>>, name: string): Promise<void> {
	const head = Buffer.alloc(4);
	const { bytesRead } = await file.read(head, 0, 4, 0);
	const magic = head.subarray(0, bytesRead).toString('latin1');
	if (magic !== 'PK\x03\x04' && magic !== 'PK\x05\x06')
		throw new UsageError(`${name} is not a zip file, and so no archive: check the name`);
}

/** null where the directory cannot be read to its end. */
async function listItems(
	items: AsyncIterable<ZipItem>,
	faults: FaultList,
): Promise<ZipItem[] | null> {
	const list: ZipItem[] = [];
	try {
		for await (const item of items) {
			list.push(item);
			if (list.length > MOST_FILES) {
				faults.add('zip', '', `it names more than ${MOST_FILES} files, which no archive does`);
				return null;
			}
		}
		return list;
	} catch (error) {
		if (!(error instanceof ZipFault)) throw error;
		faults.add('zip', '', `its directory cannot be read: ${error.message}`);
		return null;
	}
}

/** Without the one folder that everything is in. */
function pathInBag({ name }: ZipItem): string {
	return name.slice(name.indexOf('/') + 1);
}

function checkTop(items: readonly ZipItem[], faults: FaultList): boolean {
	const tops = new Set(items.map(({ name }) => name.slice(0, name.indexOf('/') + 1)));
	if (tops.size === 1 && !tops.has('')) return true;
	faults.add('bag', '', `everything should be in one folder; there are ${tops.size} at the top`);
	return false;
}

/** Those that can be read; the rest is said. None where they would be too much. */
function soundItems(
	items: readonly ZipItem[],
	{ bytes: most, ratio }: Limits,
	faults: FaultList,
): ZipItem[] {
	const seen = new Map<string, string>();
	const sound = items.filter(({ name, bytes, packed, fault }) => {
		const why = whyUnfit(name);
		const twin = seen.get(name.toLowerCase());
		seen.set(name.toLowerCase(), name);
		const complaint =
			fault ??
			(why === null ? null : `the name ${why}`) ??
			(twin === undefined ? null : `is there twice (${twin}), if case does not count`) ??
			(ratio !== null && bytes > RATIO_FROM && bytes > ratio * packed
				? `unpacks to ${bytes} bytes from ${packed}, more than ${ratio} to 1; allow it with --max-bytes`
				: null);
		if (complaint !== null) faults.add('zip', name, complaint);
		return complaint === null;
	});
	// Two folders could hold two files of one path.
	if (!checkTop(items, faults)) return [];
	const total = items.reduce((sum, { bytes }) => sum + bytes, 0);
	if (total <= most) return sound;
	faults.add(
		'zip',
		'',
		`it unpacks to ${total} bytes, more than ${most}; allow it with --max-bytes`,
	);
	return [];
}

async function readItem(
	item: ZipItem,
	path: string,
	{ keep, folder, signal }: InspectOptions,
	faults: FaultList,
): Promise<ReadFile | null> {
	const target = keep(path) ? join(folder, path) : null;
	if (target !== null) mkdirSync(dirname(target), { recursive: true });
	const file = target === null ? null : await newFile(target);
	const hash = createHash('sha512');
	try {
		await item.read(async (chunk) => {
			hash.update(chunk);
			if (file !== null) await file.writeFile(chunk);
		}, signal);
	} catch (error) {
		if (!(error instanceof ZipFault)) throw error;
		faults.add('zip', item.name, error.message);
		return null;
	} finally {
		await file?.close();
	}
	return { bytes: item.bytes, sha512: hash.digest('hex') };
}
