/** What `archive` says to a person. Names and messages come from the archive: each stays one line. */
import type { Fault } from '../archive/fault.js';
import type { ArchivedDatabase } from '../archive/record.js';
import type { ArchiveRerun } from '../archive/rerun.js';
import type { VerifiedArchive } from '../archive/verify.js';
import type { WrittenArchive } from '../archive/write.js';
import { bytesText } from '../report/bytes.js';
import { count } from '../report/numbers.js';
import { group } from '../report/progress.js';
import { shortPath } from '../report/short-path.js';
import { safeLine } from '../safe-text.js';
import { rerunText } from './rerun.js';

export function archiveText(written: WrittenArchive): string[] {
	const { file, bytes, sha256, payload, record, models } = written;
	const name = shortPath(file);
	const absent = models.filter(({ inside }) => !inside);
	const unknown = absent.filter(({ kind }) => kind === null);
	return [
		`${name}: ${bytesText(bytes)}, ${count(payload.files, 'file', 'files')} of ${bytesText(payload.bytes)}`,
		`sha256 ${sha256}`,
		...record.databases.flatMap(databaseText),
		absent.length === 0
			? `models: all ${models.length} inside`
			: `models: ${absent.length} by reference (--with-models puts them inside)`,
		...unknown.map(
			({ labels, sha256: content }) =>
				`  ${safeLine(labels.join(', '))}: nobody else can get ${content.slice(0, 12)}… from here`,
		),
		`next: detbal archive verify ${name}   ·   detbal archive rerun ${name}`,
	];
}

function databaseText({ path, runs, imports }: ArchivedDatabase): string[] {
	return [
		path,
		...runs.map(
			({ id, name, done, planned, digest }) =>
				`  run ${id} (${safeLine(name)}): ${group(done)} of ${group(planned)} attempts, digest ${safeLine(digest)}`,
		),
		...imports.map(
			({ id, origin }) => `  import ${id}: a table of counts from ${safeLine(origin)}`,
		),
	];
}

export function verifiedText({ file, ok, faults, databases, payload, toFetch }: VerifiedArchive) {
	if (!ok)
		return [
			`${shortPath(file)}: ${count(faults.length, 'fault', 'faults')}`,
			...faults.map((fault) => `  ${faultLine(fault)}`),
		];
	return [
		`${shortPath(file)}: nothing is wrong`,
		`bag: ${count(payload.files, 'file', 'files')} of ${bytesText(payload.bytes)}, every sha512 as sealed`,
		...databases.flatMap(databaseText),
		'databases: sound; digests, identities and keys come out as stated',
		...(toFetch.length > 0
			? [`to fetch: ${toFetch.map(safeLine).join(', ')} (fetch.txt says from where)`]
			: []),
	];
}

function faultLine({ part, place, message }: Fault): string {
	return safeLine([part, ...(place === '' ? [] : [place]), message].join(': '));
}

export function repeatedText({ runs, identical }: ArchiveRerun): string[] {
	const lines = runs.flatMap(({ database, result, comparison }) => [
		database,
		...rerunText(result).map((line) => `  ${line}`),
		...(comparison === null
			? []
			: [
					comparison.matters
						? '  statistically: another kernel or another verdict comes out here'
						: '  statistically: the same kernels and the same verdicts, within their errors',
				]),
	]);
	const same = runs.filter(({ result }) => result.identical).length;
	return [
		...lines,
		identical
			? `${count(runs.length, 'run', 'runs')} repeated from the archive alone: identical`
			: `${same} of ${count(runs.length, 'run', 'runs')} repeated from the archive alone came out identical`,
	];
}
