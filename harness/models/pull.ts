/** `detbal models pull`: fetches a model of the catalogue, checks it, and records what it was. */
import { createHash } from 'node:crypto';
import { readdirSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type DownloadEnd, download } from '../engine/download.js';
import { readGgufHeader } from '../engine/gguf/read.js';
import { sha256File } from '../engine/gguf/sha256-file.js';
import { HarnessError, UsageError } from '../errors.js';
import {
	alteredError,
	belongs,
	type CatalogCheck,
	type CatalogModel,
	catalogPath,
	checkCatalogModel,
	expectedSha256,
	readRecord,
	recordPath,
	writeRecord,
} from './catalog.js';
import { locate, type Offer } from './hub.js';
import { withPullLock } from './pull-lock.js';

export interface PullOptions {
	/** No network call at all. */
	readonly offline: boolean;
	readonly signal: AbortSignal;
	/** Told once the size is known; what it returns is told of every advance. */
	readonly onStart?: (bytes: number) => (done: number) => void;
	/** Something worth a line, such as waiting for another pull. */
	readonly say?: (text: string) => void;
	/** Without a new byte for so long a download is given up. */
	readonly patienceMs?: number;
}

export interface Pulled {
	readonly model: CatalogModel;
	readonly path: string;
	readonly bytes: number;
	readonly sha256: string;
	readonly commit: string | null;
	/** False where the right file was there already. */
	readonly fetched: boolean;
}

const PATIENCE_MS = 60_000;

/**
 * Makes sure that a model of the catalogue is here and is what it should be.
 *
 * A file is judged by the checksum of the manifest, else by the one recorded on first use. On first
 * use the file must have the checksum the hub announces, if it announces one, and its own is recorded.
 * @throws UsageError where it is missing and `offline`, a token is needed, or the file that is here
 *   is not the right one
 * @throws HarnessError where it cannot be fetched or written, or what came is not the right file
 */
export async function pullModel(model: CatalogModel, options: PullOptions): Promise<Pulled> {
	const { signal, say = () => undefined } = options;
	return withPullLock(`${catalogPath(model)}.lock`, { signal, onWait: say }, async () => {
		const check = await checkCatalogModel(model);
		if (check.state === 'altered') throw alteredError(model, check.found as string);
		if (check.state === 'ok') return pulled(model, check.found as string, false);
		if (options.offline) return keepOffline(check);
		const offer = await locate(model, revisionOf(model), signal);
		checkOffer(model, offer);
		if (check.state === 'unrecorded') return keep(check, offer);
		const part = partPath(model, offer);
		removeOtherParts(model, part);
		await fetchPart(model, { part, offer, options });
		const sha256 = await checkPart(model, part, offer);
		record(model, sha256, offer);
		renameSync(part, catalogPath(model));
		return pulled(model, sha256, true);
	});
}

/** A pinned commit, else the one met on first use, else the branch. */
function revisionOf(model: CatalogModel): string {
	if (model.revision !== null) return model.revision;
	const earlier = readRecord(model);
	return (earlier !== null && belongs(earlier, model) ? earlier.commit : null) ?? 'main';
}

function pulled(model: CatalogModel, sha256: string, fetched: boolean): Pulled {
	const path = catalogPath(model);
	const commit = model.revision ?? readRecord(model)?.commit ?? null;
	return { model, path, bytes: statSync(path).size, sha256, commit, fetched };
}

/** Before gigabytes are fetched: is it what is expected? @throws HarnessError naming both */
function checkOffer(model: CatalogModel, { bytes, sha256, commit }: Offer): void {
	const wrong = (what: string, offered: unknown, source: string, expected: unknown) =>
		new HarnessError(
			`model "${model.id}": the hub offers ${what} ${offered}, ${source} ${expected}. ` +
				`Nothing was downloaded. Look at HF_ENDPOINT; if a change is meant, remove ${recordPath(model)}`,
		);
	if (model.bytes !== null && bytes !== model.bytes)
		throw wrong('bytes', bytes, 'the manifest says', model.bytes);
	if (model.revision !== null && commit !== null && commit !== model.revision)
		throw wrong('commit', commit, 'the manifest says', model.revision);
	const expected = expectedSha256(model);
	if (expected !== null && sha256 !== null && sha256 !== expected.sha256)
		throw wrong('sha256', sha256, expected.source, expected.sha256);
}

/** A file put here by hand is taken as the model on its size alone, and its checksum recorded. */
function keepOffline({ model, path, state, found }: CatalogCheck): Pulled {
	if (state === 'missing')
		throw new UsageError(
			`model "${model.id}" is not on this machine (looked for ${path}), and nothing may be fetched ` +
				'(--offline or HF_HUB_OFFLINE)',
		);
	const { size } = statSync(path);
	if (model.bytes === null || size !== model.bytes || readRecord(model) !== null)
		throw new UsageError(
			`${path} has ${size} bytes and sha256 ${found}; the manifest says ${model.bytes ?? 'no size'} ` +
				`bytes at ${model.uri}, commit ${model.revision ?? 'not pinned'}. Run without --offline, or remove it`,
		);
	record(model, found as string, null);
	return pulled(model, found as string, false);
}

/** A file put here by hand that is the one the hub offers needs no download. */
function keep({ model, path, found }: CatalogCheck, offer: Offer): Pulled {
	const { size } = statSync(path);
	if (size !== offer.bytes || (offer.sha256 ?? found) !== found)
		throw new UsageError(
			`${path} has ${size} bytes and sha256 ${found}, the hub offers ${offer.bytes} bytes and ` +
				`sha256 ${offer.sha256 ?? '(not said)'}. Move the file away and pull again`,
		);
	record(model, found as string, offer);
	return pulled(model, found as string, false);
}

/** The name tells one content from another, so that no download goes on with another's bytes. */
function partPath(model: CatalogModel, { bytes, sha256, commit }: Offer): string {
	const what = JSON.stringify([model.uri, commit, sha256, bytes]);
	const tag = createHash('sha256').update(what).digest('hex').slice(0, 12);
	return join(dirname(catalogPath(model)), `${model.id}.${tag}.part`);
}

function partFiles(model: CatalogModel): string[] {
	const folder = dirname(catalogPath(model));
	const rest = /^\.[0-9a-f]{12}\.part(\.ipull)?$/;
	return readdirSync(folder)
		.filter((name) => name.startsWith(model.id) && rest.test(name.slice(model.id.length)))
		.map((name) => join(folder, name));
}

function removeOtherParts(model: CatalogModel, part: string): void {
	for (const file of partFiles(model))
		if (file !== part && file !== `${part}.ipull`) rmSync(file, { force: true });
}

interface Fetch {
	readonly part: string;
	readonly offer: Offer;
	readonly options: PullOptions;
}

async function fetchPart(model: CatalogModel, { part, offer, options }: Fetch): Promise<void> {
	const { bytes, url, headers } = offer;
	const { free, here } = space(part);
	if (free < bytes - here)
		throw noSpace(model, `${bytes - here} bytes are needed, ${free} are free`);
	const end = await download({
		url,
		headers,
		folder: dirname(part),
		name: basename(part),
		signal: options.signal,
		patienceMs: options.patienceMs ?? PATIENCE_MS,
		onProgress: options.onStart?.(bytes) ?? (() => undefined),
	});
	if (end.state !== 'done') throw ended(model, end, offer.ranges);
}

/** Bytes free where a part is to grow, and bytes of it that are there (it is a sparse file). */
function space(part: string): { readonly free: number; readonly here: number } {
	const { bavail, bsize } = statfsSync(dirname(part));
	const grown = [part, `${part}.ipull`].map((file) => statSync(file, { throwIfNoEntry: false }));
	return {
		free: bavail * bsize,
		here: grown.reduce((sum, stats) => sum + (stats === undefined ? 0 : stats.blocks * 512), 0),
	};
}

function noSpace(model: CatalogModel, detail: string): HarnessError {
	return new HarnessError(
		`model "${model.id}": no space left in ${dirname(catalogPath(model))} (${detail}). ` +
			'Free some space, or set DETBAL_MODELS or HF_HOME to a folder on another disk.',
	);
}

function ended(model: CatalogModel, end: DownloadEnd, ranges: boolean): HarnessError {
	const again = ranges
		? `What came is kept; go on with: detbal models pull ${model.id}`
		: `The server cannot go on in the middle; begin anew with: detbal models pull ${model.id}`;
	switch (end.state) {
		case 'full':
			// The downloader counts a block as written before it is: this part cannot be trusted.
			for (const file of partFiles(model)) rmSync(file, { force: true });
			return noSpace(model, 'what came was removed');
		case 'failed':
			return new HarnessError(`model "${model.id}": ${withoutQueries(end.message)}. ${again}`);
		case 'stalled':
			return new HarnessError(`model "${model.id}": the server sends nothing more. ${again}`);
		default:
			return new HarnessError(`interrupted. ${again}`);
	}
}

/** A signed address is a key: it is not for a log. */
function withoutQueries(text: string): string {
	return text.replace(/(https?:\/\/[^\s?]+)\?\S*/g, '$1').trim();
}

/**
 * sha256 of what came.
 * @throws HarnessError where it is not the right file, which is removed then
 */
async function checkPart(model: CatalogModel, part: string, offer: Offer): Promise<string> {
	const { size } = statSync(part);
	const sha256 = await sha256File(part);
	const expected = expectedSha256(model);
	const complaint =
		size !== offer.bytes
			? `has ${size} bytes, announced were ${offer.bytes}`
			: expected !== null && sha256 !== expected.sha256
				? `has sha256 ${sha256}, ${expected.source} ${expected.sha256}`
				: offer.sha256 !== null && sha256 !== offer.sha256
					? `has sha256 ${sha256}, the hub announced ${offer.sha256}`
					: faultOf(part);
	if (complaint === null) return sha256;
	rmSync(part, { force: true });
	throw new HarnessError(
		`model "${model.id}": what came from ${new URL(offer.url).host} ${complaint}. It was removed; pull again.`,
	);
}

function faultOf(part: string): string | null {
	try {
		readGgufHeader(part);
		return null;
	} catch (error) {
		return `is not a model: ${(error as Error).message}`;
	}
}

function record(model: CatalogModel, sha256: string, offer: Offer | null): void {
	const earlier = readRecord(model);
	if (earlier !== null && belongs(earlier, model) && earlier.sha256 === sha256) return;
	writeRecord(model, {
		schema: 'detbal/pull/1',
		id: model.id,
		uri: model.uri,
		commit: offer?.commit ?? null,
		bytes: offer?.bytes ?? (model.bytes as number),
		sha256,
		endpoint: offer?.endpoint ?? null,
		recorded: new Date().toISOString(),
	});
}
