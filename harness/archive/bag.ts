/** The tag files of a BagIt 1.0 bag (RFC 8493). */
import type { FetchLine } from './models.js';
import { byBytes } from './names.js';
import { type PayloadFile, sha512Of } from './payload.js';

export const BAGIT_TXT = 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n';

/** Bytes and files of the payload (RFC 8493, 2.2.2), fetched ones too: a bag without them is incomplete. */
export interface Oxum {
	readonly bytes: number;
	readonly files: number;
}

export function oxumOf(files: readonly { readonly bytes: number }[]): Oxum {
	return { bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), files: files.length };
}

export interface BagFacts {
	readonly name: string;
	readonly date: Date;
	readonly toolVersion: string;
	readonly description: string;
	readonly oxum: Oxum;
}

export function bagInfoTxt({ name, date, toolVersion, description, oxum }: BagFacts): string {
	const lines = [
		['External-Identifier', name],
		['External-Description', description],
		['Bagging-Date', date.toISOString().slice(0, 10)],
		['Bag-Software-Agent', `detbal ${toolVersion}`],
		['Payload-Oxum', `${oxum.bytes}.${oxum.files}`],
	];
	return lines.map(([label, value]) => `${label}: ${value}\n`).join('');
}

/** Lines as `sha512sum` writes them; paths have no character that would need an escape. */
export function manifestTxt(
	files: readonly { readonly path: string; readonly sha512: string }[],
): string {
	return files
		.toSorted((a, b) => byBytes(a.path, b.path))
		.map(({ path, sha512 }) => `${sha512}  ${path}\n`)
		.join('');
}

export function fetchTxt(lines: readonly FetchLine[]): string {
	return lines.map(({ url, bytes, path }) => `${url} ${bytes} data/${path}\n`).join('');
}

/** The tag files of a bag by name, its tag manifest last. */
export function tagFiles(
	payload: readonly PayloadFile[],
	fetch: readonly FetchLine[],
	{ readme, ...facts }: Omit<BagFacts, 'oxum'> & { readonly readme: string },
): ReadonlyMap<string, Uint8Array> {
	const all = [...payload, ...fetch];
	const tags = new Map<string, Uint8Array>();
	const add = (name: string, text: string) => tags.set(name, Buffer.from(text, 'utf8'));
	add('README.txt', readme);
	add('bag-info.txt', bagInfoTxt({ ...facts, oxum: oxumOf(all) }));
	add('bagit.txt', BAGIT_TXT);
	if (fetch.length > 0) add('fetch.txt', fetchTxt(fetch));
	add('manifest-sha512.txt', manifestTxt(all.map((f) => ({ ...f, path: `data/${f.path}` }))));
	const hashed = [...tags].map(([path, bytes]) => ({ path, sha512: sha512Of(bytes) }));
	add('tagmanifest-sha512.txt', manifestTxt(hashed));
	return tags;
}
