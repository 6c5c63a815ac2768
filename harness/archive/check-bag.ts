/** Is it a whole BagIt bag (RFC 8493)? */
import { BAGIT_TXT } from './bag.js';
import type { FaultList } from './fault.js';
import type { Inspection, ReadFile } from './inspect.js';

const MANIFEST = 'manifest-sha512.txt';
const TAG_MANIFEST = 'tagmanifest-sha512.txt';
const FETCH = 'fetch.txt';

/** Text of a tag file, or null where it is not there. */
export type ReadTag = (path: string) => string | null;

/** Payload files of the bag that are left to be fetched, by path. */
export type ToFetch = ReadonlyMap<string, number>;

export function checkBag(inspection: Inspection, tag: ReadTag, faults: FaultList): ToFetch {
	const { files } = inspection;
	const declaration = tag('bagit.txt');
	if (declaration !== BAGIT_TXT)
		faults.add(
			'bag',
			'bagit.txt',
			declaration === null ? 'is missing' : 'is not that of BagIt 1.0',
		);
	const fetch = readFetch(tag(FETCH), faults);
	const payload = new Map([...files].filter(([path]) => path.startsWith('data/')));
	const tags = new Map(
		[...files].filter(([path]) => !path.startsWith('data/') && path !== TAG_MANIFEST),
	);
	checkManifest(MANIFEST, { text: tag(MANIFEST), present: payload, fetch, inspection }, faults);
	const none: ToFetch = new Map();
	const tagList = { text: tag(TAG_MANIFEST), present: tags, fetch: none, inspection };
	checkManifest(TAG_MANIFEST, tagList, faults);
	checkOxum(tag('bag-info.txt'), { payload, fetch }, faults);
	return new Map([...fetch].filter(([path]) => !files.has(path)));
}

interface Listed {
	readonly text: string | null;
	/** what the manifest has to list */
	readonly present: ReadonlyMap<string, ReadFile>;
	readonly fetch: ToFetch;
	readonly inspection: Inspection;
}

function checkManifest(
	name: string,
	{ text, present, fetch, inspection }: Listed,
	faults: FaultList,
): void {
	if (text === null) {
		faults.add('bag', name, 'is missing');
		return;
	}
	const listed = new Set<string>();
	for (const line of linesOf(text)) {
		const [, sha512, path] = /^([0-9a-f]{128}) {2}(.+)$/.exec(line) ?? [];
		if (sha512 === undefined || path === undefined) {
			faults.add('bag', name, `a line is not a sha512 and a path: ${shown(line)}`);
			continue;
		}
		if (listed.has(path)) faults.add('bag', name, `lists ${shown(path)} twice`);
		listed.add(path);
		const found = present.get(path);
		if (found === undefined) {
			// A file that could not be read is faulted already.
			if (!fetch.has(path) && !inspection.named.has(path))
				faults.add('bag', path, `is listed in ${name} and not there`);
		} else if (found.sha512 !== sha512)
			faults.add('bag', path, `was altered: sha512 ${found.sha512}, ${name} says ${sha512}`);
	}
	for (const path of [...present.keys(), ...fetch.keys()])
		if (!listed.has(path)) faults.add('bag', path, `is not listed in ${name}`);
}

/** RFC 8493, 2.2.3: URL, length in bytes or -, path. */
function readFetch(text: string | null, faults: FaultList): ToFetch {
	const files = new Map<string, number>();
	for (const line of linesOf(text ?? '')) {
		const [, length, path] = /^https?:\/\/\S+ ([0-9]{1,15}) (data\/models\/\S+)$/.exec(line) ?? [];
		if (length === undefined || path === undefined)
			faults.add('bag', FETCH, `a line is not a URL, a length and a model: ${shown(line)}`);
		else files.set(path, Number(length));
	}
	return files;
}

function checkOxum(
	info: string | null,
	{ payload, fetch }: { payload: ReadonlyMap<string, ReadFile>; fetch: ToFetch },
	faults: FaultList,
): void {
	if (info === null) {
		faults.add('bag', 'bag-info.txt', 'is missing');
		return;
	}
	const said = /^Payload-Oxum: ([0-9]+)\.([0-9]+)$/m.exec(info);
	const sizes = new Map(fetch);
	for (const [path, { bytes }] of payload) sizes.set(path, bytes);
	const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
	const found = `${bytes}.${sizes.size}`;
	const stated = said === null ? null : `${said[1]}.${said[2]}`;
	if (stated !== found)
		faults.add(
			'bag',
			'bag-info.txt',
			`Payload-Oxum is ${stated ?? 'missing'}, the payload has ${found}`,
		);
}

function linesOf(text: string): string[] {
	return text.split('\n').filter((line) => line !== '');
}

function shown(text: string): string {
	return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
