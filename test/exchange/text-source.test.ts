import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UsageError } from '../../harness/errors.js';
import { TextSource } from '../../harness/exchange/text-source.js';
import { inFolder } from './fixture.js';

/** All text of a file, read so many bytes at once, and its sha256. */
function readAll(file: string, chunk: number): { text: string; sha256: string; bytes: number } {
	const source = TextSource.open(file, chunk);
	try {
		let text = '';
		for (let next = source.next(); next !== null; next = source.next()) text += next.text;
		return { text, sha256: source.sha256(), bytes: source.bytesRead };
	} finally {
		source.close();
	}
}

const TEXT = 'a é\n漢字 🍐\n\ufffd "x"\n';

test('any size of chunk gives the same text and hash; a byte order mark is passed over', () =>
	inFolder((folder) => {
		const file = join(folder, 'a.txt');
		for (const mark of ['', '\ufeff']) {
			const bytes = Buffer.from(mark + TEXT);
			writeFileSync(file, bytes);
			const sha256 = createHash('sha256').update(bytes).digest('hex');
			for (const chunk of [1, 2, 3, 5, 7, 1000])
				assert.equal(readAll(file, chunk), { text: TEXT, sha256, bytes: bytes.length });
		}
	}));

test('what is not UTF-8 is refused with its line, wherever the chunks end', () =>
	inFolder((folder) => {
		const file = join(folder, 'a.txt');
		const good = Buffer.from(TEXT);
		for (const bad of [[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0x80, 0x80, 0x80]])
			for (const chunk of [4, 5, 6, 64, 1000]) {
				writeFileSync(file, Buffer.concat([good, good, Buffer.from(bad), good]));
				assert.throws(() => readAll(file, chunk), /a\.txt:7: this is not UTF-8 text: save/);
			}
		writeFileSync(file, Buffer.concat([good, Buffer.from([0xe6, 0xbc])]));
		for (const chunk of [1, 4, 1000])
			assert.throws(() => readAll(file, chunk), /a\.txt:4: this is not UTF-8 text/);
	}));

test('files of other programs, folders, devices and nothing are refused by what they are', () =>
	inFolder((folder) => {
		const of = (name: string, bytes: Buffer | string) => {
			writeFileSync(join(folder, name), bytes);
			return join(folder, name);
		};
		mkdirSync(join(folder, 'folder'));
		const cases: readonly (readonly [file: string, says: RegExp])[] = [
			[of('gz', Buffer.from([0x1f, 0x8b, 8, 0])), /compressed with gzip: unpack/],
			[of('xlsx', 'PK\x03\x04...'), /spreadsheet/],
			[of('parquet', 'PAR1....'), /a Parquet file: convert it to CSV/],
			[of('db', 'SQLite format 3\0...'), /a SQLite database/],
			[of('utf16', Buffer.from('\ufeffa,b', 'utf16le')), /UTF-16 text: save it as UTF-8/],
			[of('empty', ''), /is empty: there is nothing to import/],
			[join(folder, 'folder'), /is a folder/],
			[join(folder, 'missing'), /does not exist: check the name/],
			[join(folder, 'db', 'below'), /does not exist: check the name/],
			[devNull, /is a device or a pipe/],
		];
		for (const [file, says] of cases)
			assert.throws(
				() => readAll(file, 64),
				(error: Error) => error instanceof UsageError && says.test(error.message),
				`${file} ${says}`,
			);
	}));

test.run();
